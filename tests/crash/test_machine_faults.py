"""A disk that is full, failing, or read-only: one clear message, and nothing lost."""

import errno
import re

import pytest

from tests.crash.preload import ALWAYS, Failure
from tests.crash.recording import Kind, ordinals
from tests.crash.trial import look
from tests.crash.worlds import RUN
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import runs

TICK = 0.25
HOST_FAULT = 5
BAD_RUN_FILE = 2

SHARES = [n / 5 for n in range(1, 5)]
"""Where in a run the faults come, from its beginning to its end."""


def refused(share, error, count, of, records):
    """A failure at some share of the operations of a class that go to the run file and its log."""
    ours = ordinals(records, of, RUN)
    return Failure(of, ours[int(share * len(ours))], error, count)


FAULTS = {
    "full from a write on": ("changes", errno.ENOSPC, ALWAYS),
    "one write fails": ("changes", errno.EIO, 1),
    "one sync fails": ("syncs", errno.EIO, 1),
    "all syncs fail from one on": ("syncs", errno.EIO, ALWAYS),
}


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_refused_is_said_once_and_the_run_goes_on(short, machine, home, fault, share):
    """Then the power fails as well: of what a failed sync was to write, anything may be left."""
    command = short.story.commands[0]
    of, error, count = FAULTS[fault]
    failure = refused(share, error, count, of, short.first)
    ended = machine.command(*command, failure=failure, tick=TICK)
    assert ended.status in (0, HOST_FAULT), ended.err
    if ended.status:
        assert said_once(ended.err), ended.err
    machine.fail_power("some", failure.first)
    try:
        report = runs.resume(home / "work" / RUN)
    except Misuse:
        assert not begun(ended)
    else:
        assert report.chain == short.idle


def test_no_names_can_be_made(short, machine):
    """A read-only file system: nothing can begin; what has begun can be looked at."""
    command, fixed = short.story.commands[0], Failure("names", 1, errno.EROFS, ALWAYS)
    ended = machine.command(*command, failure=fixed)
    assert (ended.status, said_once(ended.err)) == (HOST_FAULT, True)
    assert "read-only file system" in ended.err
    assert machine.command(*command, kill=short.amid, tick=TICK).killed
    before = machine.files()
    stays = {"failure": fixed}
    assert machine.command("inspect", RUN, **stays).status == 0
    ended = machine.command("resume", RUN, failure=Failure("changes", 1, errno.EROFS, ALWAYS))
    assert (ended.status, said_once(ended.err)) == (HOST_FAULT, True)
    assert machine.files() == before


def said_once(text: str) -> bool:
    """One message of ours, hints beside; nothing of Python's."""
    messages = [line for line in text.splitlines() if line.startswith("wasm-engine: ")]
    return len(messages) == 1 and "Traceback" not in text and not re.search(r"Errno|Bug", text)


def begun(ended) -> bool:
    """Whether the run was remembered as this machine's, for good."""
    named = [it for it in ended.records if it.kind == Kind.RENAME and it.data.endswith(b".json")]
    after = ended.records[ended.records.index(named[0]) :] if named else []
    return any(it.kind == Kind.SYNC_END and it.file == named[0].file for it in after)


def test_a_run_that_a_full_disk_stopped_ends_with_its_last_stored_entry(short, machine):
    command = short.story.commands[0]
    full = refused(0.5, errno.ENOSPC, ALWAYS, "changes", short.first)
    assert machine.command(*command, failure=full, tick=TICK).status == HOST_FAULT
    stopped = look(machine)
    assert len(stopped.entries) > 2
    assert machine.command("resume", RUN, failure=full._replace(first=1)).status == HOST_FAULT
    assert look(machine) == stopped
    assert machine.command("resume", RUN).status == 0
    assert look(machine).entries[: len(stopped.entries)] == stopped.entries


def test_a_second_process_is_turned_away(short, machine):
    """While one writes, another may look and not touch."""
    command = short.story.commands[0]
    assert machine.command(*command, kill=short.amid, tick=TICK).killed
    before = machine.files()
    with machine.held(RUN):
        for words in (("resume", RUN), ("send", RUN, "a", "start", "1 b")):
            ended = machine.command(*words)
            assert ended.status == BAD_RUN_FILE
            assert "in use by another process" in ended.err
        assert machine.command("inspect", RUN).status == 0
    assert machine.files() == before
    assert machine.command("resume", RUN).status == 0
    assert look(machine).chain == short.idle
