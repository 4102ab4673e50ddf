// Attacks by a script on its interpreter: none may reach further than its own message.
import { log, on, send, state } from "wasm-agent";

on("endless", () => {
  for (;;);
});
on("microtasks", async () => {
  for (;;) await null;
});
on("catastrophe", () => /^(a+)+$/.test(`${"a".repeat(40)}b`));

on("recursion", () => {
  const deeper = (n) => deeper(n + 1) + 1;
  const getter = { get x() { return this.x; } };
  const mapped = () => [1].map(() => mapped());
  const replaced = () => "x".replace(/x/, replaced);
  function* generated() { yield* generated(); }
  for (const dive of [() => deeper(0), () => getter.x, mapped, replaced, () => generated().next()]) {
    try {
      dive();
    } catch (error) {
      log.info(error.name);
    }
  }
});
on("nested", () => JSON.parse("[".repeat(100_000)));

on("array", () => {
  const all = [];
  for (;;) all.push(new Uint8Array(1 << 20));
});
on("doubling", () => {
  let text = "x";
  for (;;) text += text;
});
on("huge", () => new ArrayBuffer(2 ** 31 - 1));

on("poison", () => {
  const no = () => {
    throw new Error("poisoned");
  };
  Array.prototype[Symbol.iterator] = no;
  Array.prototype.push = no;
  Promise.prototype.then = no;
  JSON.stringify = () => "forged";
  Object.prototype.code = "forged";
  String.prototype.isWellFormed = () => true;
  Date.now = () => 5;
  Math.random = () => 0.5;
  delete globalThis.Promise;
  globalThis.console = null;
});
on("clean", () => {
  log.info([...[1, 2]].length, JSON.stringify({ a: 1 }), Object.prototype.code, typeof Promise);
  log.info(Date.now() > 1e12, Math.random() !== Math.random());
});

// The interpreter's own memory is the agent's to ruin, and nobody else's.
on("memory", () => {
  const seen = [];
  const read = DataView.prototype.getUint32;
  DataView.prototype.getUint32 = function (...given) {
    seen.push(this);
    return read.apply(this, given);
  };
  state.set("key", "value");
  state.get("key");
  log.info("seen", seen.length > 0);
  for (const view of seen) for (let n = 0; n < view.byteLength; n++) view.setUint8(n, 255);
  send("evil", "clean", "half \ud800");
});
on("surrogate", () => state.setText("key", "\udfff"));
on("machine", () => {
  log.info([typeof WebAssembly, typeof Atomics, typeof require, typeof process, typeof __host].join());
  return import("interpreter/marshal.js");
});
