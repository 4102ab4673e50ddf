import { config, log } from "wasm-agent";

export async function handle(message) {
  log.info(message.topic, config().colour ?? "none");
}
