// Running source code that was written just now, say by a model: once, and as safely as anything.
import { own } from "interpreter/marshal.js";
import { Fault, refusal } from "wasm-agent/faults.js";
import { dispatch, exported, on, unhandle } from "wasm-agent/handlers.js";
import { config } from "wasm-agent/surroundings.js";
import { callTool } from "wasm-agent/toolbox.js";
import { toJson } from "wasm-agent/values.js";

const SUBMITTED = "submitted";

// Runs source code once, in memory that nothing ran in before, with no more than is granted; the code
// finds `input` under that name. Answers `{ value, printed }`.
export function run(source, input = null, { tool = "javascript" } = {}) {
  const answer = callTool(`${tool}.run`, { source, input: toJson(input) });
  if (answer.error) throw refusal(answer.error);
  return { value: JSON.parse(answer.ok.value), printed: answer.ok.printed };
}

// Makes an agent of what its configuration holds under `source`: a module that defines handlers. For
// agents that are raised by others, who write their code: kinds whose source is `submitted:javascript`.
export function host() {
  on("*", async (message) => {
    unhandle();
    const { source } = config() ?? {};
    if (typeof source !== "string") throw new Fault("invalid-config", "no text under `source`: an agent's code");
    Object.assign(own, { name: SUBMITTED, source });
    exported(await import(SUBMITTED));
    await dispatch(message);
  });
}
