"""Whatever is changed is found, and the report points at it: guests, journal, host answers.

Each mutation is drawn from a seed. Where the truth about one is not known from the mutation itself,
the world is run live with the change in it, and the two histories are compared without the engine's
comparison. So a mutation without a difference is not passed over: it is shown to change nothing.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.replay.edits import Edit, edits_of_steps
from tests.replay.forger import forge_entries, plain_entries
from tests.replay.golden_worlds import GUESTS, WORLDS
from tests.replay.histories import Place, parting, steps
from tests.replay.liars import Called, Liar
from tests.replay.mutants import Mutant, mutants
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadComponent, BadRunFile
from wasm_engine.control.replays import replay
from wasm_engine.control.reports import ReplayReport
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Clock, Control, Header, Input, Kind
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World, load_components
from wasm_engine.world import run as world_run

COMPONENTS = [("pingpong", "a", "ping"), ("conversation", "sum", "tally")]
COMPONENTS += [("conversation", "asker", "scripted")]
MUTANTS = 24
EDITS = 120
MOST_STEPS = 100


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the guests, whose compiled mutants are kept nowhere else."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    for guest in ("scripted", "tally", "ping"):
        shutil.copyfile(GUESTS / guest / f"{guest}.wasm", tmp_path / f"{guest}.wasm")
    return tmp_path


def record(world: dict[str, Any], folder: Path, name: str = "kept.run") -> Path:
    """Runs a world to its end, or for a while, and keeps the run."""
    file = folder / name
    file.unlink(missing_ok=True)
    with World.from_mapping(world, folder).begin(file) as run:
        run.execution.go(Until(max_steps=MOST_STEPS))
    return file


def pointed(report: ReplayReport) -> Place | None:
    """Where a report points."""
    found = report.divergence
    return None if found is None else Place(found.step, found.agent)


# Guests.


@pytest.mark.parametrize(("world", "kind", "guest"), COMPONENTS)
def test_a_changed_byte_of_a_guest_is_found_where_it_first_matters(here, world, kind, guest):
    file = record(WORLDS[world], here)
    kept, outcomes = steps(file), Counter()
    for mutant in mutants((here / f"{guest}.wasm").read_bytes(), MUTANTS, Random(guest)):
        outcomes[_mutated(here, file, kept, (world, kind, guest), mutant)] += 1
    assert sum(outcomes.values()) == MUTANTS
    assert outcomes["component"] >= MUTANTS // 6


def _mutated(here: Path, file: Path, kept: Any, which: tuple[str, str, str], mutant: Mutant) -> str:
    """How a mutant was found out; what it does live decides where."""
    world, kind, guest = which
    other = here / "other.wasm"
    other.write_bytes(mutant.wasm)
    if not is_valid(mutant.wasm):
        with pytest.raises(BadComponent, match=f"^{guest}.wasm"):
            replay(file, components={kind: other})
        return "refused"
    agents = WORLDS[world]["agents"]
    changed = {**agents, kind: {**agents[kind], "source": "other.wasm"}}
    live = record({**WORLDS[world], "agents": changed}, here, "live.run")
    truth, report = parting(kept, steps(live)), replay(file, components={kind: other})
    assert pointed(report) == truth, mutant[:2]
    if truth is None:
        assert (report.identical, report.equivalent) == (False, True)
        return "neutral"
    assert report.divergence is not None
    assert report.divergence.cause == "component", mutant[:2]
    return "component"


def is_valid(wasm: bytes) -> bool:
    """Whether a component can be loaded at all."""
    try:
        load_components([("other.wasm", wasm)])
    except BadComponent:
        return False
    return True


# Host answers.


def lied_about(monkeypatch: pytest.MonkeyPatch, file: Path, liar: Liar) -> ReplayReport:
    """What a replay says while a host function lies."""
    table = world_run.host_functions()
    with monkeypatch.context() as patch:
        patch.setattr(world_run, "host_functions", lambda: liar.table(dict(table)))
        return replay(file)


@pytest.fixture
def told(here: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Called]]:
    """A run, and all its calls whose answers can be others."""
    file, liar = record(WORLDS["conversation"], here), Liar()
    assert lied_about(monkeypatch, file, liar).identical
    return file, liar.calls


def place_of(call: Called) -> tuple[int, str, int | None]:
    """Where a report must point that is about a call."""
    return call.step, call.agent, None if call.ordinal < 0 else call.ordinal


def test_a_host_that_answers_otherwise_is_found_at_the_call(told, monkeypatch):
    file, calls = told
    assert len(calls) > 40
    assert any(call.ordinal < 0 for call in calls)
    for call in calls:
        found = lied_about(monkeypatch, file, Liar(call)).divergence
        assert found is not None, call
        assert (found.step, found.agent, found.call) == place_of(call)
        what = "that it goes on with" if found.call is None else call.function
        assert (found.cause, what in found.expected) == ("recorded answer", True)


def test_a_host_that_answers_in_two_ways_has_lost_determinism(told, monkeypatch):
    file, calls = told
    for call in Random(3).sample(calls, 10):
        found = lied_about(monkeypatch, file, Liar(call, times=1)).divergence
        assert found is not None, call
        assert (found.step, found.agent, found.call) == place_of(call)
        assert found.cause == "lost determinism"


# The journal.


def forged(file: Path, edit: Edit) -> ReplayReport:
    """What a replay says of a copy with one entry changed."""
    copy = file.with_name("forged.run")
    shutil.copyfile(file, copy)
    assert forge_entries(copy, lambda n, entry: edit.entry if n == edit.n else entry) == 1
    return replay(copy)


@pytest.mark.parametrize("world", ["conversation", "pingpong"])
def test_a_changed_record_of_a_step_is_found_there(here, world):
    file = record(WORLDS[world], here)
    found = list(edits_of_steps(plain_entries(file), Random(world)))
    chosen = Random(1).sample(found, EDITS)
    assert len({edit.what for edit in found} - {edit.what for edit in chosen}) <= 8
    for edit in chosen:
        report = forged(file, edit)
        assert report.divergence is not None, edit[:2]
        place = pointed(report)
        assert place is not None
        assert place.step == edit.place.step, edit[:2]
        assert edit.place.agent in ("?", place.agent), edit[:2]
        assert report.divergence.cause == edit.cause, edit[:2]


def changed_input(index: int, what: str) -> tuple[dict[str, Any], Input]:
    """The conversation with another message from outside, and its entry."""
    world = WORLDS["conversation"]
    message = dict(world["messages"][index])
    if what == "to":
        message["to"] = "answerer/2" if message["to"] == "asker" else "asker"
    elif what == "topic":
        message["topic"] = "else"
    else:
        message["body"] = message["body"] + {"word": "; touch", "space": " "}[what]
    messages = [*world["messages"][:index], message, *world["messages"][index + 1 :]]
    body = ("text", message["body"])
    return {**world, "messages": messages}, Input(
        index + 1, message["to"], message["topic"], body, []
    )


@pytest.mark.parametrize("what", ["to", "topic", "word", "space"])
@pytest.mark.parametrize("index", range(5))
def test_a_changed_input_is_found_where_it_first_matters(here, index, what):
    file = record(WORLDS["conversation"], here)
    world, entry = changed_input(index, what)
    truth = parting(steps(file), steps(record(world, here, "live.run")))
    numbers = {
        entries.decode(kind, body).id: n  # type: ignore[union-attr]
        for n, (kind, body, _) in enumerate(plain_entries(file), start=1)
        if kind == Kind.INPUT
    }
    kind, body = entries.encode(entry)
    edit = Edit(what, numbers[index + 1], (kind, body, None), truth or Place(0, None))
    report = forged(file, edit)
    assert pointed(report) == truth
    assert report.inputs[index].topic == entry.topic
    assert report.inputs[index].body == entry.body[1]
    if report.divergence is not None:
        assert report.divergence.cause == "journal"


def replaced(file: Path, of_type: type, change: Any) -> Edit:
    """An edit of the first entry of a type for which `change` answers another body."""
    for n, (kind, body, _) in enumerate(plain_entries(file), start=1):
        value = entries.decode(kind, body)
        if isinstance(value, of_type):
            other = change(value)
            if other is not None:
                return Edit("", n, (*entries.encode(other), None), Place(0, None))
    raise AssertionError(of_type)


def test_an_input_under_another_number_is_found_before_the_first_step(here):
    file = record(WORLDS["conversation"], here)
    for number in range(1, 6):

        def renumbered(it: Input, number: int = number) -> Input | None:
            same = (it.to, it.topic, it.body, it.headers)
            return Input(it.id + 9, *same) if it.id == number else None

        assert pointed(forged(file, replaced(file, Input, renumbered))) == Place(1, None)


TIMED = {
    "world": {"clock": "recorded"},
    "agents": {"asker": {"source": "scripted.wasm"}, "other": {"source": "scripted.wasm"}},
    "messages": [
        {"to": "asker", "topic": "script", "body": "now; send other script 3:now; set k v"},
        {"to": "asker", "topic": "script", "body": "ask other script 13:now;reply 2:x"},
        {"to": "other", "topic": "script", "body": "now; send asker script 5:touch"},
    ],
}


@pytest.mark.parametrize("by", [1, 1_000_000, -1])
def test_a_changed_reading_of_the_clock_is_found_in_its_step(here, by):
    file = record(TIMED, here)
    readings = [entries.decode(k, b) for k, b, _ in plain_entries(file) if k == Kind.CLOCK]
    assert len(readings) > 2
    for reading in readings:
        assert isinstance(reading, Clock)

        def later(it: Clock, step: int = reading.step) -> Clock | None:
            return Clock(step, it.time + by) if it.step == step else None

        def elsewhere(it: Clock, step: int = reading.step) -> Clock | None:
            return Clock(step + by, it.time) if it.step == step else None

        for change in (later, elsewhere):
            place = pointed(forged(file, replaced(file, Clock, change)))
            assert place is not None
            assert place.step == reading.step


def plain_header(file: Path) -> Header:
    """The header of a run."""
    header = entries.decode(*plain_entries(file)[0][:2])
    assert isinstance(header, Header)
    return header


def test_another_header_is_found(here):
    file = record(WORLDS["conversation"], here)
    world = {**WORLDS["conversation"], "world": {"seed": 5}}
    truth = parting(steps(file), steps(record(world, here, "live.run")))
    assert truth is not None

    def header(**fields: Any) -> Any:
        return lambda it: Header(**{n: fields.get(n, getattr(it, n)) for n in it.__struct_fields__})

    manifest = canonical.decode(plain_header(file).manifest)
    manifest[1][1] = 5
    both = header(seed=5, manifest=canonical.encode(manifest))
    assert pointed(forged(file, replaced(file, Header, both))) == truth
    for other in ({"seed": 5}, {"world": "another"}, {"manifest": canonical.encode(manifest)}):
        with pytest.raises(BadRunFile, match="another world, or another seed, than its manifest"):
            forged(file, replaced(file, Header, header(**other)))
    foreign = forged(file, replaced(file, Header, header(fingerprint=[["wasmtime", "1.0.0"]])))
    assert (foreign.identical, foreign.equivalent) == (False, True)


def test_kinds_that_run_something_else_are_found_where_it_first_matters(here):
    file = record(WORLDS["conversation"], here)
    agents = WORLDS["conversation"]["agents"]
    for kind in sorted(agents):
        source = "tally.wasm" if agents[kind]["source"] == "scripted.wasm" else "scripted.wasm"
        changed = {**agents, kind: {**agents[kind], "source": source}}
        world = {**WORLDS["conversation"], "agents": changed}
        truth = parting(steps(file), steps(record(world, here, "live.run")))

        def swapped(it: Control, kind: str = kind) -> Control | None:
            if it.op != "kinds":
                return None
            rows = {row[0]: row for row in it.args}
            digest = next(row[2] for row in it.args if row[2] != rows[kind][2])
            return Control(
                it.op, [*(r for n, r in rows.items() if n != kind), [kind, None, digest]]
            )

        report = forged(file, replaced(file, Control, swapped))
        assert pointed(report) == truth
        assert truth is None or report.divergence.cause == "journal"  # type: ignore[union-attr]
