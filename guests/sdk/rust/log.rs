//! The agent's log.
use crate::abi::{log, Level};

/// For whoever looks for a mistake.
pub fn debug(text: &str) {
    log::write(Level::Debug, text)
}

/// What happens.
pub fn info(text: &str) {
    log::write(Level::Info, text)
}

/// What should not happen.
pub fn warning(text: &str) {
    log::write(Level::Warning, text)
}

/// What must not happen.
pub fn error(text: &str) {
    log::write(Level::Error, text)
}
