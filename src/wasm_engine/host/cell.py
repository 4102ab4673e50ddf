"""A worker process for what may go wrong: a limited child that is asked over one pipe, and answers.

A frame is four bytes of length, little-endian, and so many bytes. What comes out of a cell may be
anything: whoever asks looks at it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from wasm_engine.concepts.errors import HostFault, WorkerLost

_AT_ONCE: Final = 64 << 10
_MUCH: Final = 1 << 20
_LENGTH: Final = 4
MOST_ASKED: Final = (1 << 32) - 1
"""Bytes of the longest frame."""


class CellLimits(NamedTuple):
    """What a cell may use, enforced by the kernel.

    Attributes:
        data: Bytes of memory that it may write to.
        files: Descriptors that it may have.
        patience: Seconds until it must have answered.
    """

    data: int
    files: int
    patience: int


class Cell:
    """One such process, as whoever asks it sees it.

    Args:
        argv: Program and arguments; it has its pipe as standard input.
        limits: What it may use.
        environment: Its whole environment.
        descriptors: Descriptors that it gets under the same numbers, for its beginning.

    Attributes:
        alive: Whether it can still be asked.

    Raises:
        HostFault: The machine cannot start it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        limits: CellLimits,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.alive = False
        self._patience = limits.patience
        try:
            self._pipe, theirs = socket.socketpair()
            with theirs:
                self._child: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603  (argv is ours)
                    list(argv),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=dict(environment),
                    cwd="/",
                    pass_fds=descriptors,
                    start_new_session=True,  # an interrupt is ours to take
                )
        except OSError as error:
            message = f"cannot start a worker process: {error}"
            raise HostFault(message) from error
        self.alive = True
        span = struct.pack("ll", limits.patience, 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._pipe.setsockopt(socket.SOL_SOCKET, option, span)
        try:
            _limit(self._child.pid, limits)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def send(self, data: bytes) -> None:
        """Sends it a frame.

        Raises:
            WorkerLost: It has died, or does not read.
        """
        try:
            self._pipe.sendall(len(data).to_bytes(_LENGTH, "little") + data)
        except BlockingIOError:
            raise self.lost(f"it took nothing in for {self._patience} s") from None
        except OSError:
            raise self.lost("") from None

    def receive(self, most: int) -> bytes | memoryview:
        """The next frame from it.

        Args:
            most: Bytes that it may have.

        Raises:
            WorkerLost: It has died, says too much, or nothing.
        """
        data = self._take(_AT_ONCE)
        while len(data) < _LENGTH:
            data += self._take(_AT_ONCE)
        size = int.from_bytes(data[:_LENGTH], "little")
        missing = size + _LENGTH - len(data)
        if size > most or missing < 0:
            raise self.lost("it answered more than was asked for")
        if not missing:
            return memoryview(data)[_LENGTH:]
        parts = [data[_LENGTH:]]
        while missing:
            parts.append(self._take(min(missing, _MUCH)))
            missing -= len(parts[-1])
        return b"".join(parts)

    def _take(self, most: int) -> bytes:
        try:
            data = self._pipe.recv(most)
        except BlockingIOError:
            raise self.lost(f"it said nothing for {self._patience} s") from None
        except OSError:
            raise self.lost("") from None
        if not data:
            raise self.lost("")
        return data

    def lost(self, why: str) -> WorkerLost:
        """Ends it; says what became of it.

        Args:
            why: What it did wrong; empty where it has died by itself.
        """
        if not self.alive:
            return WorkerLost("the worker process had ended")
        if not why:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(self._patience)  # its pipe is closed: it is dying
        status = self._child.poll()
        self.kill()
        return WorkerLost(why or _told(status))

    def kill(self) -> None:
        """Ends it. Idempotent."""
        if self.alive:
            self.alive = False
            self._child.kill()
            self._child.wait()
            self._pipe.close()


class Inside:
    """The pipe as the process sees it that is asked: its standard input, both ways."""

    def receive(self) -> bytes:
        """The next frame; empty where nobody asks any more."""
        head = self._take(_LENGTH)
        return self._take(int.from_bytes(head, "little")) if head else b""

    def send(self, data: bytes) -> None:
        """Answers with a frame."""
        left = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
        while left:
            left = left[os.write(0, left) :]

    def _take(self, size: int) -> bytes:
        data = os.read(0, size)
        if len(data) == size or not data:
            return data
        parts, left = [data], size - len(data)
        while left:
            data = os.read(0, min(left, _MUCH))
            if not data:
                return b""
            parts.append(data)
            left -= len(data)
        return b"".join(parts)


def given(descriptor: int) -> str:
    """A path that opens what a descriptor holds that this process was begun with."""
    return f"/proc/self/fd/{descriptor}"


def drop(descriptor: int) -> None:
    """Closes such a descriptor; what is mapped of it stays mapped."""
    os.close(descriptor)


def leave() -> None:
    """Ends this process at once."""
    os._exit(0)


def _told(status: int | None) -> str:
    if status is None:
        return "it closed its pipe"
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    return f"it ended with status {status}"


def _limit(pid: int, limits: CellLimits) -> None:
    for kind, value in (
        (resource.RLIMIT_DATA, limits.data),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.prlimit(pid, kind)
        bound = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.prlimit(pid, kind, (bound, bound))
