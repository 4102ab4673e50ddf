"""wasi:io/streams: input and output streams. Nothing here ever blocks: all of it is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import SUSPEND, Err, HostFunction
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.io.poll import Pollable

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

MAX_READ = 1 << 20
"""Bytes that one read gives at most; a stream may always give fewer than it is asked for."""
PERMIT = 64 << 10
"""Bytes that `check-write` permits."""

CLOSED = Err(("closed", None))


class Source(Protocol):
    """Where an input stream reads."""

    def read(self, guest: WasiGuest, count: int) -> bytes | StreamFailure | None:
        """Up to `count` bytes (at least one), None at the end, or why there are none."""

    def drop(self) -> None:
        """The stream was dropped."""

    @property
    def kind(self) -> str:
        """Names the class in frozen state."""

    def freeze(self, into: Freezing) -> list[Any]:
        """What it consists of, as plain values."""


class Sink(Protocol):
    """Where an output stream writes."""

    def write(self, guest: WasiGuest, data: bytes) -> Any:
        """Takes all of it and answers None, or takes nothing and answers why: a `StreamFailure`.

        What is changed thereby is marked in `guest.touched`. It may park the guest instead, with a
        turn call that has the same answers.
        """

    def drop(self) -> None:
        """The stream was dropped."""

    @property
    def kind(self) -> str:
        """Names the class in frozen state."""

    def freeze(self, into: Freezing) -> list[Any]:
        """What it consists of, as plain values."""


class InputStream:
    """A resource `input-stream`."""

    __slots__ = ("source",)
    kind = "input-stream"

    def __init__(self, source: Source) -> None:
        self.source = source

    def drop(self) -> None:
        """The guest dropped its handle."""
        self.source.drop()

    def freeze(self, into: Freezing) -> list[Any]:
        """What it reads from."""
        return [into.put(self.source)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> InputStream:
        """One that reads from the same."""
        return InputStream(out_of.get(parts[0]))


class OutputStream:
    """A resource `output-stream`.

    Attributes:
        permit: Bytes that the last `check-write` permits still.
        closed: Whether an operation failed; nothing is taken after that.
    """

    __slots__ = ("closed", "permit", "sink")
    kind = "output-stream"

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.permit = 0
        self.closed = False

    def drop(self) -> None:
        """The guest dropped its handle."""
        self.sink.drop()

    def take(self, guest: WasiGuest, data: bytes, done: Any = None) -> Any:
        """Writes and answers `done`, or fails and closes the stream; may park the guest."""
        if self.closed:
            return CLOSED
        outcome = self.sink.write(guest, data)
        if outcome is SUSPEND:
            turn = guest.suspension
            written = turn.answer
            turn.answer = lambda it, result: self._settled(it, written(it, result), done)
            return SUSPEND
        return self._settled(guest, outcome, done)

    def _settled(self, guest: WasiGuest, failure: StreamFailure | None, done: Any) -> Any:
        if failure is None:
            return done
        self.closed = guest.touched = True
        return Err(("last-operation-failed", failure))

    def freeze(self, into: Freezing) -> list[Any]:
        """What it writes to, and how far it may."""
        return [into.put(self.sink), self.permit, self.closed]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> OutputStream:
        """One that writes to the same."""
        stream = OutputStream(out_of.get(parts[0]))
        stream.permit, stream.closed = parts[1:]
        return stream


def _use_permit(stream: OutputStream, count: int) -> None:
    if count > stream.permit:
        code = "write-not-permitted"
        raise GuestTrap(code, f"{count} bytes written where check-write permitted {stream.permit}")
    stream.permit -= count


def read(guest: WasiGuest, stream: InputStream, count: int) -> bytes | Err:
    """Gives what there is, up to `count` bytes."""
    if count == 0:
        return b""
    data = stream.source.read(guest, min(count, MAX_READ))
    if isinstance(data, StreamFailure):
        return Err(("last-operation-failed", data))
    return CLOSED if data is None else data


def skip(guest: WasiGuest, stream: InputStream, count: int) -> int | Err:
    """Reads and throws away."""
    data = read(guest, stream, count)
    if isinstance(data, Err):
        return data
    guest.charge(len(data) * price.BYTE)
    return len(data)


def check_write(guest: WasiGuest, stream: OutputStream) -> int | Err:
    """How many bytes the next `write` may have."""
    if stream.closed:
        return CLOSED
    stream.permit = PERMIT
    return PERMIT


def write(guest: WasiGuest, stream: OutputStream, data: bytes) -> Any:
    """Writes what `check-write` permitted."""
    if stream.closed:
        return CLOSED
    _use_permit(stream, len(data))
    return stream.take(guest, data)


def write_and_flush(guest: WasiGuest, stream: OutputStream, data: bytes) -> Any:
    """Writes and flushes; what was written is there at once."""
    return stream.take(guest, data)


def flush(guest: WasiGuest, stream: OutputStream) -> Err | None:
    """Nothing is ever buffered."""
    return CLOSED if stream.closed else None


def write_zeroes(guest: WasiGuest, stream: OutputStream, count: int) -> Any:
    """Writes zeroes that `check-write` permitted."""
    if stream.closed:
        return CLOSED
    _use_permit(stream, count)
    guest.charge(count * price.BYTE)
    return stream.take(guest, bytes(count))


def write_zeroes_and_flush(guest: WasiGuest, stream: OutputStream, count: int) -> Any:
    """Writes zeroes and flushes, in pieces: the count is the guest's word.

    What parks the guest takes one piece; WASI lets nobody ask for more than 4096 bytes.
    """
    while count > 0 and not stream.closed:
        piece = min(count, PERMIT)
        guest.charge(piece * price.BYTE)
        count -= piece
        failed = stream.take(guest, bytes(piece))
        if failed is SUSPEND and count:
            code = "write-not-permitted"
            raise GuestTrap(code, f"more than {PERMIT} zeroes at once")
        if failed is not None:
            return failed
    return CLOSED if stream.closed else None


def splice(guest: WasiGuest, out: OutputStream, source: InputStream, count: int) -> Any:
    """Moves bytes from one stream to the other without showing them to the guest."""
    if out.closed:
        return CLOSED
    data = read(guest, source, min(count, PERMIT))
    if isinstance(data, Err):
        return data
    guest.charge(len(data) * price.BYTE)
    return out.take(guest, data, len(data))


def subscribe(guest: WasiGuest, stream: InputStream | OutputStream) -> Pollable:
    """Streams are always ready."""
    return Pollable()


_TURNS = frozenset({write, write_and_flush, write_zeroes, write_zeroes_and_flush, splice})
"""What may park the guest: what is written to a folder that agents share."""


def _stream(kind: str, name: str, call: Any) -> HostFunction:
    full, turns = f"wasi:io/streams#[method]{kind}.{name}", call in _TURNS
    return HostFunction(full, call, suspends=turns, in_init=True)


FROZEN = (InputStream, OutputStream)
FUNCTIONS = (
    *(
        _stream("input-stream", name, call)
        for name, call in {
            "read": read,
            "blocking-read": read,
            "skip": skip,
            "blocking-skip": skip,
            "subscribe": subscribe,
        }.items()
    ),
    *(
        _stream("output-stream", name, call)
        for name, call in {
            "check-write": check_write,
            "write": write,
            "blocking-write-and-flush": write_and_flush,
            "flush": flush,
            "blocking-flush": flush,
            "write-zeroes": write_zeroes,
            "blocking-write-zeroes-and-flush": write_zeroes_and_flush,
            "splice": splice,
            "blocking-splice": splice,
            "subscribe": subscribe,
        }.items()
    ),
)
