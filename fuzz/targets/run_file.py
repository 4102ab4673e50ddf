"""Run files as files: bytes of SQLite, in both versions of the format, and what is in rows."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from fuzz.sources import GOLDENS, texts
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.exporting import export
from wasm_engine.journal.runfile import RunFile

REFUSES = (BadRunFile,)


def check(data: bytes) -> None:
    """Opened, looked through without a check as `inspect` does it, and verified."""
    path = _folder() / "a.run"
    path.write_bytes(data)
    try:
        with RunFile.open(path) as run:
            _look(run)
            run.verify()
            for _ in export(run, redact=True):
                pass
    finally:
        for left in _folder().iterdir():
            left.unlink()


def _look(run: RunFile) -> None:
    try:
        for entry in run.entries():
            entries.decode(entry.kind, entry.body)
        for digest in run.contents():
            run.content(digest)
        for mark in run.checkpoints():
            run.checkpoint(mark)
        run.signatures()
        run.sizes()
    except BadRunFile:
        return  # and what verifying says of it


def seeds() -> list[bytes]:
    """The golden files, as long as they are short."""
    return texts(GOLDENS.glob("*/v[12]/*.sqlite"))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))
