// Raising and ending other agents, and hearing what became of them.
import { host } from "interpreter/host.js";
import { toJson } from "wasm-agent/values.js";

const agents = host["agent/agents"];

// A new agent of a kind, with the address `kind/key`; answers the address. No config: the kind's own.
export const spawn = (kind, key, config) => agents.spawn(kind, key, config === undefined ? "" : toJson(config));

// Ends an agent: oneself, one that this agent spawned, or one it has the grant to stop.
export const stop = (agent) => agents.stop(agent);

// Asks for a message on topic `exit` when the agent has ended.
export const watch = (agent) => agents.watch(agent);
