// Greets whoever is named, and remembers how often.
import { log, on, state } from "wasm-agent";

on("greet", (message) => {
  const name = message.text;
  const visits = state.get(name, 0) + 1;
  state.set(name, visits);
  const greeting = `Hello ${name}, this is visit ${visits}.`;
  log.info(greeting);
  return greeting;
});
