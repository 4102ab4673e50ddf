"""What a file tree consists of: files, directories and symbolic links."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b, sha256

from wasm_engine.concepts.errors import HostFault


class Node:
    """Anything that has a name.

    Attributes:
        number: Which node it is, within its tree or mount.
        origin: Which tree or mount it belongs to; together with the number its identity. Mounts
            with the same contents have the same one.
        mount: The name of the mount that it belongs to; empty where it belongs to none.
        links: How many names it has; 0 once it was removed.
        opens: How many descriptors and streams hold it. Not counted where it is read-only.
        accessed, modified, changed: Times in nanoseconds since the Unix epoch. Reading does not
            count as access: a clock that moved with every read would be part of the history.
        read_only: Whether it belongs to a mount, which many instances share and none changes.
    """

    __slots__ = (
        "accessed",
        "changed",
        "links",
        "modified",
        "mount",
        "number",
        "opens",
        "origin",
        "read_only",
    )
    kind = "unknown"

    def __init__(
        self, number: int, time: int, origin: bytes = b"", *, read_only: bool = False
    ) -> None:
        self.number = number
        self.origin = origin
        self.mount = ""
        self.links = 0
        self.opens = 0
        self.accessed = self.modified = self.changed = time
        self.read_only = read_only

    @property
    def size(self) -> int:
        """Bytes of content."""
        return 0

    def identity(self) -> tuple[int, int]:
        """128 bits that differ from those of any other node; they stay when the node changes.

        Programs of preview 1 see the first half as the inode number.
        """
        digest = blake2b(self.number.to_bytes(8, "little"), key=self.origin[:64], digest_size=16)
        raw = digest.digest()
        return int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:], "little")


class File(Node):
    """A regular file that can be written."""

    __slots__ = ("content",)
    kind = "regular-file"

    def __init__(
        self, number: int, time: int, origin: bytes = b"", *, read_only: bool = False
    ) -> None:
        super().__init__(number, time, origin, read_only=read_only)
        self.content: bytes | bytearray = b"" if read_only else bytearray()

    @property
    def size(self) -> int:
        """Bytes of content."""
        return len(self.content)

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes; empty at the end."""
        return bytes(memoryview(self.content)[offset : offset + count])


class MountedFile(File):
    """A file of a mount, whose contents are loaded when they are first read."""

    __slots__ = ("_digest", "_load", "_size")

    def __init__(
        self,
        number: int,
        time: int,
        origin: bytes,
        size: int,
        digest: bytes,
        load: Callable[[], bytes],
    ) -> None:
        super().__init__(number, time, origin, read_only=True)
        self._size = size
        self._digest = digest
        self._load: Callable[[], bytes] | None = load

    @property
    def size(self) -> int:
        """Bytes of content, known before they are loaded."""
        return self._size

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes; empty at the end."""
        load = self._load
        if load is not None:
            # Instances in several threads share the node: each may load, all load the same bytes.
            content = load()
            if sha256(content).digest() != self._digest:
                message = "the contents of a mounted file are not those that were listed"
                raise HostFault(message, code="mount-changed")
            self.content = content
            self._load = None
        return super().read(offset, count)


class Link(Node):
    """A symbolic link."""

    __slots__ = ("target",)
    kind = "symbolic-link"

    def __init__(
        self, number: int, time: int, target: str, origin: bytes = b"", *, read_only: bool = False
    ) -> None:
        super().__init__(number, time, origin, read_only=read_only)
        self.target = target

    @property
    def size(self) -> int:
        """Bytes of the path that it holds."""
        return len(self.target.encode())


class Directory(Node):
    """A directory.

    Attributes:
        entries: Nodes by name.
        parent: The directory that it is in; None for a root and for what was removed.
        is_mount: Whether a mount begins here.
    """

    __slots__ = ("entries", "is_mount", "parent")
    kind = "directory"

    def __init__(
        self, number: int, time: int, origin: bytes = b"", *, read_only: bool = False
    ) -> None:
        super().__init__(number, time, origin, read_only=read_only)
        self.entries: dict[str, Node] = {}
        self.parent: Directory | None = None
        self.is_mount = False

    def names(self) -> list[str]:
        """In the order of their UTF-8 bytes, which is that of their code points."""
        return sorted(self.entries)

    def is_within(self, other: Directory, step: Callable[[], None]) -> bool:
        """Whether it is that directory or below it; `step` is told of each level looked at."""
        directory: Directory | None = self
        while directory is not None:
            if directory is other:
                return True
            step()
            directory = directory.parent
        return False


class SharedMount(Directory):
    """Where a folder that agents share begins; all that is in it is kept elsewhere.

    Attributes:
        name: The mount's.
    """

    __slots__ = ("name",)

    def __init__(self, name: str, time: int) -> None:
        super().__init__(0, time, b"mount:" + name.encode(), read_only=True)
        self.links = 1
        self.is_mount = True
        self.name = name
