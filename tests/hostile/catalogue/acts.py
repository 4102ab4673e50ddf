"""The ways in which guests are told what to do."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.attack import MIB
from tests.hostile.catalogue.entry import Act
from tests.hostile.catalogue.seen import Reader, ended, kept, trace

BOUNDS = {"fuel": 600_000_000, "work": 200_000_000, "memory": 64 * MIB, "disk": MIB}
PYTHON = {"source": "does.py", **BOUNDS}
"""An agent in Python, and what it may use."""


def script(kind: str, text: str, reads: Reader = trace) -> Act:
    """A scripted agent (guests/testing/scripted) is told a script."""
    return Act(kind, ((("", "script", text),),), reads)


def probe(kind: str, topic: str, body: str = "") -> Act:
    """The hostile agent in C (guests/testing/probe) is told a topic of its."""
    return Act(kind, ((("", topic, body),),), ended)


def asked(kind: str, topic: str, body: str = "", by: str = "victim") -> Act:
    """The same, asked by a bystander, so that there is somebody whom it can flood."""
    order = f"send <self> {topic} {text(body)}"
    return Act(kind, (((by, "script", order),),), lambda seen: "|".join(seen.codes) or "done")


def python(kind: str, code: str, reads: Reader = kept, topic: str = "do") -> Act:
    """An agent in Python (agents/does.py) is told an expression, or statements that make `got`."""
    return Act(kind, ((("", topic, code),),), reads)


def wasm(kind: str, *messages: str) -> Act:
    """A component is sent something; what it does it does whatever it is sent."""
    return Act(kind, tuple((("", "any", it),) for it in messages or ("x",)), ended)


def text(value: str) -> str:
    """An argument of a script."""
    return f"{len(value.encode())}:{value}"


def each(operations: str, *values: str) -> str:
    """A script of the same operations on each of some values; `@` stands for the value."""
    return ";".join(operations.replace("@", text(value)) for value in values)


def deed(does: Callable[[], str]) -> Act:
    """No guest's: somebody who has a file of ours does something to it, and says what came of it."""
    return Act("", (), lambda _: does())
