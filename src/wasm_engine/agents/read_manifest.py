"""Reads a manifest, from TOML or from Python values, and reports every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wasm_engine.agents.build_manifest import build
from wasm_engine.agents.consistency import check_host
from wasm_engine.agents.instructions import with_instructions
from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.errors import BadManifest
from wasm_engine.concepts.mistakes import Mistakes, shown
from wasm_engine.concepts.toml_source import NotToml, TomlSource, parse

MAX_MANIFEST_BYTES = 16 << 20


def read_manifest(path: str | Path) -> Manifest:
    """Reads `world.toml`.

    Raises:
        BadManifest: With every mistake, each as `file:line: text`.
    """
    source = _parse(Path(path), str(path))
    mistakes = Mistakes(str(path), source.line)
    return _read(source.data, Path(path).resolve().parent, mistakes)


def from_mapping(data: Mapping[str, Any], folder: str | Path = ".") -> Manifest:
    """Makes a manifest from what TOML would have given: the same keys, in dicts and lists.

    Args:
        data: The tables `world`, `agents`, `mounts`, `messages`, `limits`. Bodies may be bytes.
        folder: What relative paths are relative to, and beyond which the operator's word is needed.

    Raises:
        BadManifest: With every mistake, each with the path of its key.
    """
    try:
        home = Path(folder).resolve()
    except (OSError, RuntimeError, ValueError):
        raise BadManifest([f"{shown(str(folder))} is not a folder"]) from None
    return _read(data, home, Mistakes())


def _parse(path: Path, name: str) -> TomlSource:
    """The TOML in a file, or BadManifest with the one thing that is wrong."""
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            if (path / "world.toml").is_file():
                what = f"is a folder; did you mean {path / 'world.toml'}?"
            raise BadManifest([f"{name}: {what}"])
        with path.open("rb") as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise BadManifest([f"{name}: cannot be read: {reason}"]) from None
    if len(data) > MAX_MANIFEST_BYTES:
        raise BadManifest([f"{name}: is larger than {MAX_MANIFEST_BYTES >> 20} MiB"])
    try:
        # Editors on Windows put a byte order mark at the start, which TOML does not know.
        return parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadManifest([f"{name}:{line}: is not UTF-8"]) from None
    except NotToml as error:
        raise BadManifest([f"{name}:{error.line}: is not TOML: {error}"]) from None


def _read(data: object, folder: Path, mistakes: Mistakes) -> Manifest:
    manifest = build(data, folder, mistakes)
    check_host(manifest, mistakes)
    manifest = with_instructions(manifest, mistakes)
    if mistakes.texts():
        raise BadManifest(mistakes.texts())
    return manifest
