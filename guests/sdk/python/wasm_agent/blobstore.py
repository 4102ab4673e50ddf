"""Keeps large objects that agents share: containers of bytes, of those that the manifest grants.

    from wasm_agent import blobstore, on

    @on("scan")
    def scan(message):
        papers = blobstore.open("papers", create=True)
        papers["2025/a.pdf"] = message.data
        return len(papers)

What is read is as it was when the step began; what is written is there for all in the next step,
and whoever wrote it goes on then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any, NamedTuple

from componentize_py_types import Err
from wit_world.imports import blobstore, streams, wasi_blobstore_types

from wasm_agent.contract import checked_text
from wasm_agent.faults import Fault

_NO_CONTAINER = "no-such-container"
_NO_OBJECT = "no-such-object"
_PAGE = 1000
"""Names that one call to the host takes, or gives."""
_PIECE = 1 << 16
"""Bytes that a stream takes at once, and gives."""
_AT_ONCE = 2 << 20
"""Bytes of an object that come without a stream."""
_LAST = 2**64 - 1


class ObjectInfo(NamedTuple):
    """What is known of an object.

    Attributes:
        name: The object's.
        size: Its bytes.
        created: World time at which it was put there, in seconds since 1970.
    """

    name: str
    size: int
    created: int


def open(name: str, *, create: bool = False) -> Container:  # noqa: A001 - as in `blobstore.open(...)`
    """The container of that name.

    Args:
        name: The container's.
        create: Whether it is made where there is none.

    Raises:
        NotGranted: The manifest does not grant it.
        Fault: `no-such-container`.
    """
    _text(name)
    try:
        return Container(name, _call(blobstore.get_container, name))
    except Fault as fault:
        if fault.code != _NO_CONTAINER or not create:
            raise
    try:
        return Container(name, _call(blobstore.create_container, name))
    except Fault as fault:
        if fault.code != "already-exists":  # another agent was first in the same step
            raise
    return Container(name, _call(blobstore.get_container, name))


def exists(name: str) -> bool:
    """Whether there is a container of that name.

    Raises:
        NotGranted: The manifest does not grant it.
    """
    return bool(_call(blobstore.container_exists, _text(name)))


def delete(name: str) -> None:
    """Takes a container away, with all that is in it.

    Raises:
        NotGranted: The manifest does not grant it, or looking only.
        Fault: `no-such-container`.
    """
    _call(blobstore.delete_container, _text(name))


def copy(source: Container, name: str, target: Container, new_name: str | None = None) -> None:
    """Copies an object, to the same or another container; what has that name there is replaced.

    Raises:
        KeyError: There is no such object.
    """
    _to(blobstore.copy_object, source, name, target, new_name)


def move(source: Container, name: str, target: Container, new_name: str | None = None) -> None:
    """Moves an object, to the same or another container; what has that name there is replaced.

    Raises:
        KeyError: There is no such object.
    """
    _to(blobstore.move_object, source, name, target, new_name)


class Container(MutableMapping[str, bytes]):
    """A container: a mapping from names to bytes, shared with other agents.

    Attributes:
        name: The container's.
    """

    def __init__(self, name: str, handle: Any) -> None:
        self.name = name
        self._handle = handle

    def __getitem__(self, name: str) -> bytes:
        return self.read(name)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """Some bytes of an object, as `data[start:stop]` of all of them; neither may be negative.

        Raises:
            KeyError: There is no such object.
        """
        _check(start)
        if stop is not None:
            _check(stop)
            if stop <= start:
                self.info(name)  # for what it raises
                return b""
        last = _LAST if stop is None else stop - 1
        value = _named(name, self._handle.get_data, _text(name), start, last)
        kind = wasi_blobstore_types.IncomingValue
        if value.size() <= _AT_ONCE:
            return bytes(_call(kind.incoming_value_consume_sync, value))
        return b"".join(_pieces(_call(kind.incoming_value_consume_async, value)))

    def __setitem__(self, name: str, data: bytes) -> None:
        _text(name)
        if not isinstance(data, (bytes, bytearray, memoryview)):
            message = f"an object is bytes, not {type(data).__name__}"
            raise TypeError(message)
        kind = wasi_blobstore_types.OutgoingValue
        value = kind.new_outgoing_value()
        _call(self._handle.write_data, name, value)
        with value.outgoing_value_write_body() as stream:
            _write(stream, memoryview(data).cast("B"))
        _call(kind.finish, value)

    def __delitem__(self, name: str) -> None:
        self.info(name)  # deleting what is not there is no mistake to the host
        _call(self._handle.delete_object, name)

    def delete_many(self, names: Iterable[str]) -> None:
        """Takes many objects out, those that are there."""
        found = [_text(name) for name in names]
        for begin in range(0, len(found), _PAGE):
            _call(self._handle.delete_objects, found[begin : begin + _PAGE])

    def clear(self) -> None:
        """Takes all objects out."""
        _call(self._handle.clear)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(_call(self._handle.has_object, _text(name)))

    def __iter__(self) -> Iterator[str]:
        names, last = _call(self._handle.list_objects), False
        while not last:
            page, last = names.read_stream_object_names(_PAGE)
            yield from page

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def info(self, name: str) -> ObjectInfo:
        """What is known of an object, without its bytes.

        Raises:
            KeyError: There is no such object.
        """
        found = _named(name, self._handle.object_info, _text(name))
        return ObjectInfo(found.name, found.size, found.created_at)

    @property
    def created(self) -> int:
        """World time at which the container was made, in seconds since 1970."""
        return int(_call(self._handle.info).created_at)

    def __repr__(self) -> str:
        return f"Container({self.name!r})"


def _to(
    do: Callable[..., Any], source: Container, name: str, target: Container, new_name: str | None
) -> None:
    there = name if new_name is None else new_name
    kind = wasi_blobstore_types.ObjectId
    _named(name, do, kind(source.name, _text(name)), kind(target.name, _text(there)))


def _write(stream: Any, data: memoryview) -> None:
    try:
        for begin in range(0, len(data), _PIECE):
            stream.check_write()  # permits as much as a piece is, or fails
            stream.write(bytes(data[begin : begin + _PIECE]))
        stream.flush()
    except Err:
        pass
    else:
        return
    # A stream has no words for it: the value takes no more than an object may have.
    raise Fault.of("too-large", f"an object of {len(data)} bytes")


def _pieces(stream: Any) -> Iterator[bytes]:
    with stream:
        while True:
            try:
                yield bytes(stream.blocking_read(_PIECE))
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    return
                raise


def _named(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """A call about an object: where it is not there, that is a KeyError, as of any mapping."""
    try:
        return _call(function, *arguments)
    except Fault as fault:
        if fault.code != _NO_OBJECT:
            raise
    raise KeyError(name)


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Err as error:
        failed = error.value
    # Outside the except clause: the binding's own error is no part of the agent's story.
    code, _, detail = failed.partition(": ")
    raise Fault.of("not-granted" if code == "access-denied" else code, detail)


def _text(name: str) -> str:
    return checked_text("a name", name)


def _check(place: int) -> None:
    if not isinstance(place, int) or not 0 <= place <= _LAST:
        message = f"a place in an object is a number from 0 on, not {place!r}"
        raise ValueError(message)
