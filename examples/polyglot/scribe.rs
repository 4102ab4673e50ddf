//! The scribe, in Rust: see scribe.py, which does the same.
use wasm_agent::{address, ask, export, log, state, Agent, Fault, Message, Reply};

struct Scribe;

/// What stands before the first such character, and what after it.
fn split(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

impl Agent for Scribe {
    fn handle(message: Message) -> Result<Reply, Fault> {
        if message.topic != "document" {
            return Err(Fault::new("unknown-topic", message.topic));
        }
        let (route, text) = split(message.text()?, '\n');

        let number = state::get_number("documents").unwrap_or(0) + 1;
        state::set("documents", &number.to_string())?;

        let words = text.split_ascii_whitespace().count();
        let mut text = format!("{}\n{}: {} words, document {}", text, address(), words, number);
        if !route.is_empty() {
            let (to, rest) = split(route, ' ');
            text = ask(to, "document", format!("{}\n{}", rest, text))?.text()?.to_owned();
        }
        if message.request.is_none() {
            log::info(&text);
        }
        Ok(text.into())
    }
}

export!(Scribe);
