"""Limited child processes: the one place that starts a process for work that may go wrong."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wasm_engine.concepts.errors import HostFault


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
) -> Outcome:
    """Runs a child to its end. The limits hold before it can read a byte of its input.

    Args:
        argv: Program and arguments.
        stdin: Its whole input.
        limits: What it may use.
        environment: Its whole environment.
        descriptors: Descriptors that it inherits, under the same numbers.

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
        output, errors = child.communicate(stdin)
    except BaseException:
        child.kill()
        child.wait()
        raise
    return Outcome(child.returncode, output, errors)


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
