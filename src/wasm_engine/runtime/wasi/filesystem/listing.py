"""wasi:filesystem: listing directories, those that are preopened, and errors of streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function
from wasm_engine.runtime.wasi.filesystem.descriptor import Descriptor
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

Entry = tuple[str, str]
"""Type and name."""

_OVERHEAD = 64
"""What each entry costs the host beside its name."""


class DirectoryEntryStream:
    """A resource `directory-entry-stream`: the entries when it was made, in order of name."""

    __slots__ = ("_entries", "_room")
    kind = "directory-entry-stream"

    def __init__(self, room: Room, entries: list[Entry]) -> None:
        room.take(_size(entries))
        self._room = room
        self._entries = entries[::-1]

    def next(self) -> Entry | None:
        """The next entry, or None at the end."""
        if not self._entries:
            return None
        entry = self._entries.pop()
        self._room.give_back(_size([entry]))
        return entry

    def drop(self) -> None:
        """The guest dropped its handle."""
        self._room.give_back(_size(self._entries))
        self._entries = []

    def freeze(self, into: Freezing) -> list[Any]:
        """What is to come."""
        return [list(entry) for entry in reversed(self._entries)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> DirectoryEntryStream:
        """One with the same to come."""
        return DirectoryEntryStream(out_of.wasi.room, [(kind, name) for kind, name in parts])


def _size(entries: list[Entry]) -> int:
    return sum(_OVERHEAD + len(name) for _, name in entries)


def read_directory(guest: WasiGuest, descriptor: Descriptor) -> DirectoryEntryStream:
    """Begins a listing. Changes made while it is read do not disturb it."""
    directory = descriptor.directory()
    guest.charge(len(directory.entries) * price.ENTRY)
    listed = [(directory.entries[name].kind, name) for name in directory.names()]
    return DirectoryEntryStream(guest.wasi.room, listed)


def read_directory_entry(guest: WasiGuest, stream: DirectoryEntryStream) -> Entry | None:
    """The next entry, or None at the end."""
    return stream.next()


def get_directories(guest: WasiGuest) -> list[tuple[Descriptor, str]]:
    """The directories that the guest is given."""
    tree = guest.wasi.tree
    found = []
    for name, directory, mutable in guest.wasi.directories():
        flags = frozenset({"read", "mutate-directory"} if mutable else {"read"})
        found.append((Descriptor(tree, directory, flags, mutable=mutable), name))
    return found


def filesystem_error_code(guest: WasiGuest, failure: StreamFailure) -> str | None:
    """The error code behind a stream's failure, if it was a file's."""
    return failure.code


FROZEN = (DirectoryEntryStream,)
FUNCTIONS = (
    descriptor_function("read-directory", read_directory),
    HostFunction(
        "wasi:filesystem/types#[method]directory-entry-stream.read-directory-entry",
        read_directory_entry,
        in_init=True,
    ),
    HostFunction("wasi:filesystem/preopens#get-directories", get_directories, in_init=True),
    HostFunction(
        "wasi:filesystem/types#filesystem-error-code", filesystem_error_code, in_init=True
    ),
)
