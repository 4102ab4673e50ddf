"""Real file systems with too little room, and read-only ones; where we may mount them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash import recording
from tests.crash.disk import Disk
from tests.crash.machine import Machine
from tests.crash.trial import Lost, Story, look
from tests.crash.worlds import RUN

SIZES = (4, 32, 48, 64, 80, 96, 112, 128, 144, 200)
"""KiB; the run of the campaign's first world takes about 60 when it is closed."""
AMPLE = "size=16M,rw"
HOST_FAULT = 5


def may_mount(place: Path) -> bool:
    """Whether this process may mount a file system."""
    place.mkdir()
    try:
        with _mounted(place):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def _mounted(place: Path) -> Iterator[None]:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", AMPLE, "tmpfs", place], check=True, capture_output=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _become(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def try_small_disks(machine: Machine, story: Story) -> list[str]:
    """Runs a world on disks of many sizes, and goes on with it where there is room."""
    command, work = story.commands[0], machine.work
    with _mounted(work):
        machine.disk = Disk(machine.root)
        assert machine.command(*command).status == 0
        machine.command("resume", RUN)
        chain, full, never = look(machine).chain, 0, 0
        for size in SIZES:
            for path in work.iterdir():
                path.unlink()
            _become(work, f"size={size}k")
            _refused_or_done(machine.command(*command).status, size)
            if (work / RUN).exists():
                full += 1
                _refused_or_done(machine.command("resume", RUN).status, size)
                _become(work, AMPLE)
                _go_on(machine, chain, f"after a disk of {size} KiB")
            else:
                never += 1
                _become(work, AMPLE)
    return [
        f"tmpfs of {SIZES[0]} to {SIZES[-1]} KiB: {never} never began, {full} went on with room"
    ]


def try_read_only(machine: Machine, story: Story) -> list[str]:
    """A run that was killed, on a file system that became read-only."""
    work = machine.work
    with _mounted(work):
        machine.disk = Disk(machine.root)
        undisturbed = machine.command(*story.commands[0])
        kill = int(len(recording.operations(undisturbed.records)) * 0.6)
        machine.command("resume", RUN)
        chain = look(machine).chain
        (work / RUN).unlink()
        assert machine.command(*story.commands[0], kill=kill).killed
        before = look(machine)
        _become(work, "ro")
        looks = [machine.command(verb, RUN).status for verb in ("inspect", "replay")]
        writes = [("resume", RUN), ("send", RUN, "a", "start", "1 b"), story.commands[0]]
        refused = [machine.command(*words).status for words in writes]
        if looks != [0, 0] or refused[:2] != [HOST_FAULT] * 2 or look(machine) != before:
            raise Lost(f"on a read-only file system: {looks}, {refused}")
        _become(work, "rw")
        _go_on(machine, chain, "after a read-only file system")
    return ["read-only: inspect and replay work, resume and send are refused; went on afterwards"]


def _refused_or_done(status: int, size: int) -> None:
    if status not in (0, HOST_FAULT):
        raise Lost(f"exit {status} on a disk of {size} KiB")


def _go_on(machine: Machine, chain: str, when: str) -> None:
    ended = machine.command("resume", RUN)
    if ended.status or look(machine).chain != chain:
        raise Lost(f"{when}: exit {ended.status}, {ended.err}")
