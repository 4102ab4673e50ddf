"""Exports: lines of JSON that were a run."""

from __future__ import annotations

from contextlib import suppress

from fuzz.sources import GOLDENS
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.exporting import export
from wasm_engine.journal.importing import import_run, verify_lines
from wasm_engine.journal.runfile import RunFile

FORMS = ("text",)
REFUSES = (BadRunFile,)
WORDS = (
    b'"n"', b'"kind"', b'"body"', b'"detail"', b'"digest"', b'"content"', b'"part"',
    b'"checkpoint"',
    b'"signature"', b'"redacted"', b'"left-out"', b'"map"', b'"base64"', b'"double"', b'"sha256"',
    b'"header"', b'"step"', b"NaN", b"Infinity", b"-Infinity",
)  # fmt: skip


def check(data: bytes) -> None:
    """What can be imported can be exported, imported and verified as the same run."""
    lines = data.splitlines()
    with suppress(BadRunFile):
        verify_lines(lines)
    with import_run(None, lines) as run:
        told = list(export(run))
        chain = run.chain
    with import_run(None, told) as again:
        assert again.chain == chain
    assert verify_lines(told).chain == chain


def seeds() -> list[bytes]:
    """Golden runs, as they are and redacted, without the largest contents."""
    found = []
    for path in sorted(GOLDENS.glob("*/v2/*.sqlite")):
        with RunFile.open(path) as run:
            for redact in (False, True):
                told = [bytes(line).rstrip(b"\n") for line in export(run, redact=redact)]
                found.append(b"\n".join(told))
    return found
