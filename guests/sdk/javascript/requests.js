// Messages that wait for a reply. Each ends: with a reply, or with a `Fault`.
import { host } from "interpreter/host.js";
import { awaited } from "wasm-agent/loop.js";
import { options } from "wasm-agent/sending.js";
import { Reply, toBody } from "wasm-agent/values.js";

const messaging = host["agent/messaging"];

// Sends a message; a promise of the reply. Several go on at once: `await Promise.all([ask(...), ask(...)])`.
export function ask(to, topic, value, given) {
  const number = messaging.start(to, topic, toBody(value), options(given));
  return awaited(number, (it) => new Reply(messaging.take(it)));
}

// Asks many the same at once; a promise of the replies in the order of the addresses.
export const askAll = (addresses, topic, value, given) =>
  Promise.all(Array.from(addresses, (to) => ask(to, topic, value, given)));
