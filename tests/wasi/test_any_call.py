"""Whatever a guest calls, in whatever order: an answer or a failure of the guest, no mistake."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wasi.activations import FUNCTIONS, PlainGuest
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.runtime.wasi import Quota, Tree, WasiState

U64 = st.one_of(st.sampled_from([0, 1, 5, 4096, 70_000, 1 << 31, 1 << 63, (1 << 64) - 1]))
PATH = st.sampled_from(
    ["", ".", "..", "/", "a", "b", "a/", "a/b", "a/../b", "b/.", "a\0", "n" * 256, "a/" * 3000]
)
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
    "drop": "D",
}
KINDS = {
    "Descriptor": "D",
    "DirectoryEntryStream": "L",
    "InputStream": "I",
    "OutputStream": "O",
    "Pollable": "P",
}
NAMES = {name.rpartition("#")[2].removeprefix("[method]"): name for name in FUNCTIONS}


class Held:
    """The handles that a guest holds, by kind."""

    def __init__(self) -> None:
        self.of: dict[str, list[Any]] = {kind: [] for kind in KINDS.values()}

    def take(self, answer: Any) -> None:
        for value in answer if isinstance(answer, list | tuple) else [answer]:
            if isinstance(value, tuple):
                self.take(value)
            elif type(value).__name__ in KINDS:
                self.of[KINDS[type(value).__name__]].append(value)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_any_call(data: st.DataObject) -> None:
    tree = Tree(Quota(bytes=100_000, nodes=12))
    guest = PlainGuest(WasiState(tree=tree, stdin=b"input"), work=10**9)
    held = Held()
    held.take(FUNCTIONS[NAMES["get-directories"]].call(guest))
    for name in data.draw(st.lists(st.sampled_from(sorted(SHAPES)), max_size=40)):
        shape = SHAPES[name].split()
        if any(kind in held.of and not held.of[kind] for kind in shape):
            continue
        arguments = [
            data.draw(st.sampled_from(held.of[kind]) if kind in held.of else PLAIN[kind])
            for kind in shape
        ]
        if name == "drop":
            held.of["D"].remove(arguments[0])
            arguments[0].drop()
            continue
        try:
            answer = FUNCTIONS[NAMES[name]].call(guest, *arguments)
        except GuestFailure:
            break
        if answer is SUSPEND:
            answer = guest.wake()
        if not isinstance(answer, Err):
            held.take(answer)
    for handles in held.of.values():
        for handle in handles:
            getattr(handle, "drop", lambda: None)()
    assert 0 <= tree.usage.bytes <= 100_000
    assert 0 <= tree.usage.nodes <= 12
    assert (tree.usage.nodes == 0) == (not tree.root.entries)
