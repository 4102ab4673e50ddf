"""Run files that somebody changed, and what is said of them."""

import sqlite3
from contextlib import closing

import pytest

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.runfile import RunFile


def edit(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(*((statement,) if isinstance(statement, str) else statement))


def refused(path) -> str:
    """Why the file is refused, when it is opened or when it is verified."""
    with pytest.raises(BadRunFile) as caught, RunFile.open(path) as run:
        run.verify()
    assert str(caught.value).startswith(f"{path.name}: ")
    assert str(caught.value).isprintable()
    return str(caught.value)
