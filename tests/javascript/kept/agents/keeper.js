// Something that lives in memory, and something that is drawn and told by the world.
import { keyvalue, log, on } from "wasm-agent";

const seen = [];
let made = null;

on("note", async (message) => {
  seen.push(message.text);
  made ??= new Map();
  made.set(message.text, { at: seen.length });
  await null;
  log.info(seen.length, [...made.keys()].join());
});

on("draw", () => log.info(Math.random() === Math.random(), seen.length));

on("keep", () => {
  const bucket = keyvalue.open("shared");
  log.info(bucket.get("k", "nothing"), bucket.increment("n"), bucket.has("k"), [...bucket.keys()]);
  bucket.set("k", { n: seen.length });
  bucket.setMany({ a: Uint8Array.of(255), b: "text" });
  log.info(bucket.getMany(["a", "b", "c"]));
  bucket.change("k", (value) => ({ ...value, changed: true }));
  log.info(bucket.get("k"));
});

on("fail", () => {
  seen.push("lost");
  throw new Error("forgets");
});
