"""The resources of wasi:keyvalue: `bucket` and `cas`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class Bucket:
    """A resource `bucket`: a name, no more; each operation is asked whether it is granted.

    Attributes:
        name: The bucket's.
    """

    __slots__ = ("name",)
    kind = "keyvalue-bucket"

    def __init__(self, name: str) -> None:
        self.name = name

    def freeze(self, into: Freezing) -> list[Any]:
        """Its name."""
        return [self.name]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Bucket:
        """One of the same bucket."""
        return Bucket(parts[0])


class Cas:
    """A resource `cas`: what was under a key when it was made, which `swap` expects still.

    Attributes:
        bucket: The bucket's name.
        key: The key.
        value: What was there, or None.
    """

    __slots__ = ("_room", "bucket", "key", "value")
    kind = "keyvalue-cas"

    def __init__(self, room: Room, bucket: str, key: str, value: bytes | None) -> None:
        room.take(len(value or b""))
        self._room = room
        self.bucket = bucket
        self.key = key
        self.value = value

    def drop(self) -> None:
        """The guest dropped its handle, or swapped by it."""
        self._room.give_back(len(self.value or b""))

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [self.bucket, self.key, self.value]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Cas:
        """One that expects the same."""
        return Cas(out_of.wasi.room, *parts)


FROZEN = (Bucket, Cas)
