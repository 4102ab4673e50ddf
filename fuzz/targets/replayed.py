"""Forged runs: entries somebody made up, under a chain that holds, opened and executed again."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import wasm_engine
from fuzz.sources import GOLDENS
from tests.replay.forger import plain_entries, seal
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import Misuse, Refused, ReplayDivergence
from wasm_engine.journal.blocks import MOST, Plain, pack_block
from wasm_engine.journal.chain import START, extend_by
from wasm_engine.journal.entries import Kind
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy

FORMS = ("msgpack",)
REFUSES = (Misuse, Refused, ReplayDivergence)
MEMORY = 2048
_RUN = GOLDENS / "runs/v2/pingpong.sqlite"
_POLICY = Policy([Forbid("r", ("send",), ("nobody",))], (), {"private": ["agent:a"]})
_CONTROLS: tuple[tuple[str, list[Any]], ...] = (
    ("policy", [_POLICY.plain(), [["a", "ada"]]]),
    ("policy", [_POLICY.plain(), 7]),
    ("policy", [_POLICY.plain(), [["a", []]]]),
    ("take-over", []),
    ("engine", [["wasmtime 50.0.1", 1], ["wasmtime 49.0.0", 1]]),
    ("edit", ["seed", 7]),
    ("edit", ["state", "a", "key", "text"]),
    ("edit", ["component", "a", "x.wasm", bytes(32), None]),
)


def check(data: bytes) -> None:
    """The rows are kind, body and detail of entries; nothing but the chain is made to fit."""
    try:
        rows = [(int(kind), body, detail) for kind, body, detail in canonical.decode(data)]
        plain = [
            (kind, canonical.encode(body), None if detail is None else canonical.encode(detail))
            for kind, body, detail in rows
            if 0 <= kind < 256
        ]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return
    if not 0 < len(plain) <= MOST:
        return
    path = _folder() / "a.run"
    try:
        _write(path, plain)
        wasm_engine.inspect(path)
        wasm_engine.replay(path)
    finally:
        for left in _folder().iterdir():
            left.unlink()


def _write(path: Path, plain: list[Plain]) -> None:
    shutil.copyfile(_RUN, path)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM block")
        row = pack_block(1, plain, extend_by(START, plain))
        db.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?)", row)
        seal(db)
    db.close()


def seeds() -> list[bytes]:
    """A short run, whole and from its beginning."""
    rows = [
        [kind, canonical.decode(body), None if detail is None else canonical.decode(detail)]
        for kind, body, detail in plain_entries(_RUN)
    ]
    found = [rows[:most] for most in (len(rows), len(rows) // 2, 6)]
    last = next(n for n, row in enumerate(rows) if row[0] == Kind.STEP)
    found += [
        [*rows[:last], [Kind.CONTROL, list(it), None], *rows[last : last + 2]] for it in _CONTROLS
    ]
    return [canonical.encode(it) for it in found]


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))
