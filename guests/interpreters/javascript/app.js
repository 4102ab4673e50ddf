// What the component exports: loads the agent's file once, and gives it messages.
import "interpreter/globals.js";
import { findSource } from "interpreter/agent-file.js";
import { EXPORTS } from "interpreter/contract.js";
import { answer, given, own } from "interpreter/marshal.js";
import { attempt } from "wasm-agent/activation.js";
import { dispatch, exported } from "wasm-agent/handlers.js";
import { beginMessage, endMessage } from "wasm-agent/messages.js";

const [initialised, handled] = [answer(EXPORTS.init), answer(EXPORTS.handle)];
const received = given(EXPORTS.handle);

const outcome = (fault) => (fault === null ? { ok: true } : { ok: false, value: fault });

export function init() {
  initialised(
    outcome(
      attempt(async () => {
        Object.assign(own, findSource());
        exported(await import(own.name));
      }),
    ),
  );
}

export function handle() {
  const [message] = received();
  const now = beginMessage(message);
  const fault = attempt(() => dispatch(now));
  endMessage();
  handled(outcome(fault));
}
