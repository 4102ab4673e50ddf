"""What agents of a world keep data in, as its manifest says: databases, buckets, containers."""

from __future__ import annotations

from msgspec import Struct

MIB = 1 << 20


class SqlDatabase(Struct, frozen=True):
    """A database of the world, or one outside.

    Attributes:
        name: What grants and rules call it.
        schema: SQL that makes its tables; of one outside what agents may know of it.
        max_size: Bytes that it may have.
        max_value: Bytes that one value, or one row, may have.
        address: `sqlite:/path` or `postgresql://host:port/name` where it lies outside, else None.
        user: As whom a server is asked, or None.
        secret: The name of the secret that is the password, or None.
        tls: Whether the connection to a server is encrypted, and the server proves who it is.
        timeout: Real time (ns) that a statement, or a batch, may take outside.
        connections: How many statements are executed outside at a time.
        marks: Whether each change outside leaves a mark there, so that it is made once.
    """

    name: str
    schema: str = ""
    max_size: int = 16 * MIB
    max_value: int = 16 << 10
    address: str | None = None
    user: str | None = None
    secret: str | None = None
    tls: bool = True
    timeout: int = 30 * 10**9
    connections: int = 4
    marks: bool = True


class KeyValueBucket(Struct, frozen=True):
    """A bucket of the key-value store that has its own bounds, or lies elsewhere.

    Attributes:
        name: What grants call it.
        max_bytes: Bytes of keys and values, and 64 beside each.
        max_keys: How many keys.
        redis: `redis://host:port/number` where it lies in Redis; None: in the world.
    """

    name: str
    max_bytes: int = 64 * MIB
    max_keys: int = 100_000
    redis: str | None = None


class BlobContainer(Struct, frozen=True):
    """A container of the store of large objects that has its own bound: bytes that it may hold."""

    name: str
    max_bytes: int = 256 * MIB
