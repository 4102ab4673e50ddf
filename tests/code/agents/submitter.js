// Submits source code, `[[source, input, tool], ...]`, and keeps what came of each.
import { Fault, code, on, state } from "wasm-agent";

on("run", (message) => {
  state.set("mine", "private to the submitter");
  state.set("found", message.json().map((row) => submitted(...row)));
});

function submitted(source, input, tool) {
  try {
    const { value, printed } = code.run(source, input, { tool });
    return ["", "", value, printed];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [error.code, error.detail, null, ""];
  }
}
