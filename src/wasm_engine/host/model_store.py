"""The model store: models that are kept on this machine, by their SHA-256.

A folder of ours alone: `DIGEST.onnx` for a model that is one file, a folder `DIGEST` for one that
is several, both read-only; `NAME@DIGEST.json` for each name that stands for one, and `DIGEST.seen`
with how its files looked when they were hashed last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.mistakes import nearest
from wasm_engine.concepts.references import Reference
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.locks import sync_folder
from wasm_engine.host.model_copy import copy_parts, remove_tree
from wasm_engine.host.model_files import Progress, digest_at, digest_of, parts_of, unheard
from wasm_engine.host.staging import turn

VERSION = 1
_NEW = ".new-"


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
    folder = _folder() / reference.digest
    return folder if folder.is_dir() else _folder() / f"{reference.digest}.onnx"


def is_kept(reference: Reference) -> bool:
    """Whether such a model is kept, under this name."""
    return (_folder() / _record_name(reference)).is_file() and path_of(reference).exists()


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
    with _writing() as store:
        _sweep()
        made = _folder() / f"{_NEW}{os.getpid()}.{os.urandom(4).hex()}"
        try:
            copied = copy_parts(place, parts, made, progress)
            reference = Reference(name, digest_of(copied, folder=folder))
            kept = _folder() / (reference.digest if folder else f"{reference.digest}.onnx")
            new = not kept.exists()
            if new:
                made.rename(kept)
                sync_folder(_folder())
        finally:
            if made.exists():
                remove_tree(made)
        record = msgspec.structs.replace(describe, files=[tuple(part) for part in copied])
        store.write(_record_name(reference), msgspec.json.encode(record), durable=True)
        if new:
            _note_seen(store, reference)
    return StoredModel(reference, record, folder)


def listed() -> list[StoredModel]:
    """All that are kept, by name and digest.

    Raises:
        Misuse: The folder is not ours alone, or a record cannot be read.
    """
    if not _folder().is_dir():
        return []
    return [record_of(reference) for reference in _references()]


def record_of(reference: Reference) -> StoredModel:
    """What is known of a kept model.

    Raises:
        Misuse: It is not kept, or its record cannot be read.
    """
    path = _folder() / _record_name(reference)
    if not is_kept(reference):
        raise not_kept(str(reference), [])
    try:
        raw: Any = msgspec.json.decode(path.read_bytes())
        version = raw.get("version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version > VERSION:
            message = f"{path}: of version {version}; this program reads {VERSION}"
            raise Misuse(message, hint="use the program that wrote it")
        record = msgspec.convert(raw, Record)
    except (OSError, msgspec.MsgspecError):
        raise Misuse(f"{path}: is no record of the model store", hint="remove it") from None
    return StoredModel(reference, record, path_of(reference).is_dir())


def remove(reference: Reference) -> None:
    """Keeps a model under this name no longer; its files go with the last name.

    Raises:
        Misuse: There is no such model.
        HostFault: It cannot be removed.
    """
    with _writing():
        if not is_kept(reference):
            raise not_kept(str(reference), [str(it.reference) for it in listed()])
        others = [it for it in _references() if it != reference and it.digest == reference.digest]
        if not others:
            remove_tree(path_of(reference))
            (_folder() / f"{reference.digest}.seen").unlink(missing_ok=True)
        (_folder() / _record_name(reference)).unlink()


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
    if not again and _seen(reference) == _looks(place):
        return place
    found = digest_at(place, progress)
    if found != reference.digest:
        raise Misuse(
            f"{reference}: {place} was changed: its digest is {found}",
            code="changed-model", hint=f"wasm-engine model remove {reference}, and add it again",
        )  # fmt: skip
    with _writing() as store:
        _note_seen(store, reference)
    return place


def not_kept(text: str, kept: list[str]) -> Misuse:
    """What to say of a model that is not there."""
    near = nearest(text, kept) if kept else ""
    message = f"no model {text} is kept here{near}"
    return Misuse(message, code="no-such-model", hint="wasm-engine model list")


def _folder() -> Path:
    return places.data_folder() / "models"


@contextmanager
def _writing() -> Iterator[PrivateFolder]:
    """One process at a time writes; readers see what is whole."""
    try:
        folder = PrivateFolder(_folder())
        with turn(_folder() / ".lock", lambda: None):
            yield folder
    except OSError as error:
        raise HostFault(f"{_folder()}: cannot be written: {error.strerror}") from None


def _sweep() -> None:
    """Removes what a process left behind that was killed while it copied."""
    for left in _folder().glob(f"{_NEW}*"):
        remove_tree(left)


def _looks(place: Path) -> list[list[int | str]]:
    """How the files of a model look from outside."""
    rows: list[list[int | str]] = []
    for part in parts_of(place):
        status = (place / part.path if place.is_dir() else place).stat()
        times = [status.st_mtime_ns, status.st_ctime_ns]
        rows.append([part.path, part.size, status.st_dev, status.st_ino, *times])
    return rows


def _seen(reference: Reference) -> Any:
    try:
        return msgspec.json.decode((_folder() / f"{reference.digest}.seen").read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def _note_seen(store: PrivateFolder, reference: Reference) -> None:
    store.write(f"{reference.digest}.seen", msgspec.json.encode(_looks(path_of(reference))))


def _references() -> list[Reference]:
    names = [name for name, _, _ in sorted(PrivateFolder(_folder()).entries())]
    return [reference for name in names if (reference := _reference_of(name)) is not None]


def _record_name(reference: Reference) -> str:
    return f"{reference.name}@{reference.digest}.json"


def _reference_of(name: str) -> Reference | None:
    if not name.endswith(".json"):
        return None
    return Reference.parse(name.removesuffix(".json").replace("@", "@sha256:", 1))
