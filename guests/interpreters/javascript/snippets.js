// Source code that somebody submits, run once: input and value are JSON, what it prints is kept.
import { evaluate, own } from "interpreter/marshal.js";
import { Fault } from "wasm-agent/faults.js";
import { shown } from "wasm-agent/logs.js";
import { config } from "wasm-agent/surroundings.js";

const NAME = "snippet";
const SHOWN = 200;
// Characters of what comes out; the tool's configuration may say otherwise.
const CAPS = { value: 1 << 20, printed: 64 << 10 };
// What the code may have replaced by the time that its value is looked at.
const { parse, stringify } = JSON;
const { isFinite } = Number;
const Eventual = Promise;

// Keeps what is printed, up to a bound; what is more is counted.
class Printed {
  #left;
  #lost = 0;
  #kept = "";

  constructor(most) {
    this.#left = most;
  }

  write(text) {
    const kept = text.slice(0, this.#left);
    this.#left -= kept.length;
    this.#lost += text.length - kept.length;
    this.#kept += kept;
  }

  get text() {
    const whole = this.#kept.toWellFormed();
    return this.#lost ? `${whole}\n... ${this.#lost} more characters` : whole;
  }
}

// Runs it; a promise of `{ value, printed }`.
export async function snippet(source, given) {
  const caps = { ...CAPS, ...config()?.caps };
  const printed = new Printed(caps.printed);
  const print = (...values) => printed.write(`${values.map((it) => shown(it)).join(" ")}\n`);
  for (const name of Object.keys(console)) console[name] = print;
  Object.defineProperty(globalThis, "input", { value: read(given), writable: true, configurable: true });
  let { value } = await started(source);
  if (value instanceof Eventual) value = await value;
  const text = json(value, printed);
  if (text.length > caps.value) {
    throw new Fault("too-large", `a value of ${text.length} characters; ${caps.value} are taken`);
  }
  return { value: text, printed: printed.text };
}

function read(text) {
  try {
    return text ? parse(text) : null;
  } catch (error) {
    throw new Fault("invalid-arguments", `input is no JSON: ${error}`);
  }
}

// What does not compile is thrown at once; what it throws is the promise's.
function started(source) {
  Object.assign(own, { name: NAME, source });
  try {
    return evaluate(source, NAME);
  } catch (error) {
    const [, line] = /\bsnippet:(\d+):/.exec(`${error.stack}`) ?? [];
    throw new Fault("syntax-error", line === undefined ? `${error}` : `line ${line}: ${error.message}`);
  }
}

function json(value, printed) {
  try {
    return stringify(value, plain) ?? "null";
  } catch (error) {
    const said = error instanceof TypeError ? error.message : "something was thrown as it was read";
    const last = printed.text.slice(-SHOWN);
    throw new Fault("no-json", `its value is no JSON: ${said}${last ? `; it printed: ${last}` : ""}`);
  }
}

// Maps are objects, sets are arrays. What JSON would leave out, or take for nothing, is refused.
function plain(key, value) {
  const kind = typeof value;
  if (kind === "object") {
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Set ? [...value] : value;
  }
  const lost = kind === "number" ? !isFinite(value) : kind === "bigint" || kind === "function" || kind === "symbol";
  if (lost) throw new TypeError(`${kind === "number" ? value : `a ${kind}`}${key && ` under ${key}`}`);
  return value;
}
