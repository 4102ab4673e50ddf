"""Snippets that ask a server and wait: killed, resumed and forked meanwhile; with whose grants."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.effects.server import Server, running
from tests.effects.worlds import copied
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.control import forks, inspection, people, runs
from wasm_engine.world import Run

AGENT = Path(__file__).parent / "agents/submitter.js"
WORLD = """\
[world]
name = "waiting"

[agents]
asker = {{ source = "submitter.js", tools = ["{language}", "bare"], grants = {held} }}
poor = {{ source = "submitter.js", tools = ["{language}"] }}
other = {{ source = "submitter.js", tools = ["{language}"], grants = ["{inside}"] }}

[tools]
{language} = {{ language = "{language}", grants = {lent} }}
bare = {{ language = "{language}" }}
"""
JS = """\
const { fetch, keyvalue, sleep } = await import("wasm-agent");
const orders = keyvalue.open("orders");
orders.set("before", 1);
const heard = await fetch(`${input}/hang`);
await sleep(1000);
console.log("heard");
[heard.status, heard.text, orders.get("before")]
"""
PY = """\
import time
from wasm_agent import http, keyvalue
orders = keyvalue.open("orders")
orders["before"] = 1
heard = http.get(f"{input}/hang")
time.sleep(2)
print("heard")
[heard.status, heard.text, orders["before"]]
"""
ASKS_JS = "const { fetch } = await import('wasm-agent'); (await fetch(`${input}/evil`)).status"
ASKS_PY = "from wasm_agent import http; http.get(f'{input}/evil').status"
CODE = {"javascript": (JS, ASKS_JS), "python": (PY, ASKS_PY)}
HEARD = ["", "", [200, "at last", 1], "heard\n"]


class Played(NamedTuple):
    """A run in which a snippet waits, as it was then, and as it was after; whom it may ask."""

    server: Server
    inside: Server
    file: Path
    killed: Path


@pytest.fixture(scope="module", params=CODE)
def played(request, tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    folder, language = tmp_path_factory.mktemp("waiting"), request.param
    shutil.copyfile(AGENT, folder / "submitter.js")
    file, (waits, asks) = folder / "it.run", CODE[language]
    with running() as server, running() as inside:
        lent = [server.origin, inside.origin, "keyvalue:orders"]
        text = WORLD.format(
            language=language, held=json.dumps([server.origin, "keyvalue:orders"]),
            lent=json.dumps(lent), inside=inside.origin,
        )  # fmt: skip
        (folder / "world.toml").write_text(text)
        rows = [[waits, server.origin, language], [asks, inside.origin, language],
                [asks, server.origin, "bare"]]  # fmt: skip
        send = [("asker", "run", json.dumps(rows))]
        asking = json.dumps([[asks, server.origin, language]])
        send += [(to, "run", asking) for to in ("poor", "other")]
        copies = []

        def copy():
            server.wait_for(1)
            copies.append(copied(file, "killed.run"))
            server.release()

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        allow = [server.origin, inside.origin]
        report = runs.run(folder / "world.toml", file=file, send=send, allow=allow)
        thread.join()
        assert (report.status, report.dead_letters) == ("idle", 0)
        yield Played(server, inside, file, copies[0])


def executed_again(file):
    """What the agents keep in the end, found by executing the run again and comparing all of it."""
    with Run.open(file) as run:
        run.execution.replay()
        agents = run.execution.scheduler.world.agents
        return {
            address: json.loads(agent.state.get("found", "null"))
            for address, agent in agents.items()
        }


def test_killed_meanwhile_it_goes_on_where_it_was_and_others_are_not_let_to_the_server(played):
    before = [it.headers["Idempotency-Key"] for it in played.server.seen]
    report = runs.resume(played.killed, allow=[it.origin for it in played[:2]])
    assert (report.status, report.dead_letters) == ("idle", 0)
    found = executed_again(played.killed)
    assert found["asker"][0] == HEARD
    refused = [*found["asker"][1:], *found["poor"], *found["other"]]
    assert [row[0] for row in refused] == ["not-granted"] * 4
    again = [it.headers["Idempotency-Key"] for it in played.server.seen]
    assert again[len(before) :] == before
    assert {it.path for it in played.server.seen} == {"/hang"}
    assert played.inside.seen == []


@pytest.mark.parametrize("played", ["javascript"], indirect=True)
def test_forked_meanwhile_it_comes_to_the_same_and_asks_nobody_again(played, tmp_path):
    whole, asked = executed_again(played.file), len(played.server.seen)
    at = inspection.inspect(played.file).steps - 2  # it has heard the server, and sleeps
    forked = tmp_path / "forked.run"
    forks.fork(played.file, at=at, out=forked)
    assert runs.resume(forked, allow=[played.server.origin]).status == "idle"
    assert executed_again(forked) == whole
    assert len(played.server.seen) == asked


TRUSTING = """\
[agents.trusting]
source = "trusting.js"
tools = ["javascript"]
grants = {grants}

[tools.javascript]
language = "javascript"
grants = {grants}
"""


@pytest.fixture
def trusting(tmp_path, _home_with_the_interpreter):  # noqa: F811
    """Makes a world of an agent that submits snippets while requests of its own are open."""
    shutil.copyfile(AGENT.with_name("trusting.js"), tmp_path / "trusting.js")

    def make(*grants):
        manifest = tmp_path / "world.toml"
        manifest.write_text(TRUSTING.format(grants=json.dumps(grants)))
        return manifest

    return make


def test_what_its_caller_asked_or_a_snippet_before_it_is_not_there(trusting, tmp_path):
    with running() as server:
        file, send = tmp_path / "it.run", [("trusting", "look", f"{server.origin}/plain")]
        runs.run(trusting(server.origin), file=file, send=send, allow=[server.origin])
        assert len(server.seen) == 2
    assert executed_again(file) == {"trusting": [True, True, [], 200]}


def test_a_snippet_that_asked_a_person_hears_the_answer_after_a_restart(trusting, tmp_path):
    file = tmp_path / "it.run"
    report = runs.run(trusting("human:boss"), file=file, send=[("trusting", "ask", "")])
    assert report.status == "waiting"
    (question,) = people.pending(file).questions
    people.answer(file, question.number, "you may")
    assert runs.resume(file).status == "idle"
    assert executed_again(file) == {"trusting": "you may"}
