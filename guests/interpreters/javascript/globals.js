// What scripts expect to find everywhere: the world's entropy and time beneath the language's own names.
import { beginning } from "wasm-agent/messages.js";
import { host } from "interpreter/host.js";
import { decode, encode } from "interpreter/marshal.js";
import { clearTimer, setTimer } from "wasm-agent/loop.js";
import { log } from "wasm-agent/logs.js";

const context = host["agent/context"];

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

// Math.random: xoshiro128**, seeded at its first use in each message, so that an agent that draws
// nothing is known to the world as one that draws nothing.
let lanes = null;
beginning(() => (lanes = null));

function next() {
  if (lanes === null) {
    const [a, b] = [context.random(), context.random()];
    lanes = Uint32Array.of(Number(a & 0xffffffffn), Number(a >> 32n), Number(b & 0xffffffffn), Number(b >> 32n) | 1);
  }
  const product = Math.imul(lanes[1], 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
  const shifted = lanes[1] << 9;
  lanes[2] ^= lanes[0];
  lanes[3] ^= lanes[1];
  lanes[1] ^= lanes[2];
  lanes[0] ^= lanes[3];
  lanes[2] ^= shifted;
  lanes[3] = (lanes[3] << 11) | (lanes[3] >>> 21);
  return result;
}

Object.defineProperty(Math, "random", {
  value: { random: () => (next() >>> 5) * 2 ** -27 + (next() >>> 6) * 2 ** -53 }.random,
  writable: true,
  configurable: true,
});

// crypto: the world's entropy itself.
const MOST = 65536;
const crypto = {
  getRandomValues(array) {
    if (!ArrayBuffer.isView(array) || array instanceof DataView || array.byteLength > MOST) {
      throw new TypeError(`getRandomValues fills an array of integers of at most ${MOST} bytes`);
    }
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let left = 0n;
    for (let n = 0; n < bytes.length; n++) {
      if (n % 8 === 0) left = context.random();
      bytes[n] = Number(left & 0xffn);
      left >>= 8n;
    }
    return array;
  },
  randomUUID() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const digits = Array.from(bytes, (it) => it.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};
define("crypto", crypto);

class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return encode(String(text).toWellFormed());
  }
}

class TextDecoder {
  #fatal;
  #keepMark;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label)) {
      throw new RangeError(`there is no decoder for ${label}, only for utf-8`);
    }
    this.#fatal = fatal;
    this.#keepMark = ignoreBOM;
  }

  get encoding() {
    return "utf-8";
  }

  decode(data = new Uint8Array(0)) {
    const text = decode(data, this.#fatal);
    return !this.#keepMark && text.startsWith("\ufeff") ? text.slice(1) : text;
  }
}
define("TextEncoder", TextEncoder);
define("TextDecoder", TextDecoder);

define("setTimeout", (work, after = 0, ...values) => setTimer(work, after, values, false));
define("setInterval", (work, after = 0, ...values) => setTimer(work, after, values, true));
define("clearTimeout", clearTimer);
define("clearInterval", clearTimer);

define("console", {
  debug: log.debug,
  log: log.info,
  info: log.info,
  warn: log.warning,
  error: log.error,
  trace: log.debug,
});
