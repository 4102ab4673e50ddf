//! Requests: what one waits for, and what others wait for.
use crate::abi::{messaging, Body, Fault};
use crate::outgoing::Outgoing;

/// Sends and waits for the reply. The agent is suspended; the world goes on.
pub fn ask(to: &str, topic: &str, body: impl Into<Body>) -> Result<Body, Fault> {
    Outgoing::new(topic, body).ask(to)
}

/// A request that was started. Several run at once: start them, then `wait_any`, or `wait` for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request(pub(crate) u64);

impl Request {
    /// Waits until it has ended, and takes its reply.
    pub fn wait(self) -> Result<Body, Fault> {
        messaging::wait_any(&[self.0])?;
        self.take()
    }

    /// The reply of one that has ended. Each can be taken once.
    pub fn take(self) -> Result<Body, Fault> {
        messaging::take(self.0)
    }

    /// Nobody waits for it any more.
    pub fn cancel(self) {
        messaging::cancel_request(self.0)
    }
}

/// Waits until one of them has ended, and says which. Ties go by their order.
pub fn wait_any(requests: &[Request]) -> Result<Request, Fault> {
    let numbers: Vec<u64> = requests.iter().map(|request| request.0).collect();
    messaging::wait_any(&numbers).map(Request)
}

/// A request of somebody else that is answered later. Its number may be kept in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred(pub u64);

impl Deferred {
    /// Answers it.
    pub fn reply(self, body: impl Into<Body>) -> Result<(), Fault> {
        messaging::reply_to(self.0, &body.into())
    }
}
