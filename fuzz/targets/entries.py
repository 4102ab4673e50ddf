"""Entries of a run: the body of each kind, a step's detail, what an export makes of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from fuzz.sources import GOLDENS
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.journal.json_form import from_json, redacted, to_json
from wasm_engine.journal.packing import digests_in
from wasm_engine.journal.runfile import RunFile

FORMS = ("msgpack",)
REFUSES = (BadRunFile,)
_DETAIL = 7
"""After the kinds of entries."""


def check(data: bytes) -> None:
    """The first element says of which kind the second is."""
    try:
        kind, *values = canonical.decode(data)
        bodies = [canonical.encode(value) for value in values]
    except (ValueError, TypeError, RecursionError):  # no input of ours
        kind, bodies = (data[0] if data else 0) % 8, [data[1:]]
    if not isinstance(kind, int):
        return
    if kind == _DETAIL:
        for body in bodies:
            entries.decode_detail(body, 1)
        for one, other in itertools.pairwise(bodies):
            entries.same_detail(one, other)
        return
    for body in bodies:
        _body(kind, body)


def _body(kind: int, body: bytes) -> None:
    if kind == entries.Kind.STEP:
        entries.step_of(body)
    value = entries.decode(kind, body)
    assert entries.encode(value) == (kind, body)
    plain = canonical.decode(body)
    with suppress(RecursionError):  # told by `journal/exporting.py`, which uses these
        assert canonical.encode(from_json(to_json(plain))) == body
        redacted(kind, body)
    list(digests_in(body))
    if isinstance(value, StepBody):
        entries.step_of(body)


def seeds() -> list[bytes]:
    """Those of the golden runs."""
    found: dict[bytes, None] = {}
    for path in sorted(GOLDENS.glob("*/v2/*.sqlite")):
        for kind, body, detail in _plain(path):
            found[canonical.encode([kind, canonical.decode(body)])] = None
            if detail is not None:
                told = canonical.decode(detail)
                found[canonical.encode([_DETAIL, told, told[:2]])] = None
    return list(found)


def _plain(path: Path) -> Sequence[tuple[int, bytes, bytes | None]]:
    with RunFile.open(path) as run:
        return [(int(entry.kind), entry.body, entry.detail) for entry in run.entries()]
