"""Answers in whatever order: each agent is told its own, and a replay tells it the same."""

from __future__ import annotations

import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.effects.worlds import AGENTS
from wasm_engine.control import runs
from wasm_engine.control.observer import UNOBSERVED
from wasm_engine.control.orders import Pace
from wasm_engine.world import Run, World

ASKER = AGENTS.parents[2] / "guests/testing/asker"
AGENT_COUNT, ROUNDS = 5, 6


class Whimsical(ThreadingHTTPServer):
    """Holds requests until every agent that is not done has one here; then answers some of them."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed):
        super().__init__(("127.0.0.1", 0), _Request)
        self.chance = random.Random(seed)
        self.changed = threading.Condition()
        self.waiting: list[str] = []
        self.let_go: set[str] = set()
        self.answered: Counter[str] = Counter()

    def hold(self, path):
        """Returns when it is this request's turn."""
        with self.changed:
            self.waiting.append(path)
            self._choose()
            assert self.changed.wait_for(lambda: path in self.let_go, 20)
            self.let_go.discard(path)
            self.waiting.remove(path)
            self.answered[path.split("/")[1]] += 1
            self._choose()

    def _choose(self):
        done = sum(count == ROUNDS for count in self.answered.values())
        if len(self.waiting) < AGENT_COUNT - done or self.let_go or not self.waiting:
            return
        some = self.chance.randint(1, len(self.waiting))
        self.let_go.update(self.chance.sample(sorted(self.waiting), some))
        self.changed.notify_all()


class _Request(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hold(self.path)
        body = self.path.encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def log_message(self, *args):
        """Quiet."""


def states(run):
    """What each agent keeps."""
    agents = run.execution.scheduler.world.agents
    return {address: dict(agent.state) for address, agent in sorted(agents.items())}


@pytest.mark.parametrize("seed", range(12))
def test_whoever_is_answered_first(tmp_path, seed):
    server = Whimsical(seed)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    lifecycle = ("message", "resident")[seed % 2]
    asker = {"source": "asker.wasm", "count": AGENT_COUNT, "grants": [origin]}
    world = World.from_mapping(
        {
            "agents": {"asker": {**asker, "lifecycle": lifecycle}},
            "messages": [
                {"to": f"asker/{n}", "topic": "get", "body": f"{ROUNDS} {origin}/{n}/"}
                for n in range(1, AGENT_COUNT + 1)
            ],
        },
        ASKER,
    )
    live, workers = (0, 1, 3, 100)[seed % 4], 1 + seed % 3
    with world.begin(tmp_path / "it.run", max_live=live, workers=workers) as run:
        assert runs.go(run, Pace(), UNOBSERVED).status == "idle"
        found, chain = states(run), run.file.chain
    server.shutdown()
    server.server_close()
    thread.join()
    assert found == {
        f"asker/{n}": {f"answer/{i}": f"200 /{n}/{i}" for i in range(1, ROUNDS + 1)}
        for n in range(1, AGENT_COUNT + 1)
    }
    for max_live in (0, 100):
        with Run.open(tmp_path / "it.run", max_live=max_live) as again:
            again.execution.replay()
            assert (states(again), again.file.chain) == (found, chain)
