"""After a crash: what was out is sent again under its key, or told to be unknown; never both."""

from __future__ import annotations

import shutil
import threading

import pytest

from tests.effects.server import running
from tests.effects.worlds import AGENTS, copied
from wasm_engine.concepts.errors import Refused
from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.observer import UNOBSERVED
from wasm_engine.control.orders import Pace
from wasm_engine.host import places
from wasm_engine.world import Run, World

ASKER = AGENTS.parents[2] / "guests/testing/asker/asker.wasm"


class Asking:
    """A world of agents in C that ask the server."""

    def __init__(self, folder, origin, *, world="", client=""):
        self.folder, self.origin = folder, origin
        self.file = folder / "it.run"
        self.manifest = folder / "world.toml"
        shutil.copyfile(ASKER, folder / "asker.wasm")
        self.manifest.write_text(
            f"[world]\n{world}\n[agents.client]\nsource = 'asker.wasm'\ngrants = ['{origin}']\n"
            f"{client}\n"
        )

    def order(self, path, method="get", to="client"):
        """A message that has the agent ask once."""
        return to, method, f"1 {self.origin}{path}?"

    def answers(self, file=None, agent="client"):
        """What the agent was told, each time."""
        wanted = inspection.Wanted(state=True)
        state = inspection.inspect(file or self.file, agent=agent, wanted=wanted).state
        return state.get(agent, {})

    def crash(self, server, *messages):
        """The run as it was when the server had been asked by all, and none had been answered."""
        copies = []

        def copy():
            server.wait_for(len(messages))
            copies.append(copied(self.file, "crashed.run"))
            server.release()

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        report = runs.run(self.manifest, file=self.file, send=messages, allow=[self.origin])
        thread.join()
        assert report.status == "idle"
        return copies[0]


@pytest.fixture(autouse=True)
def _private_home(tmp_path, monkeypatch):
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))


@pytest.fixture
def asking(tmp_path, server):
    """A world with one agent."""
    return Asking(tmp_path, server.origin)


def keys(server):
    """What the server was asked, by key, in order."""
    found = {}
    for it in server.seen:
        found.setdefault(it.headers["Idempotency-Key"], []).append(f"{it.method} {it.path}")
    return list(found.values())


@pytest.mark.parametrize("method", ["get", "put"])
def test_what_may_be_sent_twice_is_sent_again_under_its_key(asking, server, method):
    file = asking.crash(server, asking.order("/hang", method))
    assert asking.answers(file) == {}
    report = runs.resume(file)
    assert (report.status, report.dead_letters) == ("idle", 0)
    assert keys(server) == [[f"{method.upper()} /hang?1"] * 2]
    assert asking.answers(file) == {"answer/1": "200 at last"}
    assert replays.replay(file).identical


def test_what_may_not_ends_unknown(asking, server):
    file = asking.crash(server, asking.order("/hang", "post"))
    assert runs.resume(file).status == "idle"
    assert asking.answers(file) == {"answer/1": "outcome-unknown"}
    assert len(server.seen) == 1
    assert replays.replay(file).identical


def test_where_the_manifest_trusts_the_key_a_post_is_sent_again(tmp_path, server):
    trusted = f"[agents.client.http]\nidempotent = ['{server.origin}/hang']"
    asking = Asking(tmp_path, server.origin, client=trusted)
    file = asking.crash(server, asking.order("/hang", "post"))
    assert runs.resume(file).status == "idle"
    assert keys(server) == [["POST /hang?1"] * 2]
    assert {it.body for it in server.seen} == {b"1"}
    assert asking.answers(file) == {"answer/1": "200 at last"}


def test_what_was_led_on_is_sent_again_along_the_same_way(tmp_path, server):
    asking = Asking(tmp_path, server.origin, client="[agents.client.http]\nredirects = 1")
    file = asking.crash(server, asking.order("/redirect/307?to=/hang", "put"))
    assert runs.resume(file).status == "idle"
    assert keys(server) == [["PUT /redirect/307?to=/hang?1", "PUT /hang?1"] * 2]
    assert asking.answers(file) == {"answer/1": "200 at last"}
    assert replays.replay(file).identical


def test_who_may_be_sent_again_is_led_only_where_that_holds(tmp_path, server):
    """Else a request that a crash left unknown would be served twice where nobody knows its key."""
    with running(address="127.0.0.2") as other:
        first, then = f"{server.origin}/redirect/307", f"{other.origin}/same"
        for name, promised, expected in (
            ("first alone", [first], "not-granted"),
            ("all of the way", [first, then], "200 1"),
            ("none of it", [], "200 1"),
        ):
            folder = tmp_path / name
            folder.mkdir()
            client = f"[agents.client.http]\nredirects = 2\nidempotent = {promised}"
            asking = Asking(folder, server.origin, client=client)
            both = [server.origin, other.origin]
            text = asking.manifest.read_text().replace(str(both[:1]), str(both))
            asking.manifest.write_text(text)
            order = asking.order(f"/redirect/307?to={then}", "post")
            runs.run(asking.manifest, file=asking.file, send=[order], allow=both)
            assert asking.answers() == {"answer/1": expected}
        assert len(other.seen) == 2


def test_several_that_were_out_at_once(tmp_path, server):
    asking = Asking(tmp_path, server.origin, client="count = 4")
    methods = ["get", "post", "put", "post"]
    orders = [asking.order("/hang", it, f"client/{n}") for n, it in enumerate(methods, 1)]
    file = asking.crash(server, *orders)
    assert runs.resume(file).status == "idle"
    found = [asking.answers(file, f"client/{n}")["answer/1"] for n in range(1, 5)]
    assert found == ["200 at last", "outcome-unknown"] * 2
    assert sorted(len(asked) for asked in keys(server)) == [1, 1, 2, 2]
    assert replays.replay(file).identical


def test_a_second_crash_is_as_the_first(asking, server):
    file = asking.crash(server, asking.order("/hang"))
    again = copied(file, "again.run")
    for each in (file, again):
        assert runs.resume(each).status == "idle"
        assert asking.answers(each) == {"answer/1": "200 at last"}
    assert keys(server) == [["GET /hang?1"] * 3]


def test_a_run_that_was_taken_over_asks_again_what_it_had_asked(asking, server):
    file = asking.crash(server, asking.order("/hang"))
    with Run.open(file) as run:
        name = f"{run.file.run_id}.json"
    (places.data_folder() / "runs" / name).unlink()
    with pytest.raises(Refused):
        runs.resume(file, take_over=True)
    runs.resume(file, take_over=True, allow=[server.origin])
    assert keys(server) == [["GET /hang?1"] * 2]  # it was issued before
    runs.send(file, asking.order("/plain"))
    assert runs.resume(file).status == "idle"
    assert asking.answers(file) == {"answer/1": "200 plain"}
    assert len(keys(server)) == 2


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_guests_that_are_evicted_while_they_wait_are_told_the_same(tmp_path, server, lifecycle):
    """In lockstep the chain depends on answers alone: not on who was evicted and made again."""
    chains = []
    for live in (0, 100):
        folder = tmp_path / str(live)
        folder.mkdir()
        settings = f"count = 3\nlifecycle = '{lifecycle}'"
        asking = Asking(folder, server.origin, world="effects = 'lockstep'", client=settings)
        with World.load(asking.manifest).begin(asking.file, max_live=live, workers=2) as run:
            for n in (1, 2, 3):
                body = ("text", f"5 {asking.origin}/plain/{n}/")
                run.execution.receive(f"client/{n}", "at-once", body, [])
            runs.go(run, Pace(), UNOBSERVED)
        answers = asking.answers(agent="client/2")
        assert answers == {f"answer/{n}": "200 plain" for n in range(1, 6)}
        replayed = replays.replay(asking.file)
        assert replayed.identical
        chains.append(replayed.chain)
    assert len(set(chains)) == 1
