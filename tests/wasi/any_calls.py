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
PLAIN = {"u64": U64, "path": PATH, "bytes": BYTES, "look": LOOK, "how": HOW, "flags": FLAGS}
PLAIN["time"] = TIME

# What each function takes: the names above, or the kind of a handle.
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
}
KINDS = {
    "descriptor": "D",
    "directory-entry-stream": "L",
    "input-stream": "I",
    "output-stream": "O",
    "pollable": "P",
    "error": "E",
    "network": "N",
}
NAMES = {name.rpartition("#")[2].removeprefix("[method]"): name for name in FUNCTIONS}


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
        lent = [
            resources.lend(value) if kind in self.held.of else value
            for kind, value in zip(shape, arguments, strict=True)
        ]
        function = FUNCTIONS[NAMES[name]]
        if function.touches:
            self.guest.touched = True
        answer = function.call(self.guest, *lent)
        return self.take(self.guest.wake() if answer is SUSPEND else answer)

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
    return [
        draw(st.sampled_from(held.of[kind]) if kind in held.of else PLAIN[kind]) for kind in shape
    ]


def possible(shape: list[str], held: Held) -> bool:
    return all(kind not in held.of or held.of[kind] for kind in shape)
