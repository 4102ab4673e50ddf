// Begins requests, lets snippets look for them, and takes them itself then.
import { code, on, sleep, state } from "wasm-agent";

const LOOKS = `
const { host } = await eval("import('interpreter/host.js')");
const found = [];
for (const [take, name] of [["takeAnswer", "human/human"], ["take", "agent/http"], ["waitAny", "agent/messaging"]]) {
  for (let n = 0n; n < 20n; n++) {
    try {
      found.push([take, Number(n), host[name][take](take === "waitAny" ? [n] : n)]);
    } catch (error) {
      if (error.code !== "unknown-request") throw error;
    }
  }
}
for (let n = 0n; n < 20n; n++) host["agent/messaging"].cancelRequest(n);
found`;
const LEAVES = `
const { host } = await eval("import('interpreter/host.js')");
Number(host["agent/http"].start({ method: "GET", url: input, headers: [], body: null, timeout: null }))`;

on("look", async (message) => {
  const { host } = await eval("import('interpreter/host.js')");
  const http = host["agent/http"];
  const number = http.start({ method: "GET", url: message.text, headers: [], body: null, timeout: null });
  const left = code.run(LEAVES, message.text).value;
  await sleep(1000);
  const found = code.run(LOOKS).value;
  state.set("found", [number > 0n, left > 0, found, http.take(number).status]);
});

on("ask", () => {
  const said = code.run("const { human } = await import('wasm-agent'); await human.ask('boss', 'may I?')");
  state.set("found", said.value);
});
