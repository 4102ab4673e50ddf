import { sleep } from "wasm-agent";

export async function handle(message) {
  await sleep(2);
  return `${message.topic}:${message.text}`;
}
