"""Messages between two small components, journal on, in a real file.

Two `ping.wasm` send a number to and fro, 20,000 messages, one in each step: the most that the
scheduler and the journal ever have to do for a message. CPU time of the whole process, all threads,
from the first step to the last one, divided by the messages; the least of three runs, which is the
one that others on the machine disturbed least.

The floor is a loop that hands each component's message to the other by hand: one call on a fiber,
in which the component calls a host function that keeps the message; and one row as long as a
step's record put into a table of SQLite, 256 of them in a transaction. No mailbox, no order, no
limits, no record of anything.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measuring import PING, folder, pair, world
from wasm_engine.host import signals
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime._wasmtime.component import Import
from wasm_engine.runtime.instance import Finished, Limits
from wasm_engine.runtime.resources import ResourceTable
from wasm_engine.world import load_components

MESSAGES = 20_000
HANDLER = "wasm-engine:agent/handler"
BATCH = 256
ROW = b"x" * 260


def measure() -> list[Figure]:
    floor = min(by_hand(MESSAGES) for _ in range(3))
    resident = min(one_run("resident", MESSAGES) for _ in range(3))
    pristine = min(one_run("message", MESSAGES // 4) for _ in range(3))
    what = "a message between two components, journal on, CPU"
    return [
        Figure(f"{what}: resident", resident, "us", most=30, floor=floor),
        Figure(f"{what}: pristine", pristine, "us", floor=floor),
    ]


def one_run(lifecycle: str, messages: int) -> float:
    """Microseconds for a message."""
    with folder() as home:
        loaded = world(home, pair(lifecycle, messages))
        with loaded.begin(home / "bench.run") as run:
            began = time.process_time()
            run.execution.go(Until())
            return (time.process_time() - began) / messages * 1e6


class Hand:
    """What a component of the floor runs for: it keeps the message that was sent."""

    def __init__(self) -> None:
        self.resources = ResourceTable()
        self.sent: Any = None

    def send(self, _to: str, topic: str, body: Any, _options: Any) -> None:
        """Keeps it."""
        self.sent = (topic, body)


def by_hand(messages: int) -> float:
    """Microseconds for a message of the floor."""
    (component,) = load_components([("ping.wasm", PING.read_bytes())])
    linked = component.link(lambda *_: Import(Hand.send))
    limits = Limits(fuel=10**15, memory=1 << 20, slice=10**14)
    guests = (Hand(), Hand())
    a, b = (linked.instantiate(guest, limits) for guest in guests)  # type: ignore[arg-type]
    with folder() as home, signals.deferred():
        rows = table(home / "floor.db")
        guests[1].sent = ("ping", ("text", str(messages)))
        began = time.process_time()
        for number in range(messages // 2):
            for me, other, guest in ((a, guests[1], guests[0]), (b, guests[0], guests[1])):
                topic, body = other.sent
                message = (number, "ping", topic, body, [], None)
                ended = me.call(HANDLER, "handle", (message,))
                assert isinstance(ended, Finished)
                assert guest.sent is not None
                rows.execute("INSERT INTO entry VALUES (?, ?)", (None, ROW))
            if not number % (BATCH // 2):
                rows.execute("COMMIT")
                rows.execute("BEGIN")
        rows.execute("COMMIT")
        took = time.process_time() - began
        rows.close()
    a.close()
    b.close()
    return took / messages * 1e6


def table(path: Path) -> sqlite3.Connection:
    """A table as the journal has it, with a transaction begun."""
    rows = sqlite3.connect(path, isolation_level=None)
    rows.execute("PRAGMA journal_mode=WAL")
    rows.execute("PRAGMA synchronous=NORMAL")
    rows.execute("CREATE TABLE entry (n INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    rows.execute("BEGIN")
    return rows
