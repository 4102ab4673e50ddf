"""Folders of what is kept by its SHA-256, beside `NAME@DIGEST.json` for each name of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.references import Reference
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.staging import turn

Record = TypeVar("Record", bound=msgspec.Struct)


class NamedContents(NamedTuple):
    """One such folder, which is ours alone.

    Attributes:
        name: What it is called below the folder of data.
        record: What the file of a name is called where it cannot be read.
        version: Of what stands in such a file.
    """

    name: str
    record: str
    version: int

    @property
    def path(self) -> Path:
        """Where it is."""
        return places.data_folder() / self.name

    @contextmanager
    def writing(self) -> Iterator[PrivateFolder]:
        """One process at a time writes; readers see what is whole.

        Raises:
            HostFault: It cannot be written.
        """
        try:
            folder = PrivateFolder(self.path)
            with turn(self.path / ".lock", lambda: None):
                yield folder
        except OSError as error:
            raise HostFault(f"{self.path}: cannot be written: {error.strerror}") from None

    def file_of(self, reference: Reference) -> Path:
        """Where it stands that the name is for this content."""
        return self.path / f"{reference.name}@{reference.digest}.json"

    def references(self) -> list[Reference]:
        """All names and what they are for, sorted.

        Raises:
            Misuse: The folder is not ours alone.
        """
        if not self.path.is_dir():
            return []
        names = [name for name, _, _ in sorted(PrivateFolder(self.path).entries())]
        return [reference for name in names if (reference := _reference_of(name)) is not None]

    def has_another_name(self, reference: Reference) -> bool:
        """Whether the content is kept under another name, too."""
        digest = reference.digest
        return any(it.digest == digest and it != reference for it in self.references())

    def read(self, reference: Reference, form: type[Record]) -> Record:
        """What stands in the file of a name.

        Raises:
            Misuse: It cannot be read, or another version of this program wrote it.
        """
        path = self.file_of(reference)
        try:
            raw: Any = msgspec.json.decode(path.read_bytes())
            version = raw.get("version") if isinstance(raw, dict) else None
            if isinstance(version, int) and version != self.version:
                message = f"{path}: of version {version}; this program reads {self.version}"
                raise Misuse(message, hint="use the program that wrote it")
            return msgspec.convert(raw, form)
        except (OSError, msgspec.MsgspecError):
            raise Misuse(f"{path}: is no {self.record}", hint="remove it") from None


def _reference_of(name: str) -> Reference | None:
    if not name.endswith(".json"):
        return None
    return Reference.parse(name.removesuffix(".json").replace("@", "@sha256:", 1))
