//! Who and when am I, other agents, and the tools that were granted.
use crate::abi::{agents, context, tools, Fault, Tool};
use std::time::Duration;

/// The agent's address.
pub fn address() -> String {
    context::self_address()
}

/// The world's name.
pub fn world() -> String {
    context::world_name()
}

/// The number of the step.
pub fn step() -> u64 {
    context::step()
}

/// World time since the Unix epoch. Each reading within an activation adds a tick.
pub fn now() -> Duration {
    Duration::from_nanos(context::now())
}

/// Deterministic entropy, different for every agent, activation and attempt.
pub fn random() -> u64 {
    context::random()
}

/// The agent's configuration, as JSON; in `init`, the kind's.
pub fn config() -> String {
    context::config()
}

/// A new agent of a kind, `kind/key`; an empty configuration means the kind's own.
pub fn spawn(kind: &str, key: &str, config: &str) -> Result<String, Fault> {
    agents::spawn(kind, key, config)
}

/// Ends an agent.
pub fn stop(agent: &str) -> Result<(), Fault> {
    agents::stop(agent)
}

/// What becomes of an agent arrives as a message on topic `exit`.
pub fn watch(agent: &str) -> Result<(), Fault> {
    agents::watch(agent)
}

/// The tools that this agent was granted.
pub fn available_tools() -> Vec<Tool> {
    tools::available()
}

/// Calls a tool; arguments and result are JSON that fits its schemas.
pub fn call_tool(name: &str, arguments: &str) -> Result<String, Fault> {
    tools::call(name, arguments)
}
