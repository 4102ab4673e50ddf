"""Worlds that ask a real server while they are killed, and what the server's log has to show."""

from __future__ import annotations

import copy
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.crash.disk import Disk
from tests.crash.recording import Kind, Record
from tests.crash.trial import Lost, entries_in
from tests.crash.worlds import GUESTS, RUN, Story
from wasm_engine.concepts.segment import Effect
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.outside import issued
from wasm_engine.orchestrator.world_state import Issue

KEY = b"idempotency-key: "


class Asked(NamedTuple):
    """One request, as the server got it."""

    key: str
    method: str
    path: str
    body: bytes


class Server(ThreadingHTTPServer):
    """Answers the same to the same, and remembers who asked.

    Attributes:
        log: All requests, in the order of their arrival.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.log: list[Asked] = []

    @property
    def origin(self) -> str:
        """Its origin, as a grant names it."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that die are what this is about."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one_request(self) -> None:
        with suppress(OSError):
            super().handle_one_request()

    def log_message(self, *args: object) -> None:
        """The log is the server's."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if len(body) < size:
            # Its sender died amid it: nobody serves half a request.
            self.close_connection = True
            return
        key = self.headers["Idempotency-Key"]
        self.server.log.append(Asked(key, self.command, self.path, body))
        answer = f"{self.command} {self.path} {len(body)}\n".encode()
        # No date: what is answered depends on what was asked, and on nothing else.
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = _answer  # noqa: N815 (the names are http.server's)


@contextmanager
def serving() -> Iterator[Server]:
    """A server, for as long as one is inside."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mix(NamedTuple):
    """How many messages of each kind, and requests of each message.

    Attributes:
        get, put, pay, post: Messages whose requests are GET; PUT; POST to where the manifest says
            that a key is honoured; POST to where it says nothing.
        each: Requests of a message, all out at once.
    """

    get: int
    put: int
    pay: int
    post: int
    each: int

    @property
    def requests(self) -> int:
        """All of them."""
        return (self.get + self.put + self.pay + self.post) * self.each


def asking(server: Server, mix: Mix, *, lockstep: bool) -> Story:
    """A world of commands that ask the server by wasi:http, and two agents beside."""
    authority = server.origin.removeprefix("http://")
    effects = "lockstep" if lockstep else "concurrent"
    manifest = f'[world]\nname = "asking"\neffects = "{effects}"\n'
    for name in ("a", "b"):
        manifest += f'[agents.{name}]\nsource = "ping.wasm"\n'
    manifest += '[[messages]]\nto = "a"\ntopic = "start"\nbody = "60 b"\n'
    for name, method in (("get", "GET"), ("put", "PUT"), ("pay", "POST"), ("post", "POST")):
        paths = (f"/{name}/{n}" for n in range(mix.each))
        arguments = [word for path in paths for word in (method, "http", authority, path)]
        manifest += (
            f'[agents.{name}]\nsource = "fetch.wasm"\ngrants = ["{server.origin}"]\nbatch = 2\n'
            f"config = {{ args = {arguments} }}\n"
        )
        if name == "pay":
            manifest += f'http = {{ idempotent = ["{server.origin}/pay/*"] }}\n'
        for n in range(getattr(mix, name)):
            manifest += f'[[messages]]\nto = "{name}"\ntopic = "go"\nbody = "{name} {n}"\n'
    sources = {"ping.wasm": GUESTS / "ping/ping.wasm", "fetch.wasm": GUESTS / "fetch/fetch.wasm"}
    commands = (("run", "--run", RUN, "--allow", server.origin),)
    return Story(effects, manifest, sources, commands, settled=lockstep, hurried=False)


class Effects(NamedTuple):
    """The effects that a run holds.

    Attributes:
        intents: By number.
        results: By number.
        keys: The idempotency key of each, by number.
    """

    intents: dict[int, Intent]
    results: dict[int, list[object]]
    keys: dict[int, str]


def effects_in(image: dict[str, bytes | None]) -> Effects:
    """The effects of the run in an image."""
    found = Effects({}, {}, {})
    run, rows = entries_in(image)
    for entry in rows:
        body = entries.decode(entry.kind, entry.body)
        if isinstance(body, Intent):
            found.intents[body.number] = body
            found.keys[body.number] = _key(run, body)
        elif isinstance(body, Result):
            found.results[body.number] = body.outcome
    return found


def _key(run: str, intent: Intent) -> str:
    effect = Effect(intent.number, intent.call, intent.capability, tuple(intent.arguments))
    issue = Issue(intent.agent, intent.message, intent.attempt, 0, effect)
    return issued(issue, run, again=False).key


def check_order(disk: Disk, records: Sequence[Record]) -> int:
    """Checks that no request leaves before its intent is durable.

    Args:
        disk: The disk before the program began.
        records: What the program did.

    Returns:
        How many requests were looked at.

    Raises:
        Lost: One left too early.
    """
    now, known, stale, seen = copy.deepcopy(disk), set[str](), True, 0
    for record in records:
        now.apply(record)
        stale = stale or record.kind == Kind.SYNC_END
        if record.kind != Kind.SEND or KEY not in record.data.lower():
            continue
        head = record.data.lower()
        key = head[head.index(KEY) + len(KEY) :].split(b"\r\n")[0].decode()
        if key not in known and stale:
            known, stale = set(effects_in(now.after_failure("lost")).keys.values()), False
        if key not in known:
            raise Lost(f"a request left before its intent was durable: {key}")
        seen += 1
    return seen


def check_served(log: Sequence[Asked], effects: Effects, undisturbed: Effects) -> Counter[str]:
    """Checks the server's log and the run's results against those of an undisturbed run.

    Returns:
        How many requests were served `once`, `again`, and how many are `unknown`.

    Raises:
        Lost: A request was served that the run does not know of, or twice with two keys, or twice
            although it must not be; or one ended otherwise.
    """
    served = defaultdict[str, list[Asked]](list)
    for asked in log:
        served[asked.key].append(asked)
    numbers = {key: number for number, key in effects.keys.items()}
    if not set(undisturbed.intents) == set(effects.intents) == set(effects.results):
        raise Lost("other effects than undisturbed")
    if not set(served) <= set(numbers):
        raise Lost("a request was served that the run does not know of")
    count = Counter[str]()
    for key, number in numbers.items():
        times, intent = served[key], effects.intents[number]
        if any(asked != times[0] for asked in times):
            raise Lost(f"one key, two requests: {key}")
        unknown = effects.results[number][:2] == ["err", "outcome-unknown"]
        if unknown and intent.agent == "post" and len(times) <= 1:
            count["unknown"] += 1
            continue
        if effects.results[number] != undisturbed.results[number]:
            raise Lost(f"{intent.agent} ended with {effects.results[number]}")
        if not times or (intent.agent == "post" and len(times) > 1):
            raise Lost(f"{intent.agent} was served {len(times)} times")
        count["once" if len(times) == 1 else "again"] += 1
    return count
