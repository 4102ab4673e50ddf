"""How much one tree may hold."""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.runtime.wasi.tree.errors import FsError


class Quota(NamedTuple):
    """Limits of one tree.

    Attributes:
        bytes: Contents of files and symbolic links. What was removed but is still open counts.
        nodes: Files, directories and links, each further name of a file included.
    """

    bytes: int = 64 << 20
    nodes: int = 65_536


class Usage:
    """What a tree holds, and its limits."""

    __slots__ = ("bytes", "limit", "nodes")

    def __init__(self, limit: Quota) -> None:
        self.limit = limit
        self.bytes = 0
        self.nodes = 0

    def add_bytes(self, count: int) -> None:
        """Takes or gives back room for contents."""
        if count > 0 and self.bytes + count > self.limit.bytes:
            code = "insufficient-space"
            raise FsError(code)
        self.bytes += count

    def add_node(self) -> None:
        """Takes room for a name."""
        if self.nodes >= self.limit.nodes:
            code = "insufficient-space"
            raise FsError(code)
        self.nodes += 1

    def remove_node(self) -> None:
        """Gives back the room of a name."""
        self.nodes -= 1
