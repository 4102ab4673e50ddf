"""A forger: edits a run file and recomputes all that a keyless file can hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from wasm_engine.journal import checkpoints, rows
from wasm_engine.journal.blocks import Plain, pack_block, unpack_block
from wasm_engine.journal.chain import NO_CONTENTS, START, Head, extend_by, extend_catalog

Edit = Callable[[int, bytes], bytes]
"""Given an entry's kind and body, answers the body to put in its place."""
EditWhole = Callable[[int, Plain], Plain]
"""Given an entry's number, and its kind, body and detail, answers what to put in its place."""


def forge(file: Path, edit: Edit) -> int:
    """Edits a run file's entries and makes the chain consistent again; how many were changed."""
    return forge_entries(file, lambda _n, entry: (entry[0], edit(*entry[:2]), entry[2]))


def forge_entries(file: Path, edit: EditWhole) -> int:
    """The same, of details too."""
    changed = 0
    with sqlite3.connect(file) as db:
        chain, chains = START, {0: START}
        for block in list(rows.read_blocks(db, file.name)):
            plain = unpack_block(block)
            forged = [edit(n, entry) for n, entry in enumerate(plain, block.first)]
            changed += sum(one != other for one, other in zip(plain, forged, strict=True))
            for n, entry in enumerate(forged, block.first):
                chain = chains[n] = extend_by(chain, [entry])
            row = pack_block(block.first, forged, chain)
            db.execute("REPLACE INTO block VALUES (?, ?, ?, ?, ?)", row)
        for n, _ in db.execute("SELECT n, chain FROM checkpoint").fetchall():
            db.execute("UPDATE checkpoint SET chain = ? WHERE n = ?", (chains[n], n))
        seal(db)
    db.close()
    return changed


def plain_entries(file: Path) -> list[Plain]:
    """Kind, body and detail of every entry of a run file, in order."""
    with sqlite3.connect(file) as db:
        found = [row for block in rows.read_blocks(db, file.name) for row in unpack_block(block)]
    db.close()
    return found


def seal(db: sqlite3.Connection) -> None:
    """Makes the head one of what the other tables hold."""
    (run,) = db.execute("SELECT run FROM head").fetchone()
    catalog, contents = NO_CONTENTS, db.execute("SELECT digest, size FROM content ORDER BY n")
    held = contents.fetchall()
    for digest, size in held:
        catalog = extend_catalog(catalog, digest, size)
    *_, (first, entries, chain) = db.execute("SELECT first, entries, chain FROM block").fetchall()
    marks = checkpoints.read_marks(db, "")
    head = Head(
        run, 0, START, 0, START, first + entries - 1, chain, len(held), catalog, len(marks),
        checkpoints.marks_of(marks),
    )  # fmt: skip
    rows.write_head(db, head)
