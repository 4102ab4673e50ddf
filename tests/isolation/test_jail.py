"""What a worker process can do to its machine: nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.isolation.faulty import attempts
from tests.isolation.test_crashes import told
from wasm_engine.host import landlock, seccomp
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import isolation

EPERM, EACCES = 1, 13
PROBE = """
import ctypes, json, os
from wasm_engine.host import {part}
why = {part}.restrict()
def code(attempt):
    try:
        attempt()
    except OSError as error:
        return error.errno
    return 0
opened = code(lambda: os.close(os.open("/etc/passwd", 0)))
print(json.dumps([why, opened, code(lambda: os.stat("/"))]))
"""


def test_whoever_takes_it_over_can_do_nothing(faulty, world_of, monkeypatch):
    said = []
    monkeypatch.setattr(isolation, "_said", set())
    world = world_of(evil="process")
    world._note = said.append
    with world.begin() as run:
        run.execution.receive("evil", "script", ("text", "log try"), [])
        logged = []
        run.execution.scheduler.observe = lambda ran: logged.extend(
            text for each in ran for _, text in each.part.logs
        )
        run.execution.go(Until())
        assert [row[3] for row in told(run)[0]] == ["done"]
    rows = dict(line.split(": ") for line in logged[0].splitlines())
    descriptors = json.loads(rows.pop("descriptors"))
    assert rows.keys() == attempts().keys()
    if said:  # this machine's kernel has no such walls: it is said, once for each that is missing
        assert all("less shut in" in text for text in said)
    else:
        assert rows == dict.fromkeys(rows, str(EPERM))
    # Its pipe, nothing twice, and what it made for itself: the map of its pages, images.
    assert descriptors[:3] == [0, 1, 2]
    assert len(descriptors) <= 6


@pytest.mark.parametrize("part", ["seccomp", "landlock"])
def test_each_wall_stands_alone(part):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(part=part)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    why, opened, looked = json.loads(done.stdout)
    if not why:
        assert opened == (EPERM if part == "seccomp" else EACCES)
        assert looked == (EPERM if part == "seccomp" else 0)


def run_filter(steps, number, arch, *arguments):
    """What the kernel would do: the filter, interpreted."""
    data = {0: number, 4: arch}
    for place, value in enumerate(arguments):
        data[16 + 8 * place] = value & 0xFFFFFFFF
    at, accumulator = 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                accumulator = data.get(operand, 0)
            case 0x15:
                at += yes if accumulator == operand else no
            case 0x45:
                at += yes if accumulator & operand else no
            case 0x06:
                return operand
            case _:
                raise AssertionError(code)


ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
MACHINES = {
    "x86_64": (0xC000003E, {"read": 0, "open": 2, "mmap": 9, "ioctl": 16, "tgkill": 234}),
    "aarch64": (0xC00000B7, {"read": 63, "open": 56, "mmap": 222, "ioctl": 29, "tgkill": 131}),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_of_each_machine(machine):
    arch, calls = MACHINES[machine]
    steps = seccomp.program(machine, 77)
    assert max(max(yes, no) for _, yes, no, _ in steps) < 256

    def does(name, *arguments):
        return run_filter(steps, calls[name], arch, *arguments)

    assert does("read", 0) == ALLOWED
    assert does("open") == REFUSED
    assert does("mmap", 0, 4096, 3) == ALLOWED
    assert does("mmap", 0, 4096, 7) == REFUSED
    assert does("ioctl", 0, 0x5413) == REFUSED
    assert does("tgkill", 77, 77, 6) == ALLOWED
    assert does("tgkill", 78, 78, 6) == REFUSED
    assert run_filter(steps, calls["read"], 0x40000003) == KILLED  # of another machine
    assert run_filter(steps, 0x40000000, arch) == REFUSED
    allowed = [n for n in range(1024) if run_filter(steps, n, arch) == ALLOWED]
    assert len(allowed) < 40


def test_an_unknown_machine_is_said():
    assert seccomp.program("riscv64", 1) is None


@pytest.mark.parametrize("version", range(1, 8))
def test_what_landlock_is_told_has_the_size_of_its_version(version):
    assert len(landlock.rules(version)) == (8 if version < 4 else 16 if version < 6 else 24)
