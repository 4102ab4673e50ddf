"""The shared folders of a world: its service `files`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.folders.folder import Doer, Folder
from wasm_engine.runtime.wasi.folders.freezing import freeze, thaw
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.mounting import Listed
from wasm_engine.runtime.wasi.tree.quota import Quota

_OPERATIONS = frozenset(
    {
        "open", "create-directory", "remove-directory", "unlink", "rename", "write", "append",
        "resize", "set-times",
    }
)  # fmt: skip


class Beginning(NamedTuple):
    """What a folder begins with.

    Attributes:
        listing: What is in it, each directory before what is in that.
        quota: What it may hold.
    """

    listing: Sequence[Listed]
    quota: Quota


class Folders:
    """The service.

    Args:
        beginnings: What each folder begins with, by the name of its mount.
        time: When the world begins (ns).

    Raises:
        Misuse: What one begins with does not fit into it.
    """

    def __init__(self, beginnings: Mapping[str, Beginning], time: int) -> None:
        self._beginnings = beginnings
        self._time = time
        self._folders = {name: self._begun(name) for name in sorted(beginnings)}

    def _begun(self, name: str) -> Folder:
        listing, quota = self._beginnings[name]
        return Folder(name, listing, quota, self._time)

    def names(self) -> list[str]:
        """The names of the mounts, in order."""
        return list(self._folders)

    def folder(self, name: str) -> Folder:
        """One of them, to be looked at."""
        return self._folders[name]

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Executes a turn call: an operation of `Folder`, with mount, arguments and world time.

        What it costs beyond what was known as it was asked for, the agent pays.
        """
        name, *given, time = arguments
        if operation not in _OPERATIONS:
            raise LookupError(operation)
        folder, doer = self._folders[name], Doer(time)
        folder.tree.spend = lambda: doer.charge(price.STEP)
        try:
            answer = getattr(folder, operation.replace("-", "_"))(doer, *given)
        except FsError as error:
            answer = Err(error.code)
        agent.spend(doer.spent)
        return answer

    def freeze(self) -> Any:
        """All of it: folders in the order of their names."""
        return [[name, freeze(folder)] for name, folder in self._folders.items()]

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen.

        Raises:
            ValueError, TypeError, LookupError: Nobody froze that.
        """
        rows = dict(frozen)
        if list(rows) != list(self._folders):
            message = "other folders than the world has"
            raise ValueError(message)
        folders = {name: self._begun(name) for name in rows}
        for name, row in rows.items():
            thaw(folders[name], row)
        self._folders = folders
