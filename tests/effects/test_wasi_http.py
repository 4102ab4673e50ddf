"""wasi:http in a real world with a real server: a command in C, from sandbox to socket and back."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from tests.control.conftest import _private_home
from tests.effects.server import Server
from wasm_engine.control import components, inspection, replays, runs
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

__all__ = ["_private_home"]

FETCH = Path(__file__).parents[2] / "guests" / "testing" / "fetch" / "fetch.wasm"


class Fetching:
    """A world of commands; what each of them asks is its configuration."""

    def __init__(self, folder: Path, server: Server, *, world: str = "") -> None:
        self.folder, self.server = folder, server
        self.file = folder / "it.run"
        self.manifest = folder / "world.toml"
        self._text = f"[world]\n{world}\n"
        self._messages: list[tuple[str, str, str]] = []
        shutil.copyfile(FETCH, folder / "fetch.wasm")

    def ask(self, agent: str, *arguments: str, body: str = "", more: str = "") -> None:
        """An agent that asks; `METHOD /path` in place of the four arguments of a request."""
        args = []
        for argument in arguments:
            method, _, path = argument.partition(" ")
            authority = self.server.origin.partition("://")[2]
            args += [method, "http", authority, path] if path else [argument]
        self._text += (
            f"[agents.{agent}]\nsource = 'fetch.wasm'\ngrants = ['{self.server.origin}']\n"
            f"config = {{ args = {json.dumps(args)} }}\n{more}\n"
        )
        self._messages.append((agent, "go", body))

    def run(self) -> runs.RunReport:
        self.manifest.write_text(self._text)
        allow = [self.server.origin]
        return runs.run(self.manifest, send=self._messages, allow=allow, file=self.file)

    def log(self, agent: str | None = None) -> list[str]:
        found = inspection.inspect(self.file, wanted=inspection.Wanted(log=True)).log
        assert found is not None
        return [line.text for line in found if agent in (None, line.agent)]


def test_requests_go_out_and_responses_come_in(tmp_path, server):
    world = Fetching(tmp_path, server)
    world.ask("getter", "-h", "X-Mine", "yes", "GET /echo?a=b")
    world.ask("poster", "POST /same", body="what is sent\nin two lines")
    world.ask("looker", "GET /headers")
    report = world.run()
    assert (report.status, report.dead_letters) == ("idle", 0)
    first, echo = world.log("getter")
    assert first == "0 200"
    assert json.loads(echo)["path"] == "/echo?a=b"
    assert json.loads(echo)["headers"]["x-mine"] == "yes"
    assert world.log("poster") == ["0 200", "what is sent", "in two lines"]
    assert world.log("looker") == ["0 200", "ok"]
    asked = len(server.seen)
    assert asked == 3
    keys = {it.headers["Idempotency-Key"] for it in server.seen}
    assert len(keys) == 3
    replayed = replays.replay(world.file)
    assert (replayed.identical, replayed.chain) == (True, report.chain)
    assert len(server.seen) == asked


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/reset", ["0 error 7"]),
        ("/hang-up", ["0 error 7"]),
        ("/garbage", ["0 error 35"]),
        ("/huge?mib=3", ["0 error 28"]),
        ("/hang", ["0 error 33"]),
    ],
)
def test_how_a_server_fails_has_a_code(tmp_path, server, path, said):
    world = Fetching(tmp_path, server)
    world.ask("asker", f"GET {path}", more="[agents.asker.http]\ntimeout = '300 ms'")
    world.run()
    assert world.log() == said
    assert replays.replay(world.file).identical


def test_a_timeout_of_the_guests_own(tmp_path, server):
    world = Fetching(tmp_path, server)
    world.ask("asker", "-t", str(200_000_000), "GET /hang")
    world.run()
    assert world.log() == ["0 error 33"]


def test_what_is_not_granted_is_not_asked(tmp_path, server):
    world = Fetching(tmp_path, server)
    world.ask("asker", "GET", "http", "127.0.0.1:1", "/", "GET /echo")
    report = world.run()
    assert world.log()[:2] == ["0 error 15", "1 200"]
    assert report.denials == 1
    assert len(server.seen) == 1


def test_rules_hold_here_too(tmp_path, server):
    world = Fetching(tmp_path, server)
    rules = f"[agents.asker.http]\nallow = ['GET {server.origin}/status/*']"
    asked = ["GET /status/200", "POST /status/200", "GET /echo", "GET /status/%2e%2e/echo"]
    world.ask("asker", *asked, "GET /status/../echo", "get /status/200", more=rules)
    report = world.run()
    told = [line for line in world.log() if line[0].isdigit()]
    assert sorted(told) == ["0 200", *(f"{n} error 15" for n in range(1, 6))]
    assert (report.denials, len(server.seen)) == (5, 1)
    assert replays.replay(world.file).identical


def test_a_redirect_is_followed_here_too(tmp_path, server):
    world = Fetching(tmp_path, server)
    more = "[agents.asker.http]\nredirects = 1"
    elsewhere = "GET /redirect/302?to=http://127.0.0.3/"
    world.ask("asker", "GET /redirect/302?to=/status/201", elsewhere, more=more)
    world.ask("other", "GET /redirect/302?to=/status/201")
    world.run()
    assert sorted(line for line in world.log("asker") if line[0].isdigit()) == [
        *("0 201", "1 error 15")
    ]
    assert world.log("other")[0] == "0 302"
    assert replays.replay(world.file).identical


def test_many_are_out_at_a_time_and_each_is_told_as_it_ends(tmp_path, server):
    world = Fetching(tmp_path, server)
    world.ask("asker", "GET /hang", *[f"GET /status/{200 + n}" for n in range(1, 4)])
    thread = threading.Thread(target=lambda: (server.wait_for(4), server.release()), daemon=True)
    thread.start()
    report = world.run()
    thread.join()
    assert sorted(line for line in world.log() if " " in line and line[0].isdigit()) == [
        "0 200",
        *(f"{n} {200 + n}" for n in range(1, 4)),
    ]
    assert server.most_at_once > 1
    assert replays.replay(world.file).chain == report.chain


def test_a_guest_that_was_evicted_while_it_waited_goes_on(tmp_path, server, monkeypatch):
    """In lockstep the chain depends on nothing but the answers."""
    chains, evicted = [], []
    evict = Activation.evict
    monkeypatch.setattr(Activation, "evict", lambda it: (evicted.append(it), evict(it)))
    for max_live in (1000, 1):
        agents = {
            f"a{n}": {
                "source": str(FETCH),
                "grants": [server.origin],
                "config": {"args": args_of(server, "POST /same", "GET /status/404")},
            }
            for n in range(4)
        }
        world = World.from_mapping({"world": {"effects": "lockstep"}, "agents": agents}, tmp_path)
        run = world.begin(max_live=max_live, inputs=[(a, "go", ("text", a)) for a in agents] * 2)
        assert run.execution.go(Until()) == "idle"
        chains.append(run.file.chain)
        run.close()
    assert chains[0] == chains[1]
    assert len(evicted) >= 3
    assert sorted({it.body for it in server.seen}) == [b"", *(b"a%d" % n for n in range(4))]


def args_of(server, *asked):
    authority = server.origin.partition("://")[2]
    rows = [one.partition(" ") for one in asked]
    return [part for method, _, path in rows for part in (method, "http", authority, path)]


def test_a_request_that_is_dropped_is_hung_up_on(tmp_path, server):
    world = Fetching(tmp_path, server, world="clock = 'recorded'")
    world.ask("asker", "-w", str(200_000_000), "GET /hang")
    report = world.run()
    assert world.log() == ["out of patience"]
    assert report.status == "idle"
    assert replays.replay(world.file).identical


def test_outside_of_a_world_every_server_is_denied(server):
    args = ("-w", "1000000000", *args_of(server, "GET /echo", "POST /same"))
    report = components.run(FETCH, components.Command(args=args, stdin=b"body"))
    assert (report.status, report.trap) == (0, None)
    assert report.stdout == b"0 error 15\n1 error 15\n"
    assert server.seen == []
