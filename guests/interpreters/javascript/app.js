// What the component exports: loads the agent's file once, and gives it messages; or runs submitted code.
import "interpreter/globals.js";
import { findSource } from "interpreter/agent-file.js";
import { EXPORTS } from "interpreter/contract.js";
import { answer, given, own } from "interpreter/marshal.js";
import { snippet } from "interpreter/snippets.js";
import { attempt, shortened } from "wasm-agent/activation.js";
import { dispatch, exported } from "wasm-agent/handlers.js";
import { beginMessage, endMessage } from "wasm-agent/messages.js";

const [initialised, handled, ran] = [answer(EXPORTS.init), answer(EXPORTS.handle), answer(EXPORTS.run)];
const [received, submitted] = [given(EXPORTS.handle), given(EXPORTS.run)];

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

export function run() {
  const [source, input] = submitted();
  let done = null;
  const fault = attempt(async () => {
    done = await snippet(source, input);
  }, "raised");
  ran(
    fault === null
      ? { ok: true, value: done }
      : { ok: false, value: { code: shortened(fault.code), detail: shortened(fault.detail) } },
  );
}
