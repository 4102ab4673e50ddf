"""Reads the papers, and takes the label off what may leave."""

from __future__ import annotations

from pathlib import Path

from wasm_agent import Fault, config, flow, on, send, state


@on("go")
def go(message):
    text = Path("/papers/secret.txt").read_text()
    state["knew"] = flow.labels()
    try:
        flow.declassify(config["label"])
        state["declassified"] = True
    except Fault as fault:
        state["declassified"] = fault.code
    state["knows"] = flow.labels()
    try:
        send("sink", "told", text)
        state["sent"] = "yes"
    except Fault as fault:
        state["sent"] = fault.code
    Path("/papers/secret.txt").read_text()
    state["knows then"] = flow.labels()
