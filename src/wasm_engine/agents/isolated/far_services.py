"""What agents share, as a worker process sees it: nothing of it is here, all of it is asked for.

Each question is answered as of the step's start, by whoever knows the agent's grants and the policy
in force: see `world.looking`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong

Look = Callable[..., Any]
"""`look(service, operation, *arguments)` gives what is seen."""


class _Addresses:
    """Addresses of the buckets that lie in Redis; the manifest says so, once for all."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._known: dict[str, str | None] = {}

    def get(self, bucket: str) -> str | None:
        """Where a bucket lies, or None: in the world."""
        if bucket not in self._known:
            self._known[bucket] = self._look("keyvalue", "redis", bucket)
        return self._known[bucket]


class FarBuckets:
    """Stands in for `capabilities.keyvalue.KeyValueStore`."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.redis = _Addresses(look)

    def look(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Answers an operation that changes nothing."""
        return self._look("keyvalue", operation, bucket, *arguments)


class FarContainers:
    """Stands in for `capabilities.blobstore.BlobStore`: see `concepts.blobs.Containers`."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def created(self, container: str) -> int | None:
        """When a container was made, or None."""
        found: int | None = self._look("blobstore", "created", container)
        return found

    def info(self, container: str, name: str) -> tuple[int, int] | Err:
        """When an object was put, and its size."""
        found: tuple[int, int] | Err = self._look("blobstore", "info", container, name)
        return found

    def names(self, container: str) -> list[str] | Err:
        """The names of a container's objects, in order."""
        found: list[str] | Err = self._look("blobstore", "names", container)
        return found

    def read(self, container: str, name: str, first: int, last: int) -> bytes | Err:
        """Bytes of an object, both ends inclusive, as far as there are any."""
        found: bytes | Err = self._look("blobstore", "read", container, name, first, last)
        return found


class FarFootprint(NamedTuple):
    """What a statement touches, and what of that the agent may not."""

    verb: str
    tables: list[str]
    columns: list[str]
    denied: str | None

    def refusal(self, _rights: None) -> str | None:
        """What of it is not allowed, for the guest; None where all is."""
        return self.denied


class FarDatabases:
    """Stands in for `capabilities.sql.service.Databases`."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def has(self, name: str) -> bool:
        """Whether there is a database of that name."""
        found: bool = self._look("sql", "has", name)
        return found

    def is_outside(self, name: str) -> bool:
        """Whether the database of that name lies outside."""
        found: bool = self._look("sql", "is-outside", name)
        return found

    def rights(self, _address: str, _name: str) -> None:
        """They come with each footprint."""

    def footprint(self, name: str, text: str) -> FarFootprint:
        """What a statement touches.

        Raises:
            Wrong: It may not be executed; the text says why.
        """
        found = self._look("sql", "footprint", name, text)
        if isinstance(found, str):
            raise Wrong(found)
        return FarFootprint(*found)


class FarReferences:
    """Stands in for `concepts.secrets.References`."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def to(self, name: str) -> str:
        """The reference to a secret of the world."""
        found: str = self._look("secrets", "to", name)
        return found


def far_services(look: Look) -> Mapping[str, Any]:
    """All services that a world can have, by name; who has no grant does not get to ask one."""
    return {
        "keyvalue": FarBuckets(look), "blobstore": FarContainers(look), "sql": FarDatabases(look),
        "secrets": FarReferences(look),
    }  # fmt: skip
