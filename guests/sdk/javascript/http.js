// Asks servers: those that the manifest grants to the agent, and the operator to the world.
import { host } from "interpreter/host.js";
import { Fault } from "wasm-agent/faults.js";
import { awaited } from "wasm-agent/loop.js";
import { Content, isBytes, optionalSpan, pairs, toBody } from "wasm-agent/values.js";

const asked = host["agent/http"];

// What came with a response, by name, in whatever letters. Several of one name are joined.
export class Headers {
  #all = new Map();

  constructor(given) {
    for (const [name, value] of given) {
      const key = name.toLowerCase();
      this.#all.set(key, [...(this.#all.get(key) ?? []), value]);
    }
  }

  get(name) {
    return this.#all.has(name.toLowerCase()) ? this.getAll(name).join(", ") : null;
  }

  getAll(name) {
    return [...(this.#all.get(name.toLowerCase()) ?? [])];
  }

  has(name) {
    return this.#all.has(name.toLowerCase());
  }

  *[Symbol.iterator]() {
    for (const [name, values] of this.#all) yield [name, values.join(", ")];
  }
}

// What a server answered: `.status`, `.ok`, `.headers`, and `.text`, `.bytes`, `.json()`.
export class Response extends Content {
  constructor(received) {
    super(received.body);
    this.status = received.status;
    this.headers = new Headers(received.headers);
  }

  get ok() {
    return this.status >= 200 && this.status <= 299;
  }

  // Itself, if the status is one of success; else the fault `http-status`.
  expectOk() {
    if (this.ok) return this;
    throw new Fault("http-status", `${this.status}: ${new TextDecoder().decode(this.bytes.slice(0, 200))}`);
  }
}

function contentType(value) {
  if (typeof value === "string") return "text/plain; charset=utf-8";
  return isBytes(value) ? "application/octet-stream" : "application/json";
}

// Asks a server; a promise of its response. A response of whatever status is one.
export function fetch(url, { method = "GET", headers = {}, body = null, timeout } = {}) {
  const given = pairs(headers);
  if (body !== null && !given.some(([name]) => name.toLowerCase() === "content-type")) {
    given.push(["content-type", contentType(body)]);
  }
  const number = asked.start({
    method: `${method}`.toUpperCase(),
    url: `${url}`,
    headers: given,
    body: body === null ? null : toBody(body),
    timeout: optionalSpan(timeout),
  });
  return awaited(number, (it) => new Response(asked.take(it)));
}
