"""The kit for tests: scripts, cassettes, what was asked; other models in forks; what is shown."""

from __future__ import annotations

import io

import pytest

from tests.chat.model_server import WORDS, serving
from wasm_engine import World
from wasm_engine.cli.console import Console
from wasm_engine.cli.main import main
from wasm_engine.cli.watch import watching
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control import forks, runs
from wasm_engine.control.forks import Edits, other_model
from wasm_engine.control.orders import Rehearsal
from wasm_engine.testing import Until, calls, cassette, chats, script

ANSWERS = script(
    [
        {"contains": "weather", "turn": 0, "calls": [{"name": "look", "arguments": {"at": "Ulm"}}]},
        {"answers": "look", "content": "It rains.\x7f\n\u00e4"},
        {"content": "aye", "usage": {"prompt": 3, "answer": 1}},
    ]
)


def world(talk, **scripts):
    tables = {"agents": talk.agents, "models": talk.models, **talk.more}
    return World.from_mapping(tables, folder=talk.folder, scripts=scripts)


def begin(made, file, *messages):
    inputs = [("a", topic, ("text", body)) for topic, body in messages]
    with made.begin(file, inputs=inputs) as run:
        run.execution.go(Until())
        return run.file.chain


def test_scripts_stand_in_for_models_of_servers(talk):
    talk.models["m"] = {"server": "nowhere"}
    begin(world(talk, m=ANSWERS), talk.file, ("look", "m weather"), ("say", "m x"))
    assert talk.log() == ['> look {"at":"Ulm"}', "= It rains.\x7f\n\u00e4", "= aye"]
    first, second, third = chats(talk.file)
    assert [it.name for it in calls(talk.file)] == ["look"]
    assert calls(talk.file, agent="b") == calls(talk.file, model="n") == []
    assert (first.agent, first.model, first.tools, first.step, first.arrived) == (
        "a", "m", ("look",), 1, 2,
    )  # fmt: skip
    assert [turn.role for turn in second.turns] == ["user", "assistant", "tool"]
    assert (third.content, third.prompt, third.answer, third.finish) == ("aye", 3, 1, "stop")
    with pytest.raises(Misuse, match="there is no language model 'n'"):
        world(talk, n=ANSWERS)


def test_a_run_is_a_cassette(talk, tmp_path):
    said = ("look", "m weather"), ("both", "m x")
    begin(world(talk, m=ANSWERS), talk.file, *said)
    again = tmp_path / "again.run"
    begin(world(talk, m=cassette(talk.file)), again, *said)
    assert [it.content for it in chats(again)] == [it.content for it in chats(talk.file)]
    assert talk.log(again) == talk.log()
    other = tmp_path / "other.run"
    begin(world(talk, m=cassette(talk.file, "m")), other, ("say", "m never"), ("say", "m x"))
    assert [it.code for it in chats(other)] == ["model-failed", None]
    with pytest.raises(Misuse, match="it holds no answer"):
        cassette(talk.file, "n")


def test_a_world_runs_by_a_cassette_from_the_command_line(talk, tmp_path, capsys):
    begin(world(talk, m=ANSWERS), talk.file, ("say", "m x"))
    source = talk.agents["a"]["source"]
    manifest = talk.folder / "world.toml"
    manifest.write_text(
        f"[agents.a]\nsource = '{source}'\ngrants = ['model:m']\n[models.m]\nserver = 'nowhere'\n"
    )
    with pytest.raises(Refused):
        runs.run(manifest, allow=[f"source:{source}"])
    out = tmp_path / "cassette.run"
    words = ["run", str(manifest), "--run", str(out), "--cassette", str(talk.file)]
    words += ["--watch", "--allow", f"source:{source}", "--send", "a", "say", "m x"]
    assert main(words) == 0
    assert "a < m: aye" in capsys.readouterr().err
    assert talk.log(out) == ["= aye"]
    assert talk.replays(out)
    assert runs.run(
        Rehearsal(manifest, talk.file), allow=[f"source:{source}"], send=[("a", "say", "m x")]
    ).messages


def test_a_fork_asks_another_model_from_there_on(talk, tmp_path):
    talk.models["other"] = {"script": "other.toml", "context": 100, "most": 7}
    talk.script('[[answer]]\ncontent = "nay"\n', "other")
    messages = ("say", "m x"), ("say", "m y"), ("told", "m")
    talk.run(*messages)
    assert talk.log() == ["= aye", "= aye", "= 4096 1024"]
    table, file, tape = (tmp_path / f"{name}.run" for name in ("table", "file", "tape"))
    forks.fork(talk.file, at=1, out=table, edits=Edits(models=(other_model("m", "other"),)))
    assert talk.resume(table) == "idle"
    # What was out then was asked before; what is asked from there on asks the other.
    assert talk.log(table) == ["= aye", "= nay", "= 100 7"]
    assert [it.instead for it in chats(table)] == ["", "table:other"]
    assert talk.replays(table)
    path = str(talk.folder / "other.toml")
    forks.fork(talk.file, at=1, out=file, edits=Edits(models=(other_model("m", path),)))
    (talk.folder / "other.toml").unlink()
    talk.resume(file)
    assert talk.log(file) == ["= aye", "= nay", "= 4096 1024"]
    assert talk.replays(file)
    forks.fork(
        talk.file, at=1, out=tape, edits=Edits(models=(other_model("m", str(table)),))
    )  # fmt: skip
    talk.resume(tape)
    assert talk.log(tape) == ["= aye", "= nay", "= 4096 1024"]


def test_a_fork_asks_a_server_from_there_on(talk, tmp_path):
    talk.run(("say", "m x"), ("say", "m y"))
    out = tmp_path / "fork.run"
    assert main(["fork", str(talk.file), "--at", "1", "--out", str(out),
                 "--model", "m=server:local=llama"]) == 0  # fmt: skip
    with pytest.raises(Refused, match="the server 'local'"):
        runs.resume(out)
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    with serving() as server:
        (config / "policy.toml").write_text(f'[servers.local]\nurl = "{server.url}"\n')
        runs.resume(out)
        assert server.seen[0].body["model"] == "llama"
    assert talk.log(out) == ["= aye", f"= {WORDS}"]
    assert talk.replays(out)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (("n", "m", None), "no language model 'n' in this run"),
        (("m", "n", None), "no language model 'n' in this run"),
        (("m", "server:A b", None), "names no server"),
        (("m", "x.toml", b"["), "x.toml|m"),
        (("M x", "m", None), "is not a language model"),
    ],
)
def test_what_cannot_be_in_a_model_s_place_is_refused(talk, tmp_path, model, says):
    talk.run(("say", "m x"))
    with pytest.raises(Misuse, match=says):
        forks.fork(talk.file, at=1, out=tmp_path / "fork.run", edits=Edits(models=(model,)))
    assert not (tmp_path / "fork.run").exists()
    with pytest.raises(Misuse, match="cannot be read"):
        other_model("m", str(tmp_path / "none.toml"))


def test_chats_are_shown_with_what_they_cost(talk, capsys):
    talk.script(ANSWERS)
    talk.run(("look", "m weather"), ("json", "m x"), ("say", "m weather \x1b[31m"))
    assert main(["inspect", str(talk.file), "--chats"]) == 0
    shown = capsys.readouterr().out
    for line in (
        "chat 1  a -> m",
        "user: weather",
        '= look({"at":"Ulm"})  [calls,',
        'tool: seen {"at":"Ulm"}',
        "= It rains.\\x7f\\n\u00e4  [stop,",
        "[stop, 3 + 1 tokens; does not fit: the answer: it is not JSON]",
        "user: weather \\x1b[31m",
        "a  m  4 chats, ",
    ):
        assert line in shown, shown
    assert main(["inspect", str(talk.file), "--messages"]) == 0
    assert "a -> chat  m: user: weather" in capsys.readouterr().out


def test_what_is_heard_is_shown_in_lines_and_never_obeyed():
    err = io.StringIO()
    watch = watching(Console(io.StringIO(), err, json=False), listens=True)
    watch.hears("a", "m", "one ")
    watch.hears("b", "m", "\x1b[31mtwo\n")
    watch.hears("a", "m", "three\nfour")
    watch.hears("b", "m", "x" * 100)
    watch.at_step(1, 1)
    lines = err.getvalue().splitlines()
    assert lines == [
        "b < m: \\x1b[31mtwo", "a < m: one three", f"b < m: {'x' * 72}", "a < m: four",
        f"b < m: {'x' * 28}",
    ]  # fmt: skip
