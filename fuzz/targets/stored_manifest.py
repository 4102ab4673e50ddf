"""Manifests as run files hold them: canonical bytes of three versions."""

from __future__ import annotations

from fuzz.sources import GOLDENS, texts
from wasm_engine.agents.stored_manifest import from_canonical
from wasm_engine.concepts.errors import BadRunFile

FORMS = ("msgpack",)
REFUSES = (BadRunFile,)


def check(data: bytes) -> None:
    """Whether it is one; that it says the same again is looked at by the decoder itself."""
    from_canonical(data)


def seeds() -> list[bytes]:
    """The golden ones."""
    found = texts((GOLDENS / "manifest").glob("*.hex"))
    return [bytes.fromhex(text.decode()) for text in found]
