//! Sending. Nothing leaves before the segment ends well: at the next wait, or the end.
use crate::abi::{messaging, Body, Fault, Options};
use crate::request::Request;
use std::time::Duration;

/// Sends a message.
pub fn send(to: &str, topic: &str, body: impl Into<Body>) -> Result<(), Fault> {
    Outgoing::new(topic, body).send(to)
}

/// Sends to every agent subscribed to the topic, but this one.
pub fn publish(topic: &str, body: impl Into<Body>) -> Result<(), Fault> {
    Outgoing::new(topic, body).publish()
}

/// Sends to oneself after a span of world time; the number cancels it.
pub fn schedule(after: Duration, topic: &str, body: impl Into<Body>) -> Result<u64, Fault> {
    messaging::schedule(nanoseconds(after), topic, &body.into())
}

/// Cancels what was scheduled; whether it had not happened yet.
pub fn cancel(number: u64) -> bool {
    messaging::cancel(number)
}

/// A message with headers or a timeout: `Outgoing::new("topic", "text").header("k", "v").send(to)`.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    topic: &'a str,
    body: Body,
    options: Options,
}

impl<'a> Outgoing<'a> {
    /// A message about a topic.
    pub fn new(topic: &'a str, body: impl Into<Body>) -> Self {
        let options = Options { timeout: None, headers: Vec::new() };
        Outgoing { topic, body: body.into(), options }
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a span of world time after which a request ends with `timeout`.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.options.timeout = Some(nanoseconds(span));
        self
    }

    /// Sends it.
    pub fn send(&self, to: &str) -> Result<(), Fault> {
        messaging::send(to, self.topic, &self.body, &self.options)
    }

    /// Sends it to every subscriber of the topic.
    pub fn publish(&self) -> Result<(), Fault> {
        messaging::publish(self.topic, &self.body, &self.options)
    }

    /// Sends it and waits for the reply. The agent is suspended; the world goes on.
    pub fn ask(&self, to: &str) -> Result<Body, Fault> {
        messaging::ask(to, self.topic, &self.body, &self.options)
    }

    /// Sends it as a request, and goes on: see `Request`.
    pub fn start(&self, to: &str) -> Result<Request, Fault> {
        messaging::start(to, self.topic, &self.body, &self.options).map(Request)
    }
}

pub(crate) fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
