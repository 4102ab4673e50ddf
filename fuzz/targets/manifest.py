"""Manifests: the text of `world.toml`, and what is made of it."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from fuzz.sources import ROOT, texts
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.agents.stored_manifest import canonical, from_canonical
from wasm_engine.concepts.errors import BadManifest

FORMS = ("text",)
REFUSES = (BadManifest,)
WORDS = (
    b"[world]", b"[[messages]]", b"[agents.a]", b"[agents.a.http]", b"[labels.x]", b"[mounts.m]",
    b"source", b"count", b'"5 s"', b'"64 MiB"', b'"https://*.example.com"', b'"spawn:a"', b"grants",
    b'"sha256:' + b"0" * 64 + b'"', b'"secret:x"', b"a.b.c", b"=", b"[", b"]",
)  # fmt: skip

_KEYS = "source|component|path|interpreter|config-file|file|folder|script"
_NAMED = re.compile(rf'\b({_KEYS}) *= *"([^":]+)"')


def check(data: bytes) -> None:
    """What is read comes back from its stored form as the same bytes."""
    path = _folder() / "world.toml"
    path.write_bytes(data)
    stored = canonical(read_manifest(path))
    assert canonical(from_canonical(stored)) == stored


def seeds() -> list[bytes]:
    """The manifests of the tests and the examples."""
    return texts([*ROOT.glob("tests/manifest/*.toml"), *ROOT.glob("examples/**/world.toml")])


@cache
def _folder() -> Path:
    """A folder that has what the seeds name, for whether it is there is looked at as well."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for text in seeds():
        for key, name in _NAMED.findall(text.decode()):
            if ".." not in name and name[0] != "/":
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if key in ("path", "folder"):
                    path.mkdir(exist_ok=True)
                elif not path.is_dir():
                    path.touch()
    return folder
