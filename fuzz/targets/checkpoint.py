"""Checkpoints: a world as bytes, put in place and executed; labels, the policy, swaps among it."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Any

from fuzz.sources import ROOT
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile, Misuse, ReplayDivergence
from wasm_engine.orchestrator import snapshot
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy
from wasm_engine.world import World

FORMS = ("msgpack",)
REFUSES = (Misuse, ReplayDivergence, snapshot.NotNow)
MEMORY = 2048
_NEXT = ROOT / "guests/testing/tokenizer-next/tokenizer-next.wasm"
_SCRIPTED = {"source": "scripted/scripted.wasm", "fuel": 2_000_000}


@cache
def _world() -> World:
    tables = {
        "limits": {"step-fuel": 4_000_000},
        "agents": {
            "asker": _SCRIPTED,
            "living": {**_SCRIPTED, "lifecycle": "resident"},
            "slow": _SCRIPTED,
        },
        "labels": {"private": {"sources": ["agent:asker"]}},
        "messages": [
            {"to": "living", "topic": "script", "body": "touch; ask slow script 5:defer"},
            {"to": "asker", "topic": "script", "body": "ask slow script 5:defer"},
            {"to": "asker", "topic": "script", "body": "touch"},
        ],
    }
    return World.from_mapping(tables, ROOT / "guests/testing")


@cache
def _told() -> tuple[list[bytes], dict[bytes, bytes]]:
    """Worlds at several moments, and the memory of their agents."""
    parts: dict[bytes, bytes] = {}

    def keep(part: Any) -> bytes:
        parts[part.digest] = part.data()
        return bytes(part.digest)

    found = []
    with _world().begin() as run:
        scheduler = run.execution.scheduler
        scheduler.world.remembers = True
        for steps in range(1, 4):
            run.execution.go(Until(max_steps=steps))
            found.append(snapshot.encode(scheduler, keep))
        rule = Forbid("r", ("http",), (), ("living",), ("private",))
        scheduler.world.guarded().enforce(Policy([rule]), {"asker": "ada"}, 3)
        found.append(snapshot.encode(scheduler, keep))
        run.swap("asker", _NEXT)
        found.append(snapshot.encode(scheduler, keep))
    return found, parts


def check(data: bytes) -> None:
    """A world that is put in place is told as one again, and goes on for two steps."""
    try:
        plain = canonical.decode(data)
    except (ValueError, RecursionError):  # told by `world/marks.py`, which reads it
        return
    with contextlib.suppress(BadRunFile):
        snapshot.out_in(plain)
    with _world().begin() as run:
        scheduler = run.execution.scheduler
        if b"swaps" in data:
            run.swap("asker", _NEXT)
        snapshot.decode(plain, scheduler, run.kinds.program, _told()[1].__getitem__)
        scheduler.world.remembers = True
        snapshot.encode(scheduler, lambda part: part.digest)
        run.execution.go(Until(max_steps=2))


def seeds() -> list[bytes]:
    """Worlds in the middle of much."""
    return _told()[0]
