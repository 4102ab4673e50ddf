// The scribe, in JavaScript: see scribe.py, which does the same.
import { ask, context, Fault, log, on, state } from "wasm-agent";

on("document", async (message) => {
  const [route, ...lines] = message.text.split("\n");
  const number = String(Number(state.getText("documents", "0")) + 1);
  state.setText("documents", number);

  let text = lines.join("\n");
  const words = text.split(/\s+/).filter((word) => word).length;
  text += `\n${context.address}: ${words} words, document ${number}`;
  if (route) {
    const [to, ...rest] = route.split(" ");
    text = (await ask(to, "document", `${rest.join(" ")}\n${text}`)).text;
  }
  if (message.request === null) log.info(text);
  return text;
});

on("*", (message) => {
  throw new Fault("unknown-topic", message.topic);
});
