"""Steps of version 1, whose last field names the detail, as steps of version 2."""

from __future__ import annotations

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Kind, StepBody

_FIELDS_1, _FIELDS_2 = b"\x98", b"\x97"
"""How an array of eight values begins, and one of seven."""
_DIGEST, _NIL = b"\xc4\x20", b"\xc0"
"""How 32 bytes begin, and nothing."""


def without_digest(body: bytes, *, named: bool) -> bytes:
    """The bytes of a step in version 2.

    Args:
        body: Those in version 1.
        named: Whether the last field is a digest; else it is nil.
    """
    return _FIELDS_2 + body[1 : -34 if named else -1]


def decode(body: bytes) -> tuple[StepBody, bytes | None]:
    """A step of version 1: all but its last field, and that: the digest of its detail, or None.

    Raises:
        BadRunFile: The bytes are none. Names no entry.
    """
    digest = body[-32:] if body[-34:-32] == _DIGEST else None
    # 32 bytes that end like nil do not end a step; nil after 34 such bytes does: one of both is.
    if digest is not None and body[-1:] == _NIL and not _is_step(body, named=True):
        digest = None
    if body[:1] != _FIELDS_1 or (digest is None and body[-1:] != _NIL):
        raise BadRunFile("its body is not a step of version 1")
    value = entries.decode(Kind.STEP, without_digest(body, named=digest is not None))
    assert isinstance(value, StepBody)
    return value, digest


def _is_step(body: bytes, *, named: bool) -> bool:
    try:
        entries.decode(Kind.STEP, without_digest(body, named=named))
    except BadRunFile:
        return False
    return True
