"""Instructions of assistants that stand in files beside the manifest: they become part of it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from wasm_engine.agents.assistant_table import MAX_PROMPT
from wasm_engine.agents.assistants import settings_of
from wasm_engine.agents.manifest import InstructionsFile, Kind, Manifest
from wasm_engine.concepts import json_text, shapes
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.toml_source import KeyPath


def place_of(file: InstructionsFile) -> KeyPath:
    """The key that names a file of instructions."""
    return ("agents", file.kind, "assistant", "instructions-file")


def with_instructions(manifest: Manifest, mistakes: Mistakes) -> Manifest:
    """The manifest with what stands in such files; notes those that cannot be read.

    They are read before anybody could be asked whether they may be, so they lie in the manifest's
    folder: a link that leads out of it is refused.
    """
    files, texts = [], {}
    for file in manifest.instructions:
        if mistakes.at(place_of(file)):
            continue
        try:
            data = _read(manifest, file.path)
            texts[file.kind] = _text(data, file.path)
        except Wrong as wrong:
            mistakes.add(place_of(file), str(wrong))
        else:
            files.append(replace(file, sha256=sha256(data).hexdigest()))
    agents = tuple(
        _told(kind, texts[kind.name]) if kind.name in texts else kind for kind in manifest.agents
    )
    return replace(manifest, agents=agents, instructions=tuple(files))


def _told(kind: Kind, text: str) -> Kind:
    return replace(kind, config=json_text.write({**settings_of(kind), "instructions": text}))


def _read(manifest: Manifest, path: str) -> bytes:
    real = manifest.host_path(path)
    if not real.is_relative_to(Path(manifest.folder)):
        raise Wrong(f"{shown(path)} is not in the manifest's folder")
    try:
        with real.open("rb") as opened:
            data = opened.read(MAX_PROMPT + 1)
    except OSError as error:
        raise Wrong(f"{shown(path)} cannot be read: {error.strerror}") from None
    if len(data) > MAX_PROMPT:
        raise Wrong(f"{shown(path)} is larger than {MAX_PROMPT >> 10} KiB")
    return data


def _text(data: bytes, path: str) -> str:
    """What is in a file, as it would be if it stood in the manifest."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Wrong(f"{shown(path)} is not UTF-8 (line {line})") from None
    try:
        return shapes.Script(MAX_PROMPT).read(text, (), Mistakes())
    except Wrong:
        raise Wrong(f"{shown(path)} is no text: it has a zero byte") from None
