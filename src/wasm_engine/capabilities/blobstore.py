"""The world's own store of large objects. Guests reach it by wasi:blobstore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasm_engine.concepts import faults
from wasm_engine.concepts.blobs import OBJECT_BYTES, no_container, no_object, refused
from wasm_engine.concepts.hostcall import Err

MAX_BYTES = 256 << 20
"""What a container may hold where the manifest says nothing else."""


class _Container:
    """One container: objects by name, and what they all count for."""

    __slots__ = ("created", "objects", "size")

    def __init__(self, created: int) -> None:
        self.created = created
        self.objects: dict[str, tuple[int, bytes]] = {}
        self.size = 0

    def put(self, name: str, time: int, data: bytes) -> None:
        self.drop(name)
        self.objects[name] = (time, data)
        self.size += counted(name, data)

    def drop(self, name: str) -> None:
        found = self.objects.pop(name, None)
        if found is not None:
            self.size -= counted(name, found[1])


def counted(name: str, data: bytes) -> int:
    """Bytes that an object counts for."""
    return OBJECT_BYTES + len(name.encode()) + len(data)


class BlobStore:
    """The service `blobstore` of a world; implements `concepts.blobs.Containers`.

    Args:
        quotas: Bytes that containers may hold which have another bound than the default.
    """

    def __init__(self, quotas: Mapping[str, int]) -> None:
        self._quotas = quotas
        self._containers: dict[str, _Container] = {}

    def created(self, container: str) -> int | None:
        """When a container was made, or None."""
        found = self._containers.get(container)
        return None if found is None else found.created

    def info(self, container: str, name: str) -> tuple[int, int] | Err:
        """When an object was put, and its size."""
        found = self._object(container, name)
        return found if isinstance(found, Err) else (found[0], len(found[1]))

    def names(self, container: str) -> list[str] | Err:
        """The names of a container's objects, in order."""
        found = self._containers.get(container)
        return no_container(container) if found is None else sorted(found.objects)

    def read(self, container: str, name: str, first: int, last: int) -> bytes | Err:
        """Bytes of an object, both ends inclusive, as far as there are any."""
        found = self._object(container, name)
        return found if isinstance(found, Err) else found[1][first : last + 1]

    def _object(self, container: str, name: str) -> tuple[int, bytes] | Err:
        found = self._containers.get(container)
        if found is None:
            return no_container(container)
        return found.objects.get(name) or no_object(name)

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Executes a turn call: one of the operations of `concepts.blobs` that change something."""
        del agent  # whether it may was decided when it asked
        match operation:
            case "create":
                return self._create(*arguments)
            case "drop":
                return self._drop(*arguments)
            case "put":
                return self._put(*arguments)
            case "delete":
                return self._delete(*arguments)
            case "clear":
                return self._clear(*arguments)
            case _:
                return self._copy(*arguments, keep=operation == "copy")

    def _create(self, name: str, time: int) -> Err | None:
        if name in self._containers:
            return refused(faults.ALREADY_EXISTS, name)
        self._containers[name] = _Container(time)
        return None

    def _drop(self, name: str) -> Err | None:
        return None if self._containers.pop(name, None) else no_container(name)

    def _put(self, places: list[tuple[str, str]], data: bytes, time: int) -> Err | None:
        """In all of the places, or in none."""
        for container, name in places:
            wrong = self._wrong(container, name, data)
            if wrong is not None:
                return wrong
        for container, name in places:
            self._containers[container].put(name, time, data)
        return None

    def _wrong(self, container: str, name: str, data: bytes) -> Err | None:
        """Why an object cannot be put, if it cannot."""
        held = self._containers.get(container)
        if held is None:
            return no_container(container)
        before = held.objects.get(name)
        size = held.size + counted(name, data) - (counted(name, before[1]) if before else 0)
        most = self._quotas.get(container, MAX_BYTES)
        if size > most:
            return refused(faults.QUOTA_EXCEEDED, f"the container holds {most} bytes")
        return None

    def _delete(self, container: str, names: list[str]) -> Err | None:
        held = self._containers.get(container)
        if held is None:
            return no_container(container)
        for name in names:
            held.drop(name)
        return None

    def _clear(self, container: str) -> Err | None:
        held = self._containers.get(container)
        if held is None:
            return no_container(container)
        self._containers[container] = _Container(held.created)
        return None

    def _copy(
        self, source: str, name: str, container: str, new: str, time: int, *, keep: bool
    ) -> Err | None:
        found = self._object(source, name)
        if isinstance(found, Err):
            return found
        if (source, name) == (container, new):
            return None
        failed = self._put([(container, new)], found[1], time)
        if failed is None and not keep:
            self._containers[source].drop(name)
        return failed

    def freeze(self) -> Any:
        """All of it: containers in the order of their names, and in each its objects."""
        return [
            [name, held.created, [[key, *held.objects[key]] for key in sorted(held.objects)]]
            for name, held in sorted(self._containers.items())
        ]

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen.

        Raises:
            ValueError, TypeError: Nobody froze that.
        """
        containers: dict[str, _Container] = {}
        for name, created, objects in frozen:
            made = containers[name] = _Container(created)
            for key, time, data in objects:
                if not isinstance(time, int) or not isinstance(data, bytes):
                    message = f"container {name!r} holds what is no object"
                    raise TypeError(message)
                made.put(key, time, data)
        self._containers = containers
