"""Keeps what agents share: buckets of keys and values, of those that the manifest grants.

    from wasm_agent import keyvalue, on

    @on("order")
    def order(message):
        orders = keyvalue.open("orders")
        number = orders.increment("count")
        orders[f"order/{number}"] = message.json()
        return number

What is read is as it was when the step began; what is written is there for all in the next step,
and whoever wrote it goes on then. Two that count up in the same step both count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from componentize_py_types import Err
from wit_world.imports import atomics, batch, store

from wasm_agent.contract import checked_text
from wasm_agent.faults import Fault
from wasm_agent.values import to_json

_BATCH = 1000
"""Keys that one call to the host takes."""


def open(name: str) -> Bucket:  # noqa: A001 - `keyvalue.open(...)` is what it is called by
    """The bucket of that name.

    Raises:
        NotGranted: The manifest does not grant it.
    """
    return Bucket(name, _call(store.open, checked_text("a bucket's name", name)))


class Bucket(MutableMapping[str, Any]):
    """A bucket: a mapping from text keys to values, shared with other agents.

    `bucket["k"] = value` keeps anything that JSON knows, or bytes; `bucket["k"]` gives it back. A
    value that others wrote and that is no JSON comes as bytes. A value read is a copy.

    Attributes:
        name: The bucket's.
    """

    def __init__(self, name: str, handle: Any) -> None:
        self.name = name
        self._handle = handle

    def __getitem__(self, key: str) -> Any:
        data = self.get_bytes(key)
        if data is None:
            raise KeyError(key)
        return _value(data)

    def __setitem__(self, key: str, value: Any) -> None:
        _call(self._handle.set, _key(key), _data(value))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        _call(self._handle.delete, key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(_call(self._handle.exists, _key(key)))

    def __iter__(self) -> Iterator[str]:
        cursor = None
        while True:
            page = _call(self._handle.list_keys, cursor)
            yield from page.keys
            cursor = page.cursor
            if cursor is None:
                return

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get_bytes(self, key: str, default: bytes | None = None) -> bytes | None:
        """The bytes as they are kept."""
        data = _call(self._handle.get, _key(key))
        return default if data is None else bytes(data)

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values of those keys that are there."""
        found = {}
        for some in _pieces([_key(key) for key in keys]):
            for pair in _call(batch.get_many, self._handle, some):
                if pair is not None:
                    found[pair[0]] = _value(bytes(pair[1]))
        return found

    def update(self, *given: Any, **more: Any) -> None:
        """Puts many values at once, from a mapping or pairs."""
        pairs = [(_key(key), _data(value)) for key, value in dict(*given, **more).items()]
        for some in _pieces(pairs):
            _call(batch.set_many, self._handle, some)

    def delete_many(self, keys: Iterable[str]) -> None:
        """Takes many keys out, those that are there."""
        for some in _pieces([_key(key) for key in keys]):
            _call(batch.delete_many, self._handle, some)

    def clear(self) -> None:
        """Takes all keys out that are there now."""
        self.delete_many(list(self))

    def increment(self, key: str, delta: int = 1) -> int:
        """Adds to the number under a key (0 where there is none); answers the sum.

        Raises:
            Fault: `not-a-number`: what is there is none, or the sum is beyond 64 bits.
        """
        if not isinstance(delta, int) or not -(2**63) <= delta < 2**63:
            message = f"delta must be an integer of 64 bits, not {delta!r}"
            raise ValueError(message)
        return int(_call(atomics.increment, self._handle, _key(key), delta))

    def change(self, key: str, change: Callable[[Any], Any]) -> Any:
        """Puts `change(value)` in the place of a value (None where there is none).

        Where somebody else changed it meanwhile, `change` is called again with what is there then.

        Returns:
            What was put.
        """
        cas = _call(atomics.Cas.new, self._handle, _key(key))
        while True:
            found = _call(cas.current)
            value = change(None if found is None else _value(bytes(found)))
            cas = _swapped(cas, _data(value))
            if cas is None:
                return value

    def __repr__(self) -> str:
        return f"Bucket({self.name!r})"


def _swapped(cas: Any, data: bytes) -> Any:
    """None where it was swapped, else the handle to try again with."""
    try:
        atomics.swap(cas, data)
    except Err as error:
        failed = error.value
    else:
        return None
    if isinstance(failed, atomics.CasError_CasFailed):
        return failed.value
    raise _fault(failed.value)


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Err as error:
        failed = error.value
    # Outside the except clause: the binding's own error is no part of the agent's story.
    raise _fault(failed)


def _fault(failed: Any) -> Fault:
    """The fault that an error of the interface stands for."""
    if isinstance(failed, store.Error_AccessDenied):
        return Fault.of("not-granted", "the bucket is not granted")
    if isinstance(failed, store.Error_Other):
        code, _, detail = failed.value.partition(": ")
        return Fault.of(code, detail)
    return Fault.of("failed", "there is no such store")


def _key(key: str) -> str:
    return checked_text("a key", key)


def _data(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return to_json(value).encode()


def _value(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data


def _pieces(items: list[Any]) -> Iterator[list[Any]]:
    for begin in range(0, len(items), _BATCH):
        yield items[begin : begin + _BATCH]
