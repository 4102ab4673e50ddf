"""Answers, or does not."""

from wasm_agent import on, reply_to, state


@on("echo")
def echo(message):
    return message.bytes if message.headers.get("as") == "bytes" else message.text


@on("silent")
def silent(message):
    return None


@on("later")
def later(message):
    state["open"] = message.defer()


@on("now")
def now(message):
    reply_to(state.pop("open"), "at last")
