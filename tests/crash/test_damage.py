"""Files that were damaged by something else than a crash: what is lost, and that it is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.crash.disk import lay_out
from tests.crash.trial import Lost, look, look_into
from tests.crash.worlds import RUN
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.control import runs

FILE, LOG = f"work/{RUN}", f"work/{RUN}-wal"
NOISE = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(256))


TAILS = {
    "torn": lambda log, share: log[: int(len(log) * share)],
    "zeroed": lambda log, share: log[: int(len(log) * share)].ljust(len(log), b"\0"),
    "overwritten": lambda log, share: (log[: int(len(log) * share)] + NOISE * 20)[: len(log)],
}


@pytest.mark.parametrize("share", [0.97, 0.8, 0.6])
@pytest.mark.parametrize("tail", TAILS)
def test_a_damaged_tail_costs_what_was_stored_last(short, home, tail, share):
    """It is computed again: nobody had been told of it."""
    whole, files = look_into(short.killed), dict(short.killed)
    files[LOG] = TAILS[tail](files[LOG], share)
    left = look_into(files)
    assert 1 < len(left.entries) <= len(whole.entries)
    assert left.entries == whole.entries[: len(left.entries)]
    lay_out(files, home)
    assert runs.resume(home / FILE).chain == short.idle


@pytest.mark.parametrize("keep", [n / 16 for n in range(1, 16)])
def test_a_file_that_was_cut_is_refused(short, keep):
    files = dict(short.closed)
    files[FILE] = files[FILE][: int(len(files[FILE]) * keep)]
    with pytest.raises(Lost, match=f"{RUN}: "):
        look_into(files)


def test_a_file_with_something_behind_it_is_refused(short):
    files = dict(short.closed)
    files[FILE] += b"more"
    with pytest.raises(Lost, match="something after its end"):
        look_into(files)


@pytest.mark.parametrize("what", ["zeros", "noise", "one bit"])
def test_a_damaged_sector_is_found_or_was_in_use_by_nothing(short, what):
    whole, files = look_into(short.closed), dict(short.closed)
    data, refused = files[FILE], 0
    for start in range(0, len(data), 512):
        sector = bytearray(data[start : start + 512])
        match what:
            case "zeros":
                sector[:] = bytes(512)
            case "noise":
                sector[:] = NOISE[:512]
            case _:
                sector[start // 512 % 512] ^= 4
        files[FILE] = data[:start] + sector + data[start + 512 :]
        if files[FILE] == data:
            continue
        try:
            assert look_into(files) == whole
        except Lost:
            refused += 1
    assert refused > 10


def test_a_copy_elsewhere_needs_the_word_of_its_operator(short, machine, bench, tmp_path):
    """Then both are runs; what one of them does the other does not hear of."""
    machine.lay_out(short.killed)
    other = bench.machine(tmp_path / "other")
    other.lay_out({**other.files(), **{it: short.killed[it] for it in (FILE, LOG)}})
    ended = other.command("resume", RUN)
    assert ended.status == 2
    assert "began on another machine" in ended.err
    before = look(other)
    assert other.command("resume", RUN, "--take-over").status == 0
    assert look(other).entries[: len(before.entries)] == before.entries
    assert machine.command("resume", RUN).status == 0
    assert look(machine).chain == short.idle
    same = machine.command("diff", RUN, str(other.work / RUN), "--json").report()
    assert (same["step"], same["made_of"]) == (None, ["control"])
    assert other.command("resume", RUN).status == 0
    assert other.command("replay", RUN).status == 0


def test_without_its_log_a_killed_run_is_as_old_as_its_file(short):
    """To copy a run that is being written is to copy both files; `resume` closes it into one."""
    files = {path: data for path, data in short.killed.items() if path != LOG}
    whole, left = look_into(short.killed), look_into(files)
    assert left.entries == whole.entries[: len(left.entries)]


def test_the_log_of_another_run_is_not_taken_for_its_own(short):
    """To put it there is to alter the file; what comes of that is no mixture of the two."""
    files = {**short.closed, LOG: short.killed[LOG]}
    assert _found(files) in (None, look_into(short.closed), look_into(short.killed))


def _found(files):
    """What is found in files; None where they are refused."""
    try:
        return look_into(files)
    except Lost:
        return None


def test_who_goes_on_with_a_damaged_file_is_refused_or_does_not_need_what_is_damaged(short, home):
    """What is before the newest checkpoint is not read by `resume`; `replay` finds it then."""
    whole, data, refused = look_into(short.closed), short.closed[FILE], 0
    for start in range(0, len(data), 512 * 5):
        damaged = data[:start] + NOISE[:512] + data[start + 512 :]
        lay_out({**short.closed, FILE: damaged}, home)
        try:
            report = runs.resume(home / FILE)
        except BadRunFile:
            refused += 1
            continue
        assert report.chain == whole.chain
        left = Path(home / FILE).read_bytes()
        assert _found({**short.closed, FILE: left}) in (None, whole)
    assert refused > 3
