// Asks people: those whose roles the manifest grants. They answer when it suits them.
import { host } from "interpreter/host.js";
import { awaited } from "wasm-agent/loop.js";
import { optionalSpan, toJson } from "wasm-agent/values.js";

const people = host["human/human"];

// A promise of what a person answers: text, one of the choices if there are any.
export function ask(role, question, { choices = [], timeout } = {}) {
  const number = people.startAsk(role, question, { choices: [...choices], timeout: optionalSpan(timeout) });
  return awaited(number, people.takeAnswer);
}

// A promise of what a person decides: `{approved, comment, by}`.
export function approve(role, what, { details = "", timeout } = {}) {
  const text = typeof details === "string" ? details : toJson(details);
  return awaited(people.startApprove(role, what, text, optionalSpan(timeout)), people.takeDecision);
}
