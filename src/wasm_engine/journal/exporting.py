"""A run as lines of JSON: for other programs, for people, or without what is private."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.chain import entry_digest
from wasm_engine.journal.entries import Entry, Kind
from wasm_engine.journal.json_form import redacted, to_json
from wasm_engine.journal.runfile import RunFile

FORMAT = "wasm-engine export"
VERSION = 1


def export(run: RunFile, *, redact: bool = False) -> Iterator[bytes]:
    """The lines: what the run is, its signatures, contents, checkpoints, entries in their order.

    Args:
        run: A run file, of the newest version.
        redact: Leave out contents, checkpoints and details, and of entries what messages, effects
            and the manifest hold. The chain can be computed from what stays; the run cannot.

    Raises:
        BadRunFile: The file is damaged, or is of an older version.
    """
    if run.version != 2:
        msg = f"a run file of version {run.version} is not exported"
        raise BadRunFile(msg)
    yield _line(_first(run, redact=redact))
    for envelope in run.signatures():
        yield _line({"signature": json.loads(envelope.encode())})
    for digest in run.contents():
        data = run.content(digest)
        yield _line({"content": digest.hex(), "size": len(data), **_held(data, redact=redact)})
    for line in _checkpoints(run, redact=redact):
        yield _line(line)
    for entry in run.entries():
        try:
            told = _line(_entry(entry, redact=redact))
        except RecursionError:
            msg = f"entry {entry.n} holds what is nested deeper than any run has it"
            raise BadRunFile(msg) from None
        yield told


def _first(run: RunFile, *, redact: bool) -> dict[str, Any]:
    left_out = None
    if run.anchor:
        beginning = _beginning(run)
        left_out = {"after": beginning, "to": run.anchor, "chain": run.chain_after(run.anchor)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": run.run_id,
        "redacted": redact,
        "entries": run.count,
        "chain": run.chain,
        "left-out": left_out,
    }


def _beginning(run: RunFile) -> int:
    """The last entry before those that a compacted run has left out."""
    last = 0
    for entry in run.entries():
        if entry.n > run.anchor:
            break
        last = entry.n
    return last


def _checkpoints(run: RunFile, *, redact: bool) -> Iterator[dict[str, Any]]:
    sent: set[bytes] = set(run.contents())
    for row in run.checkpoints():
        for digest in row.parts:
            if digest not in sent:
                sent.add(digest)
                data = run.content(digest)
                yield {"part": digest.hex(), "size": len(data), **_held(data, redact=redact)}
        yield {
            "checkpoint": row.n,
            "step": row.step,
            "chain": row.chain.hex(),
            "digest": row.digest.hex(),
            "size": row.size,
            "parts": [digest.hex() for digest in row.parts],
            **_held(run.checkpoint(row), redact=redact),
        }


def _entry(entry: Entry, *, redact: bool) -> dict[str, Any]:
    n, kind, body, detail = entry
    row: dict[str, Any] = {"n": n, "kind": Kind(kind).name.lower()}
    row["digest"] = entry_digest(kind, body, detail).hex()
    if redact:
        row["body"] = redacted(kind, body)
        if detail is not None:
            row["detail"] = {"sha256": canonical.sha256_hex(detail), "size": len(detail)}
        return row
    row["body"] = to_json(canonical.decode(body))
    if detail is not None:
        row["detail"] = to_json(canonical.decode(detail))
    return row


def _held(data: bytes, *, redact: bool) -> dict[str, str]:
    return {} if redact else {"data": base64.b64encode(data).decode()}


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
