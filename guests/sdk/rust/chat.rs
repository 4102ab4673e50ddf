//! Language models that this agent was granted (`model:NAME`).
//!
//! ```ignore
//! let mut question = Question::new("clever").system("Be brief.").user(message.text()?);
//! let answer = question.ask()?;
//! question = question.answered(&answer).user("And why?");
//! ```
use crate::abi::beside::inference_chat as abi;
use crate::abi::Fault;
use crate::outgoing::nanoseconds;
use crate::pending::Pending;
use std::time::Duration;

pub use crate::abi::beside::inference_chat::{
    Answer, Call, Choice, Description, Finish, Options, Role, Tool, Turn, Usage,
};

/// Asks for one answer to one text, and waits; what it says.
#[inline]
pub fn ask(model: &str, text: &str) -> Result<String, Fault> {
    Question::new(model).user(text).ask().map(|answer| answer.content)
}

/// How much a model can take.
#[inline]
pub fn describe(model: &str) -> Result<Description, Fault> {
    abi::describe(model)
}

/// A conversation so far, and how it is to be answered.
#[derive(Clone, Debug)]
pub struct Question {
    model: String,
    /// What was said, the oldest first.
    pub turns: Vec<Turn>,
    /// What has no method here may be set in them.
    pub options: Options,
}

impl Question {
    /// A question for a model, without a word yet.
    #[inline]
    pub fn new(model: &str) -> Self {
        let options = Options {
            tools: Vec::new(),
            choice: Choice::Free,
            schema: None,
            most: None,
            temperature: None,
            top_p: None,
            top_k: None,
            seed: None,
            stop: Vec::new(),
            timeout: None,
        };
        Question { model: model.to_owned(), turns: Vec::new(), options }
    }

    #[inline]
    fn turn(mut self, role: Role, content: &str, answers: Option<String>) -> Self {
        self.turns.push(Turn { role, content: content.to_owned(), calls: Vec::new(), answers });
        self
    }

    /// Says what holds for the whole conversation.
    #[inline]
    pub fn system(self, text: &str) -> Self {
        self.turn(Role::System, text, None)
    }

    /// Says what the user says.
    #[inline]
    pub fn user(self, text: &str) -> Self {
        self.turn(Role::User, text, None)
    }

    /// Goes on after an answer, with what it called.
    #[inline]
    pub fn answered(self, answer: &Answer) -> Self {
        let mut next = self.turn(Role::Assistant, &answer.content, None);
        if let Some(last) = next.turns.last_mut() {
            last.calls = answer.calls.clone();
        }
        next
    }

    /// Says what came of a call.
    #[inline]
    pub fn result(self, call: &Call, text: &str) -> Self {
        self.turn(Role::Tool, text, Some(call.id.clone()))
    }

    /// Offers a function; its parameters are JSON Schema.
    #[inline]
    pub fn tool(mut self, name: &str, description: &str, parameters: &str) -> Self {
        self.options.tools.push(Tool {
            name: name.to_owned(),
            description: description.to_owned(),
            parameters: parameters.to_owned(),
        });
        self
    }

    /// Whether and what it has to call.
    #[inline]
    pub fn choice(mut self, choice: Choice) -> Self {
        self.options.choice = choice;
        self
    }

    /// With a JSON Schema that the answer has to fit.
    #[inline]
    pub fn schema(mut self, schema: &str) -> Self {
        self.options.schema = Some(schema.to_owned());
        self
    }

    /// With the most tokens that the answer may have.
    #[inline]
    pub fn most(mut self, tokens: u32) -> Self {
        self.options.most = Some(tokens);
        self
    }

    /// With a temperature; 0 is the likeliest answer.
    #[inline]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.options.temperature = Some(temperature);
        self
    }

    /// With a span of real time until it ends with `timeout`.
    #[inline]
    pub fn timeout(mut self, span: Duration) -> Self {
        self.options.timeout = Some(nanoseconds(span));
        self
    }

    /// Asks, and waits.
    #[inline]
    pub fn ask(&self) -> Result<Answer, Fault> {
        abi::complete(&self.model, &self.turns, &self.options)
    }

    /// Asks, and goes on.
    #[inline]
    pub fn start(&self) -> Result<Pending<Answer>, Fault> {
        let number = abi::start(&self.model, &self.turns, &self.options)?;
        Ok(Pending::new(number, abi::take))
    }
}
