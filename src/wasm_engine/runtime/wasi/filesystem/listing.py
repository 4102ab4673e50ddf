"""wasi:filesystem: listing directories, those that are preopened, and errors of streams."""

from __future__ import annotations

from collections.abc import Iterator

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function
from wasm_engine.runtime.wasi.filesystem.descriptor import Descriptor
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.error import StreamFailure

Entry = tuple[str, str]
"""Type and name."""


class DirectoryEntryStream:
    """A resource `directory-entry-stream`: the entries when it was made, in order of name."""

    __slots__ = ("entries",)

    def __init__(self, entries: Iterator[Entry]) -> None:
        self.entries = entries


def read_directory(guest: WasiGuest, descriptor: Descriptor) -> DirectoryEntryStream:
    """Begins a listing. Changes made while it is read do not disturb it."""
    directory = descriptor.directory()
    guest.charge(len(directory.entries) * price.ENTRY)
    listed = [(directory.entries[name].kind, name) for name in directory.names()]
    return DirectoryEntryStream(iter(listed))


def read_directory_entry(guest: WasiGuest, stream: DirectoryEntryStream) -> Entry | None:
    """The next entry, or None at the end."""
    return next(stream.entries, None)


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
