// Asks language models: those that the manifest grants. It says where they are.
//
//   const answer = await chat.complete("writer", [chat.user("Who wrote Emma?")], { most: 200 });
//   log.info(answer.content);
//
// A conversation is an array of turns; each call gets all of it.
import { host } from "interpreter/host.js";
import { awaited } from "wasm-agent/loop.js";
import { Content, optionalReal, optionalSpan, optionalWhole, toJson } from "wasm-agent/values.js";

const asked = host["inference/chat"];
const ROLES = ["system", "user", "assistant", "tool"];
const CHOICES = ["free", "none", "required"];
const OPTIONS = ["tools", "choice", "schema", "most", "temperature", "topP", "topK", "seed", "stop", "timeout"];

// A function that a model wants to be called: `.id`, `.name`, and `.arguments` as the model wrote them.
class Call {
  constructor({ id, name, arguments: given }) {
    this.id = id;
    this.name = name;
    this.arguments = given;
  }

  // The arguments; a SyntaxError where they are no JSON.
  json() {
    return JSON.parse(this.arguments);
  }
}

// What a model answered: `.content` (`.text` is the same), `.calls`, `.finish`, `.usage`.
class Answer extends Content {
  constructor(received) {
    super({ tag: "text", val: received.content });
    this.content = received.content;
    this.calls = received.calls.map((it) => new Call(it));
    this.finish = received.finish;
    this.usage = { prompt: Number(received.usage.prompt), answer: Number(received.usage.answer) };
  }

  // The answer as a turn of the conversation that goes on.
  turn() {
    return assistant(this.content, this.calls);
  }
}

// A turn that says what the model is to do.
export const system = (content) => ({ role: "system", content });

// A turn of whoever asks.
export const user = (content) => ({ role: "user", content });

// A turn of the model's, such as an earlier answer; see `answer.turn()`.
export const assistant = (content, calls = []) => ({ role: "assistant", content, calls: [...calls] });

// A turn that answers a call: text as it is, anything else as JSON.
export const tool = (id, result) => ({ role: "tool", content: textOf(result), answers: id });

// A function that the model may want to be called; `parameters` is a JSON Schema of its arguments.
export const toolSpec = (name, description, parameters) => ({ name, description, parameters: textOf(parameters) });

// How much a model can take: `{context, most}`, in tokens.
export const describe = (model) => asked.describe(model);

// Asks a model; a promise of its answer. The last turn is what is answered.
export function complete(model, turns, options = {}) {
  const number = asked.start(model, Array.from(turns, turnOf), optionsOf(options));
  return awaited(number, (it) => new Answer(asked.take(it)));
}

const textOf = (value) => (typeof value === "string" ? value : toJson(value));

function turnOf({ role, content = "", calls = [], answers = null }) {
  if (!ROLES.includes(role)) throw new TypeError(`the role of a turn is one of ${ROLES.join(", ")}, not ${String(role)}`);
  return { role, content, calls: Array.from(calls), answers };
}

function optionsOf(given) {
  for (const name of Object.keys(given)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`no option is called ${name}; there are ${OPTIONS.join(", ")}`);
  }
  return {
    tools: Array.from(given.tools ?? [], ({ name, description = "", parameters = {} }) =>
      toolSpec(name, description, parameters)),
    choice: choiceOf(given.choice ?? "free"),
    schema: given.schema === undefined || given.schema === null ? null : textOf(given.schema),
    most: optionalWhole("most", given.most, 32),
    temperature: optionalReal("temperature", given.temperature),
    topP: optionalReal("topP", given.topP),
    topK: optionalWhole("topK", given.topK, 32),
    seed: optionalWhole("seed", given.seed, 64),
    stop: Array.from(given.stop ?? []),
    timeout: optionalSpan(given.timeout),
  };
}

const choiceOf = (choice) => (CHOICES.includes(choice) ? { tag: choice } : { tag: "named", val: choice });
