"""Sends letters, and keeps what it sent."""

from wasm_agent import log, on, state


@on("letter")
def letter(message):
    sent = message.json()
    state[f"letter/{len(state) + 1}"] = sent
    log.info(f"to {sent['to']}: {sent['text']}")
