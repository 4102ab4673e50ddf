"""A `.py` agent that reads what it can find, and says what it got."""

import os

from wasm_agent import on, state


@on("read")
def read(message):
    try:
        with open(message.text) as file:
            state["got"] = file.read(200)
    except (OSError, UnicodeDecodeError) as error:
        state["got"] = f"{type(error).__name__}: {getattr(error, 'strerror', '')}"


@on("list")
def everything(message):
    found = []
    for folder, _, files in os.walk("/"):
        found += [os.path.join(folder, name) for name in files]
    state["files"] = found
