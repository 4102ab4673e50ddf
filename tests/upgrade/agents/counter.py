"""Remembers in its memory alone what it has seen."""

from wasm_agent import log, on, send

seen = []


@on("tick")
def tick(message):
    seen.append(message.text)
    if message.text != "0":
        send("waiter", "echo", str(int(message.text) - 1))
    else:
        log.info(f"seen {' '.join(seen)}")


@on("ask")
def ask(message):
    return " ".join(seen)
