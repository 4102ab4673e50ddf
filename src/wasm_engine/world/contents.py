"""Mounted files that are read for the first time in a run: kept, to be named in its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wasm_engine.agents.material import ListedFile
from wasm_engine.journal.runfile import RunFile
from wasm_engine.runtime.wasi import Listed


class FreshContents:
    """Mounted files as they are read for the first time: kept, to be named in the journal."""

    def __init__(self, file: RunFile) -> None:
        self._file = file
        self._read: dict[bytes, bytes] = {}
        self._named = set(file.contents())

    def watch(self, listing: Sequence[Listed]) -> list[Listed]:
        """The same listing; what is read from it is remembered."""
        return [
            ListedFile(e.path, e.kind, e.size, e.digest, e.target, self._reader(e)) for e in listing
        ]

    def take_in(self, listings: Iterable[Sequence[Listed]]) -> None:
        """Reads all that is in writable folders, before anybody does: it is the world's own now.

        Raises:
            HostFault: What was listed is no longer there.
        """
        for entry in (it for listing in listings for it in listing if it.kind == "file"):
            if entry.digest not in self._named and entry.digest not in self._read:
                entry.read()

    def _reader(self, entry: Listed) -> Callable[[], bytes]:
        def read() -> bytes:
            data = entry.read()
            if entry.digest not in self._named:
                self._read[entry.digest] = data
            return data

        return read

    def take_fresh(self) -> list[bytes]:
        """Digests of what was read since the last call, in order; put into the run file."""
        if not self._read:
            return []
        fresh = sorted(self._read)
        for digest in fresh:
            self._file.put_content(digest, self._read[digest])
        self._named.update(fresh)
        self._read.clear()
        return fresh
