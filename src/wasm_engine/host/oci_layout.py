"""Reads a component out of an OCI image layout: a folder (image-spec v1.1, `image-layout.md`)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.oci import (
    INDEX,
    MOST_JSON,
    Descriptor,
    check,
    chosen,
    layer_of,
    manifests_of,
)

MARK = "oci-layout"
_DEEP = 4
"""Indexes within indexes that are followed."""


def is_layout(folder: Path) -> bool:
    """Whether a folder is a layout."""
    return (folder / MARK).is_file()


def read_layout(folder: Path, tag: str, most: int) -> bytes:
    """The component in a layout, every digest on the way to it verified.

    Args:
        folder: The layout.
        tag: Which one, where it holds several; else empty.
        most: Bytes that it may have.

    Raises:
        Misuse: The folder is no layout, holds no component, or not what its digests say.
    """
    try:
        _check_version(folder)
        return _blob(folder, layer_of(_manifest(folder, tag)), most)
    except Wrong as wrong:
        raise Misuse(f"{folder}: {wrong}", code="bad-oci-layout") from None
    except OSError as error:
        message = f"{folder}: {error.filename}: cannot be read: {error.strerror}"
        raise Misuse(message, code="bad-oci-layout") from None


def _manifest(folder: Path, tag: str) -> bytes:
    index = (folder / "index.json").read_bytes()
    for _ in range(_DEEP):
        found = chosen(manifests_of(index), tag)
        data = _blob(folder, found, MOST_JSON)
        if found.media_type != INDEX:
            return data
        index, tag = data, ""
    raise Wrong(f"more than {_DEEP} indexes within each other")


def _check_version(folder: Path) -> None:
    try:
        said = msgspec.json.decode((folder / MARK).read_bytes(), type=dict[str, str])
    except (msgspec.MsgspecError, RecursionError):
        said = {}
    version = said.get("imageLayoutVersion", "")
    if version.partition(".")[0] != "1":
        raise Wrong(f"a layout of version {shown(version)}; this program reads 1")


def _blob(folder: Path, descriptor: Descriptor, most: int) -> bytes:
    digest = descriptor.sha256
    if not 0 <= descriptor.size <= most:
        raise Wrong(f"sha256:{digest} has {descriptor.size} bytes; {most} at most are read")
    with (folder / "blobs" / "sha256" / digest).open("rb") as file:
        data = file.read(descriptor.size + 1)
    check(data, descriptor)
    return data
