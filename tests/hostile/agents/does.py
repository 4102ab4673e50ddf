"""Does what it is told, in Python, and keeps what it got: an exception is an answer, too."""

from __future__ import annotations

import wasm_agent
from wasm_agent import Fault, on, state

KEPT = {}
"""What stays in memory, where that stays."""


@on("do", "later", "exit", "vault", "shed", "sink-news")
def do(message):
    order = state["on-exit"] if message.topic == "exit" else message.text
    space = {**vars(wasm_agent), "message": message, "KEPT": KEPT}
    try:
        try:
            code = compile(order, "<order>", "eval")
        except SyntaxError:
            exec(order, space)
            got = space.get("got", "done")
        else:
            got = eval(code, space)
    except Fault as fault:
        got = fault.code
    except (Exception, MemoryError, RecursionError) as error:
        got = type(error).__name__
    state["got"] = str(got)[:2000]
    return str(got)[:2000]
