"""Running, resuming, sending: what is reported, and what is refused before anything is written."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import BadManifest, BadRunFile, Interrupted, Misuse, Refused
from wasm_engine.control import runs
from wasm_engine.control.moment import Moment
from wasm_engine.control.observer import Unobserved
from wasm_engine.control.orders import Outside, Pace
from wasm_engine.control.replays import replay

START = Outside("a", "start", "20 b")


class Stopper(Unobserved):
    """Asks for a stop at a step."""

    def __init__(self, at):
        self.at = at
        self.step = 0

    def at_step(self, step, messages):
        self.step = step

    def stop_asked(self):
        return self.step >= self.at


class Generous(Unobserved):
    """Gives what is asked for."""

    def __init__(self):
        self.asked = []

    def allows(self, grants):
        self.asked += grants
        return True


def test_a_run_is_reported_as_it_stands(world):
    report = runs.run(world, send=[START])
    assert (report.world, report.status, report.step) == ("pingpong", "idle", 22)
    assert (report.messages, report.dead_letters, report.denials) == (22, 0, 0)
    assert report.fuel > 0
    assert len(report.chain) == len(report.fingerprint) == 64


def test_the_chain_depends_on_the_world_its_seed_and_its_inputs_alone(world, tmp_path):
    def chain(**more):
        return runs.run(world, **{"send": [START], **more}).chain

    same = {
        chain(),
        chain(file=tmp_path / "x.run"),
        chain(pace=Pace(workers=4)),
    }
    assert len(same) == 1
    assert chain(seed=1) not in same
    assert chain(send=[Outside("a", "start", "19 b")]) not in same


def test_a_stopped_run_resumed_has_the_chain_of_an_undisturbed_one(world, tmp_path):
    whole = runs.run(world, send=[START])
    file = tmp_path / "parts.run"
    first = runs.run(world, file=file, send=[START], pace=Pace(max_steps=5))
    assert (first.status, first.step) == ("stopped", 5)
    second = runs.resume(file, observer=Stopper(9))
    assert (second.status, second.step) == ("stopped", 9)
    third = runs.resume(file, pace=Pace(until=Moment(15_000_000, after_epoch=True)))
    assert (third.status, third.step) == ("stopped", 15)
    last = runs.resume(file)
    assert (last.status, last.chain, last.fuel) == ("idle", whole.chain, whole.fuel)


def test_a_message_sent_into_a_run_is_delivered_by_resume_and_replayed(kept):
    sent = runs.send(kept, Outside("b", "start", "3 a"))
    assert (sent.message, sent.to) == (23, "b")
    report = runs.resume(kept)
    assert (report.status, report.messages) == ("idle", 27)
    assert replay(kept).identical


def test_what_re_executes_can_be_watched_and_stopped(kept):
    chain = replay(kept).chain
    with pytest.raises(Interrupted, match="step 5"):
        replay(kept, observer=Stopper(at=4))
    assert replay(kept).chain == chain
    # After a clean stop there is nothing to be done again.
    assert runs.resume(kept, observer=Stopper(at=4)).chain == chain


def test_nobody_unknown_gets_a_message(world, kept):
    with pytest.raises(Misuse, match="'c'"):
        runs.run(world, send=[Outside("c", "start", "")])
    with pytest.raises(Misuse, match="'c' cannot get a message: unknown-address"):
        runs.send(kept, Outside("c", "start", ""))


def test_a_run_is_never_written_over(world, kept):
    before = kept.read_bytes()
    with pytest.raises(BadRunFile, match=r"kept\.run"):
        runs.run(world, file=kept)
    assert kept.read_bytes() == before


def test_mistakes_write_nothing(world, tmp_path):
    file = tmp_path / "no.run"
    world.write_text(world.read_text() + "[agents.c]\nsource = 'none.wasm'\nfule = 1\n")
    with pytest.raises(BadManifest) as error:
        runs.run(world, file=file)
    assert len(error.value.mistakes) == 2
    assert not file.exists()


def test_reaching_beyond_the_folder_needs_the_operators_word(world, tmp_path):
    outside = tmp_path / "documents"
    outside.mkdir()
    mount = f"[mounts.docs]\npath = '{outside}'\nat = '/docs'\n"
    world.write_text(world.read_text() + "mounts = ['docs']\n" + mount)
    file = tmp_path / "x.run"
    with pytest.raises(Refused, match="mount:") as error:
        runs.run(world, file=file)
    assert f"--allow mount:{outside}" in error.value.hint
    assert not file.exists()
    assert runs.run(world, allow=[f"mount:{outside}"]).status == "idle"
    assert runs.run(world, allow=[f"mount:{tmp_path}/*"]).status == "idle"
    person = Generous()
    assert runs.run(world, observer=person).status == "idle"
    assert person.asked == [f"mount:{outside}"]


def test_what_is_no_grant_is_refused_by_name(world):
    with pytest.raises(Misuse, match="--allow"):
        runs.run(world, allow=["everything"])


def test_a_run_of_another_machine_goes_on_only_when_taken_over(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Misuse, match="another machine") as error:
        runs.resume(kept)
    assert "--take-over" in error.value.hint
    with pytest.raises(Misuse, match="another machine"):
        runs.send(kept, Outside("a", "start", "1 b"))
    assert runs.resume(kept, take_over=True).status == "idle"
    assert runs.resume(kept).status == "idle"
    assert replay(kept).identical


@pytest.mark.parametrize(
    "given",
    [
        {"seed": -1},
        {"seed": 2**63},
        {"seed": "1"},
        {"pace": Pace(workers=0)},
        {"pace": Pace(max_steps=0)},
        {"pace": Pace(until="+10m")},
    ],
)
def test_values_that_no_run_can_have_are_refused(world, tmp_path, given):
    with pytest.raises(Misuse, match="must be"):
        runs.run(world, file=tmp_path / "x.run", **given)
    assert not (tmp_path / "x.run").exists()


def test_what_is_no_run_file_is_refused_by_name(world, tmp_path):
    for path in (world, tmp_path / "nothing.run", tmp_path):
        with pytest.raises(BadRunFile):
            runs.resume(path)
