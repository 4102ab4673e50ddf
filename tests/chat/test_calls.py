"""Calls of agents on language models: what is refused, what is counted, what comes back."""

from __future__ import annotations

import pytest

from tests.chat.talking import ECHO, TALKER
from tests.inference.models import mlp
from wasm_engine.concepts.errors import BadManifest, Misuse
from wasm_engine.control import forks, runs
from wasm_engine.control.orders import Pace
from wasm_engine.control.policies import enforce
from wasm_engine.control.runs import resume as goes_on
from wasm_engine.control.runs import send
from wasm_engine.orchestrator.execution import Until

WEATHER = """
[[answer]]
contains = "weather"
turn = 0
calls = [{ name = "look", arguments = { city = "Ulm" } }]
[[answer]]
answers = "look"
contains = "Ulm"
content = "It rains."
[[answer]]
last = "three"
content = { n = 3 }
[[answer]]
last = "four"
content = "no json"
[[answer]]
last = "busy"
fault = { code = "timeout", detail = "slow" }
"""


def test_an_answer_is_an_input_of_the_run_and_a_replay_asks_nobody(talk):
    assert talk.run(("say", "m hello")) == "idle"
    assert talk.log() == ["= aye"]
    (effect,) = talk.effects()
    assert (effect.capability, effect.step, effect.arrived) == ("chat", 1, 2)
    assert effect.outcome == ["ok", ["chat", "aye", [], "stop", 2, 1, "", False]]
    (talk.folder / "m.toml").unlink()
    assert talk.replays()


def test_functions_are_called_and_their_answers_told(talk):
    talk.script(WEATHER)
    talk.run(("look", "m weather"))
    assert talk.log() == ['> look {"city":"Ulm"}', "= It rains."]
    assert talk.replays()


def test_an_answer_outside_its_schema_is_a_fault_that_says_where(talk):
    talk.script(WEATHER)
    talk.run(("json", "m three"), ("json", "m four"), ("say", "m busy"), ("say", "m what"))
    assert talk.log() == [
        '= {"n":3}',
        "error bad-answer the answer: it is not JSON; it answered: no json",
        "error timeout slow",
        'error model-failed no answer of the script fits the user\'s turn "what"',
    ]
    assert talk.effects()[1].outcome[0] == "ok"  # what it said is in the run, and what it cost
    assert talk.replays()


def test_who_may_not_asks_nobody(talk):
    talk.models["other"] = {"file": "x.onnx"}
    mlp(talk.folder / "x.onnx")
    talk.agents["a"]["grants"] = ["model:m", "model:other"]
    talk.run(("say", "m x"), ("told", "m"), to="b")
    assert talk.log() == ["error not-granted model:m", "error not-granted model:m"]
    assert not talk.effects()


def test_many_are_asked_at_once_and_what_is_not_taken_is_dropped(talk):
    talk.run(("both", "m x"), ("forget", "m y"), ("told", "m"))
    assert talk.log() == ["= aye", "= aye", "= 4096 1024"]
    assert [it.arrived is not None for it in talk.effects()] == [True, True, True]
    assert talk.replays()


def test_each_question_has_a_seed_of_its_own_and_the_same_one_in_each_run(talk, tmp_path):
    talk.run(("both", "m x"), ("say", "m x"))
    seeds = [it.arguments[10] for it in talk.effects()]
    assert len(set(seeds)) == 3
    talk.file = tmp_path / "again.run"
    talk.run(("both", "m x"), ("say", "m x"), workers=3)
    assert [it.arguments[10] for it in talk.effects()] == seeds


def test_a_model_that_keeps_its_answers_is_asked_once(talk):
    talk.models["m"]["cache"] = True
    talk.agents["a"]["count"] = 2
    talk.run(("both", "m x"), ("say", "m x"), ("say", "m y"), to="a/1")
    outcomes = [it.outcome[1] for it in talk.effects()]
    assert [(it[1], it[4], it[5], it[7]) for it in outcomes] == [
        ("aye", 1, 1, False), ("aye", 0, 0, True), ("aye", 0, 0, True), ("aye", 1, 1, False),
    ]  # fmt: skip
    assert talk.replays()


def test_what_was_kept_is_kept_over_a_resume(talk):
    talk.models["m"]["cache"] = True
    talk.run(("say", "m x"), max_steps=2)
    send(talk.file, ("a", "say", "m x"))
    goes_on(talk.file)
    assert [it.outcome[1][7] for it in talk.effects()] == [False, True]
    assert talk.replays()


def test_tokens_are_counted_when_they_come_and_none_left_is_a_refusal(talk):
    talk.script('[[answer]]\ncontent = "aye"\nusage = { prompt = 60, answer = 50 }\n')
    talk.more["budgets"] = {"all": {"tokens": 200, "over": "all"}}
    talk.run(("forget", "m x"), ("say", "m y"), ("say", "m z"))
    assert talk.log() == ["= aye", "error budget all: tokens"]
    report = talk.look(budgets=True)
    assert [(it.what, it.spent) for it in report.budgets] == [("tokens", 220)]
    assert talk.replays()


def test_an_answer_that_costs_more_than_is_left_comes_and_is_counted(talk):
    talk.script('[[answer]]\ncontent = "aye"\nusage = { prompt = 60, answer = 50 }\n')
    talk.more["budgets"] = {"each": {"tokens": 10}}
    talk.run(("say", "m x"))
    assert talk.log() == ["= aye"]
    assert talk.look(budgets=True).budgets[0].spent == 110


def test_a_conversation_that_is_too_long_is_a_fault_with_what_there_may_be(talk):
    talk.models["m"] |= {"context": 20, "most": 4}
    talk.script('[[answer]]\ncontent = "0123456789abcdefghij"\n')
    talk.run(("say", "m " + "x" * 100), ("say", "m short"), ("told", "m"))
    assert talk.log() == [
        "error context-overflow the conversation has 25 tokens; with its answer it may have 20",
        "= 0123456789abcdef",
        "= 20 4",
    ]
    assert talk.effects()[1].outcome[1][3] == "length"


def test_a_fork_asks_for_nothing_that_the_run_holds(talk, tmp_path):
    talk.run(("say", "m x"), ("say", "m y"))
    out = tmp_path / "fork.run"
    talk.script('[[answer]]\ncontent = "otherwise"\n')
    forks.fork(talk.file, at=1, out=out)
    assert goes_on(out, pace=Pace()).chain
    assert talk.log(out) == talk.log() == ["= aye", "= aye"]
    assert talk.replays(out)


def test_a_script_that_is_none_is_refused_before_anything_runs(talk):
    for text, says in (
        ("[[answer]\n", "m:1: is not TOML"),
        ("answer = 3\n", "m: Expected `array`"),
        ("[[answer]]\nlsat = 'x'\n", "m: Object contains unknown field `lsat`"),
        ("[[answer]]\nmatches = '('\n", "m: answer 1: matches is no pattern"),
        ("[[answer]]\nagent = 'A b'\n", "m: answer 1: agent must be an address"),
        ("[[answer]]\nfault = { code = 'X' }\n", "m: answer 1: fault.code must be"),
        ("[[answer]]\ncontent = 'x'\nfault = { code = 'x' }\n", "a fault, or an answer: not both"),
    ):
        talk.script(text)
        with pytest.raises(Misuse, match=says.replace("(", r"\(")):
            talk.world()


def test_a_run_holds_its_script_and_goes_on_without_the_file(talk):
    talk.run(("say", "m x"), ("say", "m y"), max_steps=1)
    talk.script(ECHO.replace("aye", "nay"))
    assert talk.resume() == "idle"
    assert talk.log() == ["= aye", "= aye"]
    assert talk.replays()


def test_a_run_of_another_time_opens_whatever_its_patterns(talk, monkeypatch):
    talk.script(ECHO + "matches = 'a'\n[[answer]]\nmatches = '(?=b)'\ncontent = 'b'\n")
    with pytest.raises(Misuse, match=r"m: answer 2: matches is no pattern that is taken: .*ahead"):
        talk.world()
    monkeypatch.setattr("wasm_engine.world.world.require_script", lambda _data, _name: None)
    talk.run(("say", "m a"), ("say", "m b"))
    assert talk.log()[0] == "= aye"
    assert talk.log()[1].startswith("error model-failed m: answer 2: matches is no pattern")
    assert talk.resume() == "idle"
    assert talk.replays()


def test_a_script_that_is_not_there_is_a_mistake_of_the_manifest(talk):
    talk.models["m"]["script"] = "none.toml"
    with pytest.raises(BadManifest, match=r"models\.m\.script: .*none\.toml"):
        talk.world()


def test_a_policy_may_forbid_a_model(talk):
    (talk.folder / "world.toml").write_text(
        f"[agents.a]\nsource = '{TALKER}'\ngrants = ['model:m']\n[models.m]\nscript = 'm.toml'\n"
    )
    policy = talk.folder / "strict.toml"
    policy.write_text('[[forbid]]\nactions = ["model"]\nagents = ["a"]\n')
    allow = [f"source:{TALKER}"]
    runs.run(
        talk.folder / "world.toml", file=talk.file, allow=allow, policy=[policy],
        send=[("a", "say", "m x")],
    )  # fmt: skip
    assert talk.log() == ["call 0: model m: forbid-1", "error forbidden"]
    assert not talk.effects()
    assert talk.replays()


def test_what_labels_a_model_carries_its_answers_carry(talk):
    talk.more["labels"] = {"loose": {"sources": ["model:m"]}}
    talk.agents["c"] = {"source": str(talk.agents["a"]["source"]), "grants": ["model:m"]}
    talk.run(("pass", "m 1 b"))
    rows = talk.look(messages=True).messages
    assert [it.sender for it in rows] == ["operator", "a"]
    assert talk.replays()


@pytest.mark.parametrize("together", [False, True])
def test_an_answer_that_was_kept_tells_that_somebody_asked_and_is_labelled_so(talk, together):
    """Who asks what an agent with a secret asked learns that, and may not tell the sink."""
    talk.models["m"]["cache"] = True
    table = talk.agents["a"]
    talk.agents = {"vault": table, "evil": {**table, "expect-failure": True}, "sink": table}
    talk.more["labels"] = {"secret": {"sources": ["agent:vault"]}}
    rule = talk.folder / "rule.toml"
    rule.write_text('[[forbid]]\nactions = ["send"]\ntargets = ["sink"]\nlabels = ["secret"]\n')
    with talk.world().begin(talk.file) as run:
        enforce(run, [rule])
        for to, body in (("vault", "m 1 sink x"), ("evil", "m 1 sink x"), ("evil", "m 1 sink y")):
            if to == "evil" and not together:
                run.execution.go(Until())
            run.execution.receive(to, "pass", ("text", body), [])
        run.execution.go(Until())
    report = talk.look(messages=True)
    assert [it.outcome[1][7] for it in report.effects] == [False, True, False, False]
    assert [(it.sender, it.to) for it in report.messages if it.to == "sink"] == [("evil", "sink")]
    assert talk.replays()
