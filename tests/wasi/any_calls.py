"""Whatever a guest can call, in whatever order: shapes of calls, and guests that make them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.wasi.activations import FUNCTIONS, PlainGuest
from wasm_engine.concepts.hostcall import SUSPEND, Err

U64 = st.one_of(st.sampled_from([0, 1, 5, 4096, 70_000, 1 << 31, 1 << 63, (1 << 64) - 1]))
PATHS = ["", ".", "..", "/", "a", "b", "a/", "a/b", "a/../b", "b/.", "a\0", "n" * 256, "a/" * 3000]
PATH = st.sampled_from([*PATHS, "m", "m/folder", "m/folder/file", "m/link", "a/m"])
BYTES = st.sampled_from([b"", b"x", b"some data", bytes(5000)])
LOOK = st.sampled_from([frozenset(), frozenset({"symlink-follow"})])
HOW = st.frozensets(st.sampled_from(["create", "directory", "exclusive", "truncate"]))
FLAGS = st.frozensets(st.sampled_from(["read", "write", "mutate-directory"]))
TIME = st.sampled_from(
    [("no-change", None), ("now", None), ("timestamp", (0, 0)), ("timestamp", ((1 << 64) - 1, 1))]
)
HEADER = st.sampled_from(["x-a", "X-A", "Host", "bad name", "", "content-length", "n" * 3000])
VALUE = st.sampled_from([b"", b"1", b"5", b"bad\n", b"\xff\x00", b"v" * 3000])
PLAIN = {
    "u64": U64,
    "path": PATH,
    "bytes": BYTES,
    "look": LOOK,
    "how": HOW,
    "flags": FLAGS,
    "time": TIME,
    "header": HEADER,
    "value": VALUE,
    "values": st.lists(VALUE, max_size=3),
    "fields": st.lists(st.tuples(HEADER, VALUE), max_size=3),
    "method": st.sampled_from([("get", None), ("connect", None), ("other", "X"), ("other", " ")]),
    "scheme": st.sampled_from([None, ("HTTP", None), ("HTTP", None), ("other", "a:")]),
    "server": st.sampled_from([None, "server", "server", "a.example.com:1", "user@server", "0x1"]),
    "query": st.sampled_from([None, "/", "/a?b", "?", "a", "/#", "/" + "a" * 9000]),
    "maybe": st.one_of(st.none(), U64),
}

# What each function takes: the names above, or the kind of a handle; small where it is given up,
# and with a question mark where there may be none.
SHAPES: dict[str, str] = {
    "get-directories": "",
    "get-stdin": "",
    "get-stdout": "",
    "instance-network": "",
    "descriptor.read-via-stream": "D u64",
    "descriptor.write-via-stream": "D u64",
    "descriptor.append-via-stream": "D",
    "descriptor.get-flags": "D",
    "descriptor.get-type": "D",
    "descriptor.set-size": "D u64",
    "descriptor.set-times": "D time time",
    "descriptor.read": "D u64 u64",
    "descriptor.write": "D bytes u64",
    "descriptor.read-directory": "D",
    "descriptor.create-directory-at": "D path",
    "descriptor.stat": "D",
    "descriptor.stat-at": "D look path",
    "descriptor.set-times-at": "D look path time time",
    "descriptor.link-at": "D look path D path",
    "descriptor.open-at": "D look path how flags",
    "descriptor.readlink-at": "D path",
    "descriptor.remove-directory-at": "D path",
    "descriptor.rename-at": "D path D path",
    "descriptor.symlink-at": "D path path",
    "descriptor.unlink-file-at": "D path",
    "descriptor.is-same-object": "D D",
    "descriptor.metadata-hash": "D",
    "descriptor.metadata-hash-at": "D look path",
    "directory-entry-stream.read-directory-entry": "L",
    "input-stream.read": "I u64",
    "input-stream.skip": "I u64",
    "input-stream.subscribe": "I",
    "output-stream.check-write": "O",
    "output-stream.write": "O bytes",
    "output-stream.blocking-write-and-flush": "O bytes",
    "output-stream.write-zeroes": "O u64",
    "output-stream.blocking-write-zeroes-and-flush": "O u64",
    "output-stream.splice": "O I u64",
    "subscribe-duration": "u64",
    "subscribe-instant": "u64",
    "pollable.ready": "P",
    "pollable.block": "P",
    "filesystem-error-code": "E",
    "drop": "H",
    "[constructor]fields": "",
    "[static]fields.from-list": "fields",
    "fields.get": "F header",
    "fields.has": "F header",
    "fields.set": "F header values",
    "fields.delete": "F header",
    "fields.append": "F header value",
    "fields.entries": "F",
    "fields.clone": "F",
    "[constructor]outgoing-request": "f",
    "outgoing-request.body": "R",
    "outgoing-request.method": "R",
    "outgoing-request.set-method": "R method",
    "outgoing-request.path-with-query": "R",
    "outgoing-request.set-path-with-query": "R query",
    "outgoing-request.scheme": "R",
    "outgoing-request.set-scheme": "R scheme",
    "outgoing-request.authority": "R",
    "outgoing-request.set-authority": "R server",
    "outgoing-request.headers": "R",
    "outgoing-body.write": "B",
    "[static]outgoing-body.finish": "b f?",
    "[constructor]request-options": "",
    "request-options.first-byte-timeout": "T",
    "request-options.set-first-byte-timeout": "T maybe",
    "wasi:http/outgoing-handler#handle": "r t?",
    "future-incoming-response.subscribe": "A",
    "future-incoming-response.get": "A",
    "incoming-response.status": "S",
    "incoming-response.headers": "S",
    "incoming-response.consume": "S",
    "incoming-body.stream": "C",
    "[static]incoming-body.finish": "c",
    "future-trailers.subscribe": "U",
    "future-trailers.get": "U",
    "http-error-code": "E",
}
KINDS = {
    "descriptor": "D",
    "directory-entry-stream": "L",
    "input-stream": "I",
    "output-stream": "O",
    "pollable": "P",
    "error": "E",
    "network": "N",
    "http-fields": "F",
    "http-request": "R",
    "http-outgoing-body": "B",
    "http-request-options": "T",
    "http-future-response": "A",
    "http-response": "S",
    "http-incoming-body": "C",
    "http-future-trailers": "U",
}
NAMES = {name.rpartition("#")[2].removeprefix("[method]"): name for name in FUNCTIONS}
HTTP = [name for name in SHAPES if NAMES.get(name, name).startswith("wasi:http/")] + [
    "drop",
    "input-stream.read",
    "output-stream.blocking-write-and-flush",
    "pollable.block",
    "pollable.ready",
]
# A request on its way, call by call: any number of these may come first.
ASKED: list[tuple[str, list[Any]]] = [
    ("[static]fields.from-list", [[("x-a", b"1"), ("Content-Length", b"5")]]),
    ("[constructor]outgoing-request", [1]),
    ("outgoing-request.set-authority", [2, "server"]),
    ("outgoing-request.set-scheme", [2, ("HTTP", None)]),
    ("outgoing-request.set-method", [2, ("post", None)]),
    ("outgoing-request.body", [2]),
    ("outgoing-body.write", [3]),
    ("output-stream.blocking-write-and-flush", [4, b"12345"]),
    ("[constructor]request-options", []),
    ("request-options.set-first-byte-timeout", [5, 1000]),
    ("wasi:http/outgoing-handler#handle", [2, 5]),
    ("drop", [4]),
    ("[static]outgoing-body.finish", [3, None]),
    ("future-incoming-response.subscribe", [6]),
    ("pollable.block", [7]),
    ("future-incoming-response.get", [6]),
    ("incoming-response.consume", [8]),
    ("incoming-body.stream", [9]),
    ("input-stream.read", [10, 3]),
    ("drop", [10]),
    ("[static]incoming-body.finish", [9]),
]


class Held:
    """The handles that a guest holds, by kind: numbers of its table of resources."""

    def __init__(self) -> None:
        self.of: dict[str, list[int]] = {"H": [], **{kind: [] for kind in KINDS.values()}}

    def add(self, rep: int, thing: Any) -> None:
        self.of[KINDS[thing.kind]].append(rep)
        self.of["H"].append(rep)

    def remove(self, rep: int) -> None:
        for reps in self.of.values():
            if rep in reps:
                reps.remove(rep)


class Caller:
    """A guest that calls through its table of handles, as the binding does."""

    def __init__(self, guest: PlainGuest, held: Held | None = None) -> None:
        self.guest = guest
        self.held = held or Held()

    def call(self, name: str, shape: list[str], arguments: list[Any]) -> Any:
        """Answers plain values: for each handle that it is given its number."""
        resources = self.guest.resources
        if name == "drop":
            resources.drop(arguments[0])
            self.held.remove(arguments[0])
            return None
        handed = [self._hand(*pair) for pair in zip(shape, arguments, strict=True)]
        function = FUNCTIONS[name if "#" in name else NAMES[name]]
        if function.touches:
            self.guest.touched = True
        answer = function.call(self.guest, *handed)
        return self.take(self.guest.wake() if answer is SUSPEND else answer)

    def _hand(self, kind: str, value: Any) -> Any:
        if kind in PLAIN or value is None:
            return value
        if kind.isupper():
            return self.guest.resources.lend(value)
        self.held.remove(value)
        return self.guest.resources.take(value)

    def take(self, answer: Any) -> Any:
        if isinstance(answer, Err):
            return Err(self.take(answer.payload))
        if isinstance(answer, list | tuple):
            return [self.take(value) for value in answer]
        kind = getattr(answer, "kind", None)
        if kind not in KINDS:
            return answer
        rep = self.guest.resources.give(answer, f"wasi:some/interface#{kind}")
        self.held.add(rep, answer)
        return rep


@st.composite
def arguments_for(draw: st.DrawFn, shape: list[str], held: Held) -> list[Any]:
    values: list[Any] = []
    for kind in shape:
        if kind in PLAIN:
            values.append(draw(PLAIN[kind]))
            continue
        free = [rep for rep in held.of[kind[0].upper()] if kind.isupper() or rep not in values]
        values.append(draw(st.sampled_from([None, *free] if kind.endswith("?") else free)))
    return values


def possible(shape: list[str], held: Held) -> bool:
    return all(it in PLAIN or it.endswith("?") or held.of[it.upper()] for it in shape)
