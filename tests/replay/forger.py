"""A forger: edits a run file and recomputes all that a keyless file can hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from wasm_engine.journal.chain import START, Head, extend

Edit = Callable[[int, bytes], bytes]
"""Given an entry's kind and body, answers the body to put in its place."""


def forge(file: Path, edit: Edit) -> int:
    """Edits a run file's entries and makes the chain consistent again; how many were changed."""
    changed = 0
    with sqlite3.connect(file) as db:
        rows = db.execute("SELECT n, kind, body FROM entry ORDER BY n").fetchall()
        chain = START
        for n, kind, body in rows:
            forged = edit(kind, body)
            changed += forged != body
            chain = extend(chain, kind, forged)
            db.execute("UPDATE entry SET body = ?, chain = ? WHERE n = ?", (forged, chain, n))
        _seal(db, chain)
    db.close()
    return changed


def _seal(db: sqlite3.Connection, chain: bytes) -> None:
    columns = [row[1] for row in db.execute("PRAGMA table_info(head)")]
    row = dict(zip(columns, db.execute("SELECT * FROM head").fetchone(), strict=True))
    head = Head(row["run"], row["entries"], chain, row["contents"], row["catalog"])
    db.execute("UPDATE head SET chain = ?, seal = ?", (chain, head.seal()))
