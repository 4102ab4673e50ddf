"""The world's own key-value store: what lies in its buckets. Guests reach it by wasi:keyvalue."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from typing import Any, NamedTuple

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.keyvalue import PAGE, refused, sum_of
from wasm_engine.concepts.segment import state_size


class Quota(NamedTuple):
    """How much a bucket may hold: bytes of keys and values (64 beside each), and keys."""

    bytes: int = 64 << 20
    keys: int = 100_000


class _Bucket:
    """One bucket: values by key, the keys in order, and what it all counts for."""

    __slots__ = ("keys", "quota", "size", "values")

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self.values: dict[str, bytes] = {}
        self.keys: list[str] = []
        self.size = 0

    def put(self, key: str, value: bytes) -> Err | None:
        before = self.values.get(key)
        size = self.size + state_size(key, value) - state_size(key, before)
        if size > self.quota.bytes:
            return refused(faults.QUOTA_EXCEEDED, f"the bucket holds {self.quota.bytes} bytes")
        if before is None:
            if len(self.keys) >= self.quota.keys:
                return refused(faults.QUOTA_EXCEEDED, f"the bucket holds {self.quota.keys} keys")
            insort(self.keys, key)
        self.values[key], self.size = value, size
        return None

    def drop(self, key: str) -> None:
        value = self.values.pop(key, None)
        if value is not None:
            del self.keys[bisect_left(self.keys, key)]
            self.size -= state_size(key, value)

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Keys after the one that the cursor is; Python's order of str is that of UTF-8 bytes."""
        begin = 0 if cursor is None else bisect_right(self.keys, cursor)
        found = self.keys[begin : begin + PAGE]
        return found, found[-1] if begin + PAGE < len(self.keys) else None


class KeyValueStore:
    """The service `keyvalue` of a world; implements `concepts.keyvalue.Buckets`.

    Args:
        quotas: Of buckets that have other ones than the default.
        redis: Addresses of the buckets that lie in Redis, and not here, by name.
    """

    def __init__(self, quotas: Mapping[str, Quota], redis: Mapping[str, str]) -> None:
        self.redis = redis
        self._quotas = quotas
        self._buckets: dict[str, _Bucket] = {}

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Executes a turn call: the bucket's name, and what `do` is to be given."""
        del agent  # whether it may was decided when it asked
        return self.do(arguments[0], operation, arguments[1:])

    def do(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Carries an operation out; its plain answer, or the refusal."""
        held = self._buckets.get(bucket) or _Bucket(self._quotas.get(bucket, Quota()))
        answer = _OPERATIONS[operation](held, *arguments)
        if held.keys:
            self._buckets[bucket] = held
        else:
            self._buckets.pop(bucket, None)
        return answer

    def look(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Answers an operation that changes nothing; any number of threads may ask at a time."""
        held = self._buckets.get(bucket) or _Bucket(Quota())
        return _OPERATIONS[operation](held, *arguments)

    def names(self) -> list[str]:
        """The buckets that hold anything, in order."""
        return sorted(self._buckets)

    def freeze(self) -> Any:
        """All of it: for each bucket its name, and its keys and values, in order."""
        buckets = self._buckets
        return [[n, [[k, buckets[n].values[k]] for k in buckets[n].keys]] for n in self.names()]

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen.

        Raises:
            ValueError, TypeError: Nobody froze that.
        """
        buckets: dict[str, _Bucket] = {}
        for name, pairs in frozen:
            made = _Bucket(self._quotas.get(name, Quota()))
            for key, value in pairs:
                if not isinstance(key, str) or not isinstance(value, bytes):
                    message = f"bucket {name!r} holds what is no key and value"
                    raise TypeError(message)
                made.values[key] = value
                made.size += state_size(key, value)
            made.keys = sorted(made.values)
            buckets[name] = made
        self._buckets = buckets


def _get_many(held: _Bucket, keys: list[str]) -> list[tuple[str, bytes] | None]:
    found = [(key, held.values.get(key)) for key in keys]
    return [None if value is None else (key, value) for key, value in found]


def _delete(held: _Bucket, key: str) -> None:
    held.drop(key)


def _set_many(held: _Bucket, pairs: list[tuple[str, bytes]]) -> Err | None:
    """All of them, or none: what does not fit is put back."""
    before = [(key, held.values.get(key)) for key in {key: None for key, _ in pairs}]
    for key, value in pairs:
        failed = held.put(key, value)
        if failed is not None:
            for name, _ in before:
                held.drop(name)
            for name, was in before:
                if was is not None:
                    held.put(name, was)
            return failed
    return None


def _delete_many(held: _Bucket, keys: list[str]) -> None:
    for key in keys:
        held.drop(key)


def _increment(held: _Bucket, key: str, delta: int) -> int | Err:
    total = sum_of(held.values.get(key), delta)
    if isinstance(total, Err):
        return total
    return held.put(key, str(total).encode()) or total


def _swap(held: _Bucket, key: str, expected: bytes | None, value: bytes) -> tuple[Any, ...] | Err:
    found = held.values.get(key)
    if found != expected:
        return ("differs", found)
    return held.put(key, value) or ("swapped",)


_OPERATIONS: Mapping[str, Any] = {
    "get": lambda held, key: held.values.get(key),
    "exists": lambda held, key: key in held.values,
    "list-keys": lambda held, cursor: held.page(cursor),
    "get-many": _get_many,
    "set": lambda held, key, value: held.put(key, value),
    "delete": _delete,
    "set-many": _set_many,
    "delete-many": _delete_many,
    "increment": _increment,
    "swap": _swap,
}
