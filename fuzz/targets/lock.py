"""`world.lock`: digests of what a world is made of."""

from __future__ import annotations

from fuzz.sources import GOLDENS
from wasm_engine.agents.read_lock import BadLock, read_lock

FORMS = ("text",)
REFUSES = (BadLock,)
WORDS = (
    b"version", b"covers", b"[kinds.a]", b"[mounts.m]", b"[interpreter]", b"sha256", b"entries",
    b'"' + b"0" * 64 + b'"', b'["kinds", "interpreter", "mounts"]',
)  # fmt: skip


def check(data: bytes) -> None:
    """What is read is written and read as the same."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    lock = read_lock(text, "world.lock")
    assert read_lock(lock.text(), "world.lock") == lock
    assert lock.differences(lock) == []


def seeds() -> list[bytes]:
    """The golden one."""
    return [(GOLDENS / "signing/world.lock").read_bytes()]
