"""Was raised by the vault: its configuration is the secret."""

from __future__ import annotations

from wasm_agent import Fault, config, on, send, state


@on("begin")
def begin(message):
    try:
        send("sink", "told", config["code"])
        state["sent"] = "yes"
    except Fault as fault:
        state["sent"] = fault.code
