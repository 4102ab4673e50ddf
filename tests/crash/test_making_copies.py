"""Commands that make a new run file: killed, they leave the old one, and no half of a new one."""

from __future__ import annotations

import copy

import pytest

from tests.crash import disk
from tests.crash.disk import FLAVOURS
from tests.crash.recording import operations
from tests.crash.trial import look_into
from tests.crash.worlds import RUN
from wasm_engine.concepts.errors import EngineError
from wasm_engine.journal.runfile import RunFile

NEW = "new.run"
COMMANDS = {
    "fork": ("fork", RUN, "--at", "9", "--out", NEW),
    "compact": ("compact", RUN, "--out", NEW),
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_whenever_it_is_killed_the_new_file_is_all_or_nothing(short, machine, tmp_path, verb):
    machine.lay_out(short.closed)
    now, chains = copy.deepcopy(machine.disk), set()
    ended = machine.command(*COMMANDS[verb])
    assert ended.status == 0, ended.err
    whole, places = _chain(machine.root, NEW), set(operations(ended.records))
    old = look_into(short.closed)
    for number, record in enumerate(ended.records):
        now.apply(record)
        if number in places:
            image = now.after_failure(FLAVOURS[number % len(FLAVOURS)], number)
            assert look_into(image) == old
            disk.lay_out(image, tmp_path / "left")
            chains.add(_chain(tmp_path / "left", NEW))
    assert chains == {None, whole}


def _chain(root, name):
    """The chain of a run; None where there is none, or one that nobody would take for it."""
    try:
        with RunFile.open(root / "work" / name, verify="all") as run:
            return run.chain
    except EngineError:
        return None
