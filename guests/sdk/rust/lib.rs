//! Write an agent in Rust: handle messages, ask others, remember things.
//!
//! ```ignore
//! use wasm_agent::{export, state, Agent, Fault, Message, Reply};
//!
//! struct Greeter;
//!
//! impl Agent for Greeter {
//!     fn handle(message: Message) -> Result<Reply, Fault> {
//!         let count = state::get_number("count").unwrap_or(0) + 1;
//!         state::set("count", &count.to_string())?;
//!         Ok(format!("Hello {}, you are number {}.", message.sender, count).into())
//!     }
//! }
//!
//! export!(Greeter);
//! ```
//!
//! `wasm-engine component build greeter.rs` makes a component of it. No crates and no WASI: the only
//! imports are the functions that are called. Every message meets the instance as `init` left it, so
//! what is to be remembered goes into `state`. A panic ends the handling of its message; what it says
//! goes to the log.
//!
//! `abi` is the contract as the host sees it, written from the WIT; everything here stands on it. What
//! calls packages beside the contract is `#[inline]`, so that it is compiled into agents that ask for
//! it, and no byte of the others depends on it.
#![allow(clippy::missing_safety_doc)]

#[doc(hidden)]
pub mod abi;
mod body;
mod outgoing;
mod pending;
mod request;
mod surroundings;

pub mod chat;
pub mod embeddings;
pub mod http;
pub mod human;
pub mod log;
pub mod models;
pub mod state;
pub mod swap;

pub use abi::{Body, Fault, Message, Tool};
pub use body::Reply;
pub use outgoing::{cancel, publish, schedule, send, Outgoing};
pub use pending::Pending;
pub use request::{ask, wait_any, Deferred, Request};
pub use surroundings::{
    address, available_tools, call_tool, config, now, random, spawn, step, stop, watch, world,
};

/// What an agent is made of. Name the type in `export!`.
pub trait Agent {
    /// Once per instance, before its first message. Only `config` and `log` answer in it.
    fn init() -> Result<(), Fault> {
        Ok(())
    }

    /// One message. What is answered goes to the sender, if it waits for a reply.
    fn handle(message: Message) -> Result<Reply, Fault>;
}

#[doc(hidden)]
pub struct Exported<T>(core::marker::PhantomData<T>);

impl<T: Agent> abi::Handler for Exported<T> {
    fn init() -> Result<(), Fault> {
        std::panic::set_hook(Box::new(|info| log::error(&info.to_string())));
        T::init()
    }

    fn handle(message: Message) -> Result<(), Fault> {
        let asked = message.request.is_some();
        match T::handle(message)?.into_body() {
            Some(body) if asked => late_is_nobodys_fault(abi::messaging::reply(&body)),
            _ => Ok(()),
        }
    }
}

/// Where nobody waits any more, that is the asker's affair, and no failure of this agent.
fn late_is_nobodys_fault(replied: Result<(), Fault>) -> Result<(), Fault> {
    match replied {
        Err(fault) if fault.code == "request-closed" => {
            log::info("the reply came too late: dropped");
            Ok(())
        }
        other => other,
    }
}

/// Exports a type as the agent of this component.
#[macro_export]
macro_rules! export {
    ($type:ty) => {
        $crate::export_handler!($crate::Exported<$type>);
    };
}

impl Fault {
    /// A failure with a code of one's own: it ends the handling of the message.
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Fault { code: code.into(), detail: detail.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_str() {
            "" => to.write_str(&self.code),
            detail => write!(to, "{}: {}", self.code, detail),
        }
    }
}

impl std::error::Error for Fault {}

impl Message {
    /// The body's text; `bad-text` where it is bytes that are no UTF-8.
    pub fn text(&self) -> Result<&str, Fault> {
        self.body.text()
    }

    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Keeps its request open when `handle` returns, to be answered later.
    pub fn defer(&self) -> Result<Deferred, Fault> {
        abi::messaging::defer().map(Deferred)
    }
}
