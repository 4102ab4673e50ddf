// Waits for another while the world goes on; it may be made again meanwhile.
import { ask, log, on, sleep } from "wasm-agent";

on("note", async (message) => {
  const before = Math.random();
  const replies = await Promise.all([ask("answerer", "a", message.text), ask("answerer", "b", "x")]);
  await sleep(5);
  log.info(replies.map((it) => it.text).join(), before.toFixed(3), Date.now() % 1000);
});
