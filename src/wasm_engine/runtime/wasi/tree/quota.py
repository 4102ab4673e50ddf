"""How much one tree may hold."""

from __future__ import annotations

from msgspec import Struct

from wasm_engine.runtime.wasi.tree.errors import FsError

NODE_BYTES = 1 << 10
"""A tree has room for as many nodes as it has KiB: each costs the host some hundred bytes."""
MIN_NODES = 64


class Quota(Struct, frozen=True):
    """Limits of one tree.

    Attributes:
        bytes: Contents of files and symbolic links. What was removed but is still open counts.
        nodes: Files, directories and links, each further name of a file included; -1 for what
            goes with the bytes.
    """

    bytes: int = 64 << 20
    nodes: int = -1


class Usage:
    """What a tree holds, and its limits."""

    __slots__ = ("_max_nodes", "bytes", "limit", "nodes")

    def __init__(self, limit: Quota) -> None:
        self.limit = limit
        given = limit.nodes >= 0
        self._max_nodes = limit.nodes if given else max(MIN_NODES, limit.bytes // NODE_BYTES)
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
        if self.nodes >= self._max_nodes:
            code = "insufficient-space"
            raise FsError(code)
        self.nodes += 1

    def remove_node(self) -> None:
        """Gives back the room of a name."""
        self.nodes -= 1
