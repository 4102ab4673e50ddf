// What may be sent and kept: text as it is, bytes as they are, anything else as JSON text.
import { decode, encode } from "interpreter/marshal.js";

const NANOSECONDS = 1e6;
const TOO_LONG = 2n ** 64n;

const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

// The bytes of whatever holds some.
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value);
}

export { isBytes };

// A body that arrived: read it as text, as bytes, or as the value of its JSON.
export class Content {
  #body;

  constructor(body) {
    this.#body = body;
  }

  get text() {
    return this.#body.tag === "text" ? this.#body.val : decode(this.#body.val, true);
  }

  get bytes() {
    return this.#body.tag === "text" ? encode(this.#body.val) : this.#body.val;
  }

  json() {
    return JSON.parse(this.text);
  }
}

// What came back for a request: `.text`, `.bytes`, `.json()`.
export class Reply extends Content {}

// The body for a value: text and bytes as they are, the rest as JSON text.
export function toBody(value = "") {
  if (typeof value === "string") return { tag: "text", val: value };
  if (isBytes(value)) return { tag: "bytes", val: bytesOf(value) };
  return { tag: "text", val: toJson(value) };
}

// Compact JSON. Maps are objects; sets, and typed arrays within a value, are arrays.
export function toJson(value) {
  const text = JSON.stringify(value, (_, it) => {
    if (it instanceof Map) return Object.fromEntries(it);
    const isList = it instanceof Set || (ArrayBuffer.isView(it) && !(it instanceof DataView));
    return isList ? [...it] : it;
  });
  if (text === undefined) {
    throw new TypeError(`a value of type ${typeof value} is neither text nor bytes, and JSON does not know it`);
  }
  return text;
}

// A span of world time in nanoseconds, given in milliseconds.
export function span(milliseconds) {
  const count = typeof milliseconds === "number" && Number.isFinite(milliseconds)
    ? BigInt(Math.round(milliseconds * NANOSECONDS))
    : -1n;
  if (count < 0n || count >= TOO_LONG) {
    throw new RangeError(`a span of time is a number of milliseconds, not ${String(milliseconds)}`);
  }
  return count;
}

export const optionalSpan = (milliseconds) =>
  milliseconds === undefined || milliseconds === null ? null : span(milliseconds);

// The number of a request, a timer or the like, as the host wants it.
export function number(value) {
  if (typeof value === "bigint") value = Number(value);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${String(value)} is not a number that the world gave`);
  return BigInt(value);
}

// A whole number of so many bits, as the host wants it, or null.
export function optionalWhole(name, value, bits) {
  if (value === undefined || value === null) return null;
  const whole = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (whole < 0n || whole >= 2n ** BigInt(bits)) {
    throw new RangeError(`${name} is a whole number from 0 to 2**${bits} - 1, not ${String(value)}`);
  }
  return bits > 32 ? whole : Number(whole);
}

export function optionalReal(name, value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number") throw new TypeError(`${name} is a number, not ${String(value)}`);
  return value;
}

// Pairs of text out of an object.
export const pairs = (headers) => Object.entries(headers ?? {}).map(([name, value]) => [name, `${value}`]);
