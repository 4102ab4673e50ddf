//! People whom this agent may ask (`human:ROLE`). They answer when it suits, over any number of restarts.
use crate::abi::beside::human_human as abi;
use crate::abi::Fault;
use crate::outgoing::nanoseconds;
use crate::pending::Pending;
use std::time::Duration;

pub use crate::abi::beside::human_human::Decision;

/// Asks, and waits for the answer in words.
#[inline]
pub fn ask(role: &str, question: &str) -> Result<String, Fault> {
    Question::new(role, question).ask()
}

/// Lays something before a person, and waits for the decision; `what` is one line.
#[inline]
pub fn approve(role: &str, what: &str, details: &str) -> Result<Decision, Fault> {
    Approval::new(role, what, details).ask()
}

/// A question with choices or a timeout: `Question::new("owner", "Which?").choices(&["a", "b"]).ask()`.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    role: &'a str,
    question: &'a str,
    options: abi::Options,
}

impl<'a> Question<'a> {
    /// A question to whoever has the role.
    #[inline]
    pub fn new(role: &'a str, question: &'a str) -> Self {
        let options = abi::Options { choices: Vec::new(), timeout: None };
        Question { role, question, options }
    }

    /// With all that may be answered.
    #[inline]
    pub fn choices(mut self, choices: &[&str]) -> Self {
        self.options.choices = choices.iter().map(|&it| it.to_owned()).collect();
        self
    }

    /// With a span of world time after which it is withdrawn, and ends with `timeout`.
    #[inline]
    pub fn timeout(mut self, span: Duration) -> Self {
        self.options.timeout = Some(nanoseconds(span));
        self
    }

    /// Asks, and waits.
    #[inline]
    pub fn ask(&self) -> Result<String, Fault> {
        abi::ask(self.role, self.question, &self.options)
    }

    /// Asks, and goes on.
    #[inline]
    pub fn start(&self) -> Result<Pending<String>, Fault> {
        let number = abi::start_ask(self.role, self.question, &self.options)?;
        Ok(Pending::new(number, abi::take_answer))
    }
}

/// What is to be approved, with a timeout or without waiting.
#[derive(Clone, Debug)]
pub struct Approval<'a> {
    role: &'a str,
    what: &'a str,
    details: &'a str,
    timeout: Option<u64>,
}

impl<'a> Approval<'a> {
    /// For whoever has the role.
    #[inline]
    pub fn new(role: &'a str, what: &'a str, details: &'a str) -> Self {
        Approval { role, what, details, timeout: None }
    }

    /// With a span of world time after which it is withdrawn, and ends with `timeout`.
    #[inline]
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = Some(nanoseconds(span));
        self
    }

    /// Lays it before them, and waits.
    #[inline]
    pub fn ask(&self) -> Result<Decision, Fault> {
        abi::approve(self.role, self.what, self.details, &self.timeout)
    }

    /// Lays it before them, and goes on.
    #[inline]
    pub fn start(&self) -> Result<Pending<Decision>, Fault> {
        let number = abi::start_approve(self.role, self.what, self.details, &self.timeout)?;
        Ok(Pending::new(number, abi::take_decision))
    }
}
