// Finds and reads the agent's file.
import { Fault } from "wasm-agent/faults.js";
import { list, readText } from "wasm-agent/files.js";

const FOLDER = "/agent";

// Its name and its text.
export function findSource() {
  const files = list(FOLDER).filter((name) => name.endsWith(".js"));
  if (files.length !== 1) {
    throw new Fault("no-agent-file", `${FOLDER} holds ${files.length} JavaScript files instead of one`);
  }
  return { name: files[0], source: readText(`${FOLDER}/${files[0]}`) };
}
