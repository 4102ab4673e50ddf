// Submits snippets, and raises agents whose code it writes.
import { Fault, ask, code, flow, on, spawn, state } from "wasm-agent";

const told = (error) => {
  if (!(error instanceof Fault)) throw error;
  return `${error.code}: ${error.detail}`;
};

// Runs snippets one after another: `[source, ...]`; keeps the value or the fault of each.
on("run", (message) => {
  const found = [];
  for (const source of message.json()) {
    try {
      found.push(code.run(source).value);
    } catch (error) {
      found.push(told(error));
    }
  }
  state.set("found", found);
  state.set("labels", flow.labels());
});

// Raises agents: `[kind, key, config, topics]`; keeps what each said to each.
on("raise", async (message) => {
  for (const [kind, key, config, topics] of message.json()) {
    const address = spawn(kind, key, config);
    const said = [];
    for (const topic of topics) said.push(await ask(address, topic, "x").then((it) => it.json(), (error) => error.code));
    state.set(address, said);
  }
});
