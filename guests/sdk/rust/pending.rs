//! What was started and has an answer of its own: models, people.
use crate::abi::{messaging, Fault};
use crate::request::Request;

/// Something that was started. `wait` for it, or `wait_any` for the first of several and `take` that.
#[derive(Debug)]
pub struct Pending<T> {
    number: u64,
    take: fn(u64) -> Result<T, Fault>,
}

impl<T> Pending<T> {
    #[inline]
    pub(crate) fn new(number: u64, take: fn(u64) -> Result<T, Fault>) -> Self {
        Pending { number, take }
    }

    /// What `wait_any` waits for; its `cancel` cancels it.
    #[inline]
    pub fn request(&self) -> Request {
        Request(self.number)
    }

    /// Waits until it has ended, and takes its answer.
    #[inline]
    pub fn wait(self) -> Result<T, Fault> {
        messaging::wait_any(&[self.number])?;
        self.take()
    }

    /// The answer of one that has ended.
    #[inline]
    pub fn take(self) -> Result<T, Fault> {
        (self.take)(self.number)
    }
}
