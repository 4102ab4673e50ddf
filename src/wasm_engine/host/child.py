"""Limited child processes: the one place that starts a process for work that may go wrong."""

from __future__ import annotations

import os
import resource
import select
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple

from wasm_engine.concepts.errors import HostFault
from wasm_engine.host.stopwatch import elapsed

_PIECE = 64 << 10


class ChildLimits(NamedTuple):
    """What a child may use, enforced by the kernel.

    Attributes:
        address_space: Bytes of address space.
        cpu_seconds: Seconds of CPU time, all threads together.
        file_size: Bytes of any file it writes.
    """

    address_space: int
    cpu_seconds: int
    file_size: int


class Outcome(NamedTuple):
    """How a child ended.

    Attributes:
        status: Exit status; negative: the signal that killed it.
        output: What it wrote to its standard output.
        errors: What it wrote to its standard error.
    """

    status: int
    output: bytes
    errors: bytes

    @property
    def signal_name(self) -> str:
        """Name of the signal that killed it, or ""."""
        return signal.Signals(-self.status).name if self.status < 0 else ""


def run_limited(
    argv: Sequence[str],
    *,
    stdin: bytes,
    limits: ChildLimits,
    environment: Mapping[str, str],
    descriptors: Sequence[int] = (),
    most: int | None = None,
    seconds: float | None = None,
) -> Outcome:
    """Runs a child to its end. The limits hold before it can read a byte of its input.

    One that says more than it may, or does not end, is killed.

    Args:
        argv: Program and arguments.
        stdin: Its whole input.
        limits: What it may use.
        environment: Its whole environment.
        descriptors: Descriptors that it inherits, under the same numbers.
        most: Bytes of each of its outputs; None: any number.
        seconds: Of real time; None: as long as it takes. Who sleeps takes no CPU time.

    Raises:
        HostFault: The machine cannot start it.
    """
    try:
        child = subprocess.Popen(  # noqa: S603  (argv is ours)
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            pass_fds=descriptors,
        )
    except OSError as error:
        message = f"cannot start a child process: {error}"
        raise HostFault(message) from error
    try:
        # Set from here, not in the child: code between fork and exec is unsafe beside threads.
        _limit(child.pid, limits)
        output, errors = _talk(child, stdin, most, seconds)
    except BaseException:
        child.kill()
        child.wait()
        raise
    return Outcome(child.returncode, output, errors)


def _talk(
    child: subprocess.Popen[bytes], given: bytes, most: int | None, seconds: float | None
) -> tuple[bytes, bytes]:
    """Gives a child its input, and waits for its end: its outputs, of one that is killed so far."""
    if most is None and seconds is None:
        return child.communicate(given)
    end = None if seconds is None else elapsed() + seconds
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    found = {child.stdout: bytearray(), child.stderr: bytearray()}
    with selectors.DefaultSelector() as ready, child.stdin, child.stdout, child.stderr:
        ready.register(child.stdin, selectors.EVENT_WRITE, memoryview(given))
        for output in found:
            ready.register(output, selectors.EVENT_READ)
        while ready.get_map():
            events = ready.select(None if end is None else end - elapsed())
            if not events or any(most is not None and len(it) > most for it in found.values()):
                child.kill()  # and so no longer than it takes to die
                break
            for key, _ in events:
                left: memoryview | bytes = _exchanged(key, found)
                if left:
                    ready.modify(key.fileobj, key.events, left)
                else:
                    ready.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
    try:
        child.wait(None if end is None else max(end - elapsed(), 0))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return bytes(found[child.stdout]), bytes(found[child.stderr])


def _exchanged(key: selectors.SelectorKey, found: dict[IO[bytes], bytearray]) -> memoryview | bytes:
    """Reads or writes a piece; what is left to be written, or was read: nothing at the end."""
    if key.events == selectors.EVENT_READ:
        data = os.read(key.fd, _PIECE)
        found[key.fileobj] += data  # type: ignore[index]
        return data
    left: memoryview = key.data
    try:
        return left[os.write(key.fd, left[: select.PIPE_BUF]) :]
    except BrokenPipeError:
        return b""


def _limit(pid: int, limits: ChildLimits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(pid, kind, (value, value))


def cpu_count() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0))
