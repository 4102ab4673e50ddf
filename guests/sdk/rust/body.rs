//! What messages carry, and what a handler answers.
use crate::abi::{Body, Fault};

impl Body {
    /// The text, or bytes read as UTF-8; `bad-text` where they are none.
    pub fn text(&self) -> Result<&str, Fault> {
        match self {
            Body::Text(text) => Ok(text),
            Body::Bytes(bytes) => {
                std::str::from_utf8(bytes).map_err(|why| Fault::new("bad-text", why.to_string()))
            }
        }
    }

    /// The bytes, or the text as UTF-8.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Body::Text(text) => text.as_bytes(),
            Body::Bytes(bytes) => bytes,
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body::Text(text.to_owned())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::Text(text)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body::Bytes(bytes)
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body::Bytes(bytes.to_owned())
    }
}

/// What a handler answers: a body, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Reply(Option<Body>);

impl Reply {
    /// No reply. A request ends with `no-reply`, unless it was deferred.
    pub const NONE: Reply = Reply(None);

    pub(crate) fn into_body(self) -> Option<Body> {
        self.0
    }
}

impl<T: Into<Body>> From<T> for Reply {
    fn from(body: T) -> Self {
        Reply(Some(body.into()))
    }
}

impl From<()> for Reply {
    fn from((): ()) -> Self {
        Reply::NONE
    }
}
