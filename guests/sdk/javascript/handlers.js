// Which function of the agent takes which message.
import { Fault } from "wasm-agent/faults.js";
import { log } from "wasm-agent/logs.js";
import { context } from "wasm-agent/surroundings.js";

const byTopic = new Map();

// Makes a function the one that handles messages on these topics: `on("order/new", "order/*", work)`.
export function on(...given) {
  const handler = given.pop();
  if (typeof handler !== "function" || given.length === 0 || !given.every((it) => typeof it === "string")) {
    throw new TypeError('write the topics, then the function: on("topic", (message) => ...)');
  }
  for (const topic of given) {
    if (byTopic.has(topic)) throw new TypeError(`two functions for topic '${topic}'`);
    byTopic.set(topic, handler);
  }
}

// Nothing handles anything any more.
export const unhandle = () => byTopic.clear();

// An exported `handle` takes whatever no other function takes.
export function exported(module) {
  const { handle } = module;
  if (handle === undefined) return;
  if (typeof handle !== "function") throw new TypeError("the exported `handle` is not a function");
  on("*", handle);
}

// Gives a message to the function that takes its topic; what that answers is the reply.
export async function dispatch(message) {
  const handler = found(message.topic);
  if (handler === undefined) {
    const known = [...byTopic.keys()].join(", ") || "none";
    throw new Fault("no-handler", `${context.address} handles no topic '${message.topic}' (it handles: ${known})`);
  }
  const result = await handler(message);
  if (result === undefined || result === null || message.request === null) return;
  try {
    message.reply(result);
  } catch (error) {
    if (error?.code !== "request-closed" || message.answered) throw error;
    // Nobody waits any more: that is the asker's affair, and no failure of this agent.
    log.info(`the reply to ${message.sender} (${message.topic}) came too late: dropped`);
  }
}

// The exact topic first, then the longest `prefix/*`, then `*`.
function found(topic) {
  if (byTopic.has(topic)) return byTopic.get(topic);
  for (let end = topic.lastIndexOf("/"); end > 0; end = topic.lastIndexOf("/", end - 1)) {
    const below = byTopic.get(`${topic.slice(0, end)}/*`);
    if (below) return below;
  }
  return byTopic.get("*");
}
