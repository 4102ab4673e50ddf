// Write an agent in JavaScript: handle messages, ask others, remember things.
//
//   import { on, state } from "wasm-agent";
//
//   on("greet", (message) => {
//     state.set("count", state.get("count", 0) + 1);
//     return `Hello ${message.sender}, you are number ${state.get("count")}.`;
//   });
import { host } from "interpreter/host.js";

export * as chat from "wasm-agent/chat.js";
export * as code from "wasm-agent/code.js";
export * as embeddings from "wasm-agent/embeddings.js";
export * as files from "wasm-agent/files.js";
export { Fault } from "wasm-agent/faults.js";
export * as flow from "wasm-agent/flow.js";
export { on } from "wasm-agent/handlers.js";
export { fetch } from "wasm-agent/http.js";
export * as human from "wasm-agent/human.js";
export * as keyvalue from "wasm-agent/keyvalue.js";
export { spawn, stop, watch } from "wasm-agent/kin.js";
export { log } from "wasm-agent/logs.js";
export * as models from "wasm-agent/models.js";
export { ask, askAll } from "wasm-agent/requests.js";
export { cancel, publish, reply, replyTo, schedule, send } from "wasm-agent/sending.js";
export * as sql from "wasm-agent/sql.js";
export { state } from "wasm-agent/state.js";
export * as swap from "wasm-agent/swap.js";
export { config, context, now } from "wasm-agent/surroundings.js";
export { availableTools, callTool } from "wasm-agent/toolbox.js";

// Text that stands for a secret in a request to a server: it goes out as the secret, and nowhere else.
export const secret = host["secrets/secrets"].reference;

// A promise that is kept after a span of world time, in milliseconds.
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
