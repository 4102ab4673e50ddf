import { on, replyTo, state } from "wasm-agent";

on("echo", (message) => (message.headers.as === "bytes" ? message.bytes : message.text));
on("silent", () => {});
on("later", (message) => state.set("open", message.defer()));
on("now", () => {
  if (state.has("open")) replyTo(state.get("open"), "at last");
});
