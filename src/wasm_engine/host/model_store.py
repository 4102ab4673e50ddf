"""The model store: models that are kept on this machine, by their SHA-256.

A folder of ours alone: `DIGEST.onnx` for a model that is one file, a folder `DIGEST` for one that
is several, both read-only; `NAME@DIGEST.json` for each name that stands for one, and `DIGEST.seen`
with how its files looked when they were hashed last.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import nearest
from wasm_engine.concepts.references import Reference
from wasm_engine.host import model_forms
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.locks import sync_folder
from wasm_engine.host.model_copy import copy_parts, remove_tree
from wasm_engine.host.model_files import Progress, digest_at, digest_of, looks_of, parts_of, unheard
from wasm_engine.host.named_contents import NamedContents

VERSION = 1
_NEW = ".new-"
_STORE = NamedContents("models", "record of the model store", VERSION)


class StoredSlot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tensor that a model takes or gives, as `concepts.onnx_file.Slot`."""

    name: str
    element: str
    shape: list[int | str | None] | None
    optional: bool


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the file of a name.

    Attributes:
        version: Of this form.
        origin: Where the model came from.
        licence: What its operator noted about its licence.
        files: Path, size and SHA-256 of each of its files.
        opset: The version of the ops that it is made of.
        portable: Whether it is marked as portable, and was found so.
        inputs: What it takes.
        outputs: What it gives.
    """

    version: int
    origin: str
    licence: str
    files: list[tuple[str, int, str]]
    opset: int
    portable: bool
    inputs: list[StoredSlot]
    outputs: list[StoredSlot]


class StoredModel(msgspec.Struct, frozen=True):
    """A model that is kept.

    Attributes:
        reference: Its name and digest, as manifests name it.
        record: What is known about it.
        folder: Whether it is a folder.
    """

    reference: Reference
    record: Record
    folder: bool

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(size for _, size, _ in self.record.files)


def path_of(reference: Reference) -> Path:
    """Where a kept model is, or would be: its file, or its folder."""
    folder = _STORE.path / reference.digest
    return folder if folder.is_dir() else _STORE.path / f"{reference.digest}.onnx"


def is_kept(reference: Reference) -> bool:
    """Whether such a model is kept, under this name."""
    return _STORE.file_of(reference).is_file() and path_of(reference).exists()


def add(name: str, place: Path, describe: Record, progress: Progress = unheard) -> StoredModel:
    """Keeps a model: copies it, and hashes it as it does. What is kept already stays as it is.

    Args:
        name: What it is called here.
        place: The file, or the folder.
        describe: What is known about it; its files are filled in.
        progress: Told of bytes.

    Raises:
        Misuse: It cannot be read.
        HostFault: It cannot be written.
    """
    parts = parts_of(place)
    folder = place.is_dir()
    with _STORE.writing() as store:
        _sweep()
        made = _STORE.path / f"{_NEW}{os.getpid()}.{os.urandom(4).hex()}"
        try:
            copied = copy_parts(place, parts, made, progress)
            reference = Reference(name, digest_of(copied, folder=folder))
            kept = _STORE.path / (reference.digest if folder else f"{reference.digest}.onnx")
            new = not kept.exists()
            if new:
                made.rename(kept)
                sync_folder(_STORE.path)
        finally:
            if made.exists():
                remove_tree(made)
        record = msgspec.structs.replace(describe, files=[tuple(part) for part in copied])
        store.write(_STORE.file_of(reference).name, msgspec.json.encode(record), durable=True)
        if new:
            _note_seen(store, reference)
    return StoredModel(reference, record, folder)


def listed() -> list[StoredModel]:
    """All that are kept, by name and digest.

    Raises:
        Misuse: The folder is not ours alone, or a record cannot be read.
    """
    return [record_of(reference) for reference in _STORE.references()]


def record_of(reference: Reference) -> StoredModel:
    """What is known of a kept model.

    Raises:
        Misuse: It is not kept, or its record cannot be read.
    """
    if not is_kept(reference):
        raise not_kept(str(reference), [])
    record = _STORE.read(reference, Record)
    return StoredModel(reference, record, path_of(reference).is_dir())


def remove(reference: Reference) -> None:
    """Keeps a model under this name no longer; its files go with the last name.

    Raises:
        Misuse: There is no such model.
        HostFault: It cannot be removed.
    """
    with _STORE.writing():
        if not is_kept(reference):
            raise not_kept(str(reference), [str(it.reference) for it in listed()])
        if not _STORE.has_another_name(reference):
            remove_tree(path_of(reference))
            (_STORE.path / f"{reference.digest}.seen").unlink(missing_ok=True)
            model_forms.drop(reference.digest)
        _STORE.file_of(reference).unlink()


def verify(reference: Reference, progress: Progress = unheard, *, again: bool = False) -> Path:
    """Where a kept model is, whose files are what its digest says.

    They are hashed where they do not look as when they were hashed last: other sizes, inodes or
    times of change, which nobody can set back.

    Args:
        reference: Which one.
        progress: Told of bytes, if they are hashed.
        again: Hash them in any case.

    Raises:
        Misuse: It is not kept, or was changed.
    """
    if not is_kept(reference):
        raise not_kept(str(reference), [])
    place = path_of(reference)
    if not again and _seen(reference) == looks_of(place):
        return place
    found = digest_at(place, progress)
    if found != reference.digest:
        raise Misuse(
            f"{reference}: {place} was changed: its digest is {found}",
            code="changed-model", hint=f"wasm-engine model remove {reference}, and add it again",
        )  # fmt: skip
    with _STORE.writing() as store:
        _note_seen(store, reference)
    return place


def not_kept(text: str, kept: list[str]) -> Misuse:
    """What to say of a model that is not there."""
    near = nearest(text, kept) if kept else ""
    message = f"no model {text} is kept here{near}"
    return Misuse(message, code="no-such-model", hint="wasm-engine model list")


def _sweep() -> None:
    """Removes what a process left behind that was killed while it copied."""
    for left in _STORE.path.glob(f"{_NEW}*"):
        remove_tree(left)


def _seen(reference: Reference) -> Any:
    try:
        return msgspec.json.decode((_STORE.path / f"{reference.digest}.seen").read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def _note_seen(store: PrivateFolder, reference: Reference) -> None:
    store.write(f"{reference.digest}.seen", msgspec.json.encode(looks_of(path_of(reference))))
