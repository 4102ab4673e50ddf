//! Greets whoever is named, and remembers how often.
use wasm_agent::{export, log, state, Agent, Fault, Message, Reply};

struct Greeter;

impl Agent for Greeter {
    fn handle(message: Message) -> Result<Reply, Fault> {
        if message.topic != "greet" {
            return Err(Fault::new("unknown-topic", message.topic));
        }
        let name = message.text()?;

        let visits = state::get_number(name).unwrap_or(0) + 1;
        state::set(name, &visits.to_string())?;

        let greeting = format!("Hello {}, this is visit {}.", name, visits);
        log::info(&greeting);
        Ok(greeting.into())
    }
}

export!(Greeter);
