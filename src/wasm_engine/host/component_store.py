"""The component store: components that are kept on this machine, by their SHA-256.

A folder of ours alone: `DIGEST.wasm` for each content, `NAME@DIGEST.json` for each name that
stands for one, and `DIGEST.wasm.sig` where it came with a signature.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import nearest
from wasm_engine.concepts.references import Reference
from wasm_engine.host.named_contents import NamedContents

VERSION = 1
SIGNATURE = ".sig"
_STORE = NamedContents("components", "entry of the component store", VERSION)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the file of a name."""

    version: int
    origin: str


class Stored(NamedTuple):
    """A component that is kept.

    Attributes:
        reference: Its name and digest, as manifests name it.
        size: Bytes.
        origin: Where it came from: a file, a layout, a registry.
        signed: Whether a signature came with it.
    """

    reference: Reference
    size: int
    origin: str
    signed: bool


def path_of(reference: Reference) -> Path:
    """Where the bytes of a kept component are, or would be."""
    return _STORE.path / f"{reference.digest}.wasm"


def add(name: str, data: bytes, origin: str, signature: bytes | None) -> Stored:
    """Keeps a component. What is kept already stays as it is.

    Args:
        name: What it is called here.
        data: Its bytes.
        origin: Where it came from.
        signature: The envelope that came with it.

    Raises:
        HostFault: It cannot be written.
    """
    reference = Reference(name, hashlib.sha256(data).hexdigest())
    with _STORE.writing() as folder:
        content = path_of(reference).name
        folder.write(content, data, durable=True)
        if signature is not None:
            folder.write(content + SIGNATURE, signature, durable=True)
        entry = msgspec.json.encode(_Entry(VERSION, origin))
        folder.write(_STORE.file_of(reference).name, entry, durable=True)
    return _stored(reference, origin)


def listed() -> list[Stored]:
    """All that are kept, by name and digest.

    Raises:
        Misuse: The folder is not ours alone, or an entry cannot be read.
    """
    found = _STORE.references()
    return [_stored(it, _STORE.read(it, _Entry).origin) for it in found]


def remove(reference: Reference) -> None:
    """Keeps a component under this name no longer; its bytes go with the last name.

    Raises:
        Misuse: There is no such component.
        HostFault: It cannot be removed.
    """
    with _STORE.writing():
        kept = [it.reference for it in listed()]
        if reference not in kept:
            near = nearest(str(reference), [str(it) for it in kept])
            raise Misuse(f"no component {reference} is kept here{near}", code="no-such-component")
        _STORE.file_of(reference).unlink()
        if not _STORE.has_another_name(reference):
            content = path_of(reference)
            content.unlink(missing_ok=True)
            content.with_name(content.name + SIGNATURE).unlink(missing_ok=True)


def is_kept(reference: Reference) -> bool:
    """Whether such a component is kept, under this name."""
    return _STORE.file_of(reference).is_file() and path_of(reference).is_file()


def _stored(reference: Reference, origin: str) -> Stored:
    content = path_of(reference)
    signed = content.with_name(content.name + SIGNATURE).is_file()
    try:
        return Stored(reference, content.stat().st_size, origin, signed)
    except OSError as error:
        message = f"{reference}: {content}: cannot be read: {os.strerror(error.errno or 0)}"
        raise Misuse(message, hint=f"wasm-engine component remove {reference}") from None
