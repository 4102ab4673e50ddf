// Submits source code, and keeps what came of it.
import { Fault, code, on, state } from "wasm-agent";

on("run", (message) => {
  state.set("mine", "private to the submitter");
  state.set("found", message.json().map(([source, input]) => submitted(source, input)));
});

function submitted(source, input) {
  try {
    const { value, printed } = code.run(source, input);
    return ["", "", value, printed];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [error.code, error.detail, null, ""];
  }
}
