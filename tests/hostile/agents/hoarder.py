"""Keeps everything that it ever got, in all the ways there are."""

import os
import random

from wasm_agent import on, send, state

HEARD = []
FILES = {}


@on("hoard")
def hoard(message):
    HEARD.append(message.text)
    with open(f"/{len(HEARD)}", "w") as file:
        file.write(message.text)
    FILES[len(HEARD)] = open(f"/{len(HEARD)}")  # noqa: SIM115 (it stays open)
    FILES[len(HEARD)].read(len(HEARD) % 3)
    if len(HEARD) % 4 == 0:
        FILES.pop(len(HEARD) - 2).close()
    print(f"heard {message.text}", end="" if len(HEARD) % 2 else "\n")
    HEARD.append(bytes(50_000 * len(HEARD)))
    if len(HEARD) < 24:
        send("hoarder", "hoard", f"{message.text}{random.randrange(10)}")
    state["seen"] = repr(
        [[it[:9] for it in HEARD], {name: file.tell() for name, file in FILES.items()}]
    )
    state["files"] = repr([sorted(os.listdir("/")), id(HEARD), id(object())])
