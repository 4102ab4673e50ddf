"""Remembers in memory what it was told, and has it counted."""

from wasm_agent import ask, context, log, on, state

LINES = []


@on("line")
def line(message):
    LINES.append(message.text)
    asked = ask("clerk", "script", f"incr lines;reply {len(LINES)}")
    state["lines"] = {"said": len(LINES), "counted": asked.text, "last": LINES[-1]}
    log.info(f"{len(LINES)} lines at step {context.step}")
    return len(LINES)
