import { ask, config, log, on } from "wasm-agent";

on("open", async () => {
  for (const visitor of config().visitors) {
    const greeting = await ask("greeter", "greet", visitor, { timeout: 60_000 });
    log.info(greeting.text);
  }
});
