import { on, state } from "wasm-agent";

on("greet", (message) => {
  const visits = state.get(message.text, 0) + 1;
  state.set(message.text, visits);
  return visits === 1 ? `Hello, ${message.text}!` : `Welcome back, ${message.text}. This is visit ${visits}.`;
});
