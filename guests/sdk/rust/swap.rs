//! Swapping what a kind of agent runs, where the manifest grants `swap:KIND`.
use crate::abi::beside::swap_swap as abi;
use crate::abi::Fault;

pub use crate::abi::beside::swap_swap::Standing;

/// From the next step on agents of a kind run an alternative, or `source`; how many go over at once.
/// What ran before comes back by itself if a message fails before `keep_old` went well; 0 for no
/// trial, `None` for three.
#[inline]
pub fn to(kind: &str, name: &str, keep_old: Option<u32>) -> Result<u32, Fault> {
    abi::swap(kind, name, &keep_old)
}

/// What agents of a kind run.
#[inline]
pub fn running(kind: &str) -> Result<Standing, Fault> {
    abi::running(kind)
}
