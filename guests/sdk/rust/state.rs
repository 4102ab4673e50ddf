//! The agent's own durable memory. What was written is committed when the segment ends well.
use crate::abi::{self, Fault};

/// The text of a key; `None` where there is none, or where it holds bytes.
pub fn get(key: &str) -> Option<String> {
    abi::state::get(key)
}

/// The number of a key that holds one as text.
pub fn get_number(key: &str) -> Option<u64> {
    get(key)?.parse().ok()
}

/// The bytes of a key, or its text as UTF-8.
pub fn get_bytes(key: &str) -> Option<Vec<u8>> {
    abi::state::get_bytes(key)
}

/// Keeps text.
pub fn set(key: &str, value: &str) -> Result<(), Fault> {
    abi::state::set(key, value)
}

/// Keeps bytes.
pub fn set_bytes(key: &str, value: &[u8]) -> Result<(), Fault> {
    abi::state::set_bytes(key, value)
}

/// Forgets a key.
pub fn delete(key: &str) {
    abi::state::delete(key)
}

/// The keys that begin with a prefix, in the order of their UTF-8 bytes.
pub fn keys(prefix: &str) -> Vec<String> {
    abi::state::keys(prefix)
}
