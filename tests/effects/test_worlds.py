"""Worlds that ask a real server: what their agents are told, and what their runs hold."""

from __future__ import annotations

import threading

import pytest

from tests.effects.server import running
from tests.effects.worlds import Asking
from wasm_engine.control import runs
from wasm_engine.control.observer import Unobserved
from wasm_engine.control.orders import Pace


@pytest.fixture
def asking(tmp_path, server):
    """A world that may ask the server."""
    return Asking(tmp_path, server.origin)


def beside(server, count, then):
    """In a thread: does something once the server was asked so often."""

    def wait():
        server.wait_for(count)
        then()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_what_a_server_answers_is_told_and_replayed_without_it(asking, server):
    with running() as other:
        world = Asking(asking.folder, other.origin)
        report = world.run(
            ("client", "ask", {"url": world.url("/status/404")}),
            ("client", "ask", {"url": world.url("/same"), "method": "POST", "value": "hé"}),
        )
        assert (report.status, report.dead_letters) == ("idle", 0)
        assert world.log() == ["404 as you wish", "200 hé"]
        asked = len(other.seen)
    replayed = world.replay()
    assert (replayed.identical, replayed.chain) == (True, report.chain)
    assert (len(other.seen), asked) == (2, 2)


def test_every_request_has_a_key_of_its_own(asking, server):
    url = asking.url("/echo")
    asking.run(*[("client", "ask", {"url": url, "method": "POST", "value": "x"})] * 3)
    keys = [it.headers["Idempotency-Key"] for it in server.seen]
    assert len(set(keys)) == 3
    assert all(len(key) == 64 for key in keys)


def test_who_was_not_granted_a_server_does_not_ask_it(asking, server):
    report = asking.run(
        ("idler", "ask", {"url": asking.url("/echo")}),
        ("client", "ask", {"url": "http://127.0.0.1:1/"}),
        ("client", "ask", {"url": "nonsense"}),
    )
    assert sorted(asking.log()) == ["invalid-request", "not-granted", "not-granted"]
    assert report.denials == 2
    assert server.seen == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/reset", "connection-lost"),
        ("/garbage", "bad-response"),
        ("/huge?mib=3", "too-large"),
        ("/hang", "timeout"),
    ],
)
def test_how_a_server_fails_is_told_and_recorded(tmp_path, server, path, code):
    settings = "[agents.client.http]\nmax-response = '1 MiB'\ntimeout = '300 ms'\n"
    world = Asking(tmp_path, server.origin, client=settings)
    report = world.run(("client", "ask", {"url": world.url(path)}))
    assert (report.status, world.log()) == ("idle", [code])
    assert world.replay().identical


class Releasing(Unobserved):
    """Lets the server go on when a step was committed, and it was asked by two."""

    def __init__(self, server, step):
        self.server, self.step = server, step

    def at_step(self, step, messages):
        if step == self.step:
            self.server.wait_for(2)
            self.server.release()


def test_effects_stall_nobody(asking, server):
    report = asking.run(
        ("client", "many", [asking.url("/hang"), asking.url("/hang")]),
        ("idler", "tick", "3"),
        observer=Releasing(server, 4),
    )
    assert report.status == "idle"
    assert server.most_at_once == 2
    log = asking.log()
    assert log[:4] == ["tick 3", "tick 2", "tick 1", "tick 0"]
    assert log[4:] == [f"{asking.url('/hang')}: 200 at last"] * 2 + ["idler: reply hello"]
    assert asking.replay().identical


def test_the_first_wins_and_the_rest_is_hung_up_on(asking, server):
    report = asking.run(("client", "first", [asking.url("/hang"), asking.url("/echo?fast")]))
    assert report.status == "idle"
    log = asking.log()
    assert log[0] == f"{asking.url('/hang')}: cancelled"
    assert log[1].startswith(f"{asking.url('/echo?fast')}: 200 ")
    assert asking.replay().identical


def test_what_nobody_waits_for_is_carried_out_and_recorded(asking, server):
    report = asking.run(("client", "leave", asking.url("/echo")))
    assert (report.status, asking.log()) == ("idle", ["left"])
    assert [it.path for it in server.seen] == ["/echo"]
    assert asking.replay().identical


def test_a_segment_that_fails_has_asked_nothing(asking, server):
    report = asking.run(("client", "drop", asking.url("/echo")))
    assert (report.status, report.dead_letters, server.seen) == ("idle", 1, [])


def test_an_asker_of_an_asker_is_in_no_deadlock(asking, server):
    thread = beside(server, 1, server.release)
    asking.run(("idler", "relay", {"url": asking.url("/hang")}))
    thread.join()
    assert asking.log() == ["200 at last", "told 200 at last"]
    assert asking.replay().identical


def test_world_time_stands_while_an_effect_is_out(asking, server):
    thread = beside(server, 1, server.release)
    report = asking.run(("client", "nap", {"url": asking.url("/hang")}))
    thread.join()
    assert (report.status, asking.log()) == ("idle", ["200 at last", "woken"])


def test_a_resident_agent_asks_too(tmp_path, server):
    world = Asking(tmp_path, server.origin, client="lifecycle = 'resident'")
    world.run(*[("client", "ask", {"url": world.url("/status/200")})] * 3)
    assert world.log() == ["200 as you wish"] * 3
    assert world.replay().identical


def test_a_message_that_is_tried_again_asks_anew(tmp_path, server):
    world = Asking(tmp_path, server.origin, client="retries = 2\non-retry = 'restart'")
    report = world.run(("client", "flaky", world.url("/echo")))
    assert report.dead_letters == 1
    assert len({it.headers["Idempotency-Key"] for it in server.seen}) == len(server.seen) == 3
    assert world.replay().identical


class Stopping(Unobserved):
    """Somebody who asks for a stop, as soon as the server was asked."""

    def __init__(self, server):
        self.server = server

    def stop_asked(self):
        return bool(self.server.seen)


def test_a_run_may_be_stopped_while_an_effect_is_out(asking, server):
    report = asking.run(("client", "ask", {"url": asking.url("/hang")}), observer=Stopping(server))
    assert report.status == "stopped"
    thread = beside(server, 2, server.release)
    report = runs.resume(asking.file)
    thread.join()
    assert (report.status, asking.log()) == ("idle", ["200 at last"])
    first, again = (it.headers["Idempotency-Key"] for it in server.seen)
    assert first == again
    assert asking.replay().identical


def test_a_run_without_a_file_asks_too(asking, server):
    url = asking.url("/status/200")
    assert asking.run(("client", "ask", {"url": url}), file=None).status == "idle"
    assert len(server.seen) == 1


@pytest.mark.parametrize("last", [1, 2, 3])
def test_in_lockstep_same_answers_are_the_same_history(tmp_path, server, last):
    """Whoever is answered last, in however many threads."""
    chains = []
    for name, workers, slow in (("undisturbed", 1, 0), ("disturbed", 4, last)):
        folder = tmp_path / name
        folder.mkdir()
        world = Asking(folder, server.origin, world="effects = 'lockstep'", client="count = 3")
        server.last = f"/plain/{slow}"
        asked = [(f"client/{n}", "ask", {"url": world.url(f"/plain/{n}")}) for n in (1, 2, 3)]
        report = world.run(*asked, ("idler", "tick", "5"), pace=Pace(workers=workers))
        assert (report.status, report.dead_letters) == ("idle", 0)
        assert world.log().count("200 plain") == 3
        assert world.replay().identical
        chains.append(report.chain)
    assert len(set(chains)) == 1


def test_many_agents_ask_many_times(tmp_path, server):
    world = Asking(tmp_path, server.origin, client="count = 8")
    order = {"url": world.url("/status/200"), "count": 10}
    report = world.run(*[(f"client/{n}", "often", order) for n in range(1, 9)])
    assert (report.status, report.dead_letters, len(server.seen)) == ("idle", 0, 80)
    assert len({it.headers["Idempotency-Key"] for it in server.seen}) == 80
    assert world.replay().identical
