//! Servers that this agent was granted to ask.
use crate::abi::{self, Body, Fault};
use crate::outgoing::nanoseconds;
use std::time::Duration;

pub use crate::abi::Response;

/// A request to a server: `http::Request::new("GET", "https://example.org/").fetch()?`.
#[derive(Clone, Debug)]
pub struct Request(abi::Request);

impl Request {
    /// A request with a method and an absolute URL.
    pub fn new(method: &str, url: &str) -> Self {
        Request(abi::Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            timeout: None,
        })
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.0.body = Some(body.into());
        self
    }

    /// With a span of real time until it ends with `timeout`.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.0.timeout = Some(nanoseconds(span));
        self
    }

    /// Asks and waits. A response of whatever status is a response.
    pub fn fetch(&self) -> Result<Response, Fault> {
        abi::http::fetch(&self.0)
    }

    /// Asks and goes on: `wait_any` waits for it, together with other requests.
    pub fn start(&self) -> Result<Pending, Fault> {
        abi::http::start(&self.0).map(Pending)
    }
}

/// A request to a server that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending(u64);

impl Pending {
    /// What `wait_any` waits for; its `cancel` cancels it.
    pub fn request(self) -> crate::request::Request {
        crate::request::Request(self.0)
    }

    /// Waits until it has ended, and takes its response.
    pub fn wait(self) -> Result<Response, Fault> {
        abi::messaging::wait_any(&[self.0])?;
        self.take()
    }

    /// The response of one that has ended. Each can be taken once.
    pub fn take(self) -> Result<Response, Fault> {
        abi::http::take(self.0)
    }
}
