// The agent's durable state: text keys and values, kept by the world.
import { host } from "interpreter/host.js";
import { bytesOf, isBytes, toJson } from "wasm-agent/values.js";

const kept = host["agent/state"];

// What the agent remembers from message to message. A value read is a copy: set it again to change it.
export const state = {
  // Anything that JSON knows, or bytes; `otherwise` where there is nothing.
  get(key, otherwise = undefined) {
    const text = kept.get(key);
    if (text !== null) return JSON.parse(text);
    return kept.getBytes(key) ?? otherwise;
  },

  set(key, value) {
    if (isBytes(value)) kept.setBytes(key, bytesOf(value));
    else kept.set(key, toJson(value));
  },

  // Text first: bytes are the dearer of the two to bring over.
  has: (key) => kept.get(key) !== null || kept.getBytes(key) !== null,

  delete: (key) => kept.delete(key),

  // The keys that begin with the prefix, in the order of their UTF-8 bytes.
  keys: (prefix = "") => kept.keys(prefix),

  // The text as it is kept: what `setText` wrote, or the JSON of a value.
  getText: (key, otherwise = undefined) => kept.get(key) ?? otherwise,

  setText: (key, text) => kept.set(key, text),

  clear() {
    for (const key of kept.keys("")) kept.delete(key);
  },
};
