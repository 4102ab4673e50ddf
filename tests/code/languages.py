"""What is submitted, in each language: snippets, and the code of agents."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """What tests submit in a language, and what comes of it.

    Attributes:
        name: As manifests name it.
        agent: Of `agents/`, who submits.
        memory: Of the tool; `much` does not fit.
        put: Sets `k` of the bucket `orders` to 5.
        get: Its value.
        other: Opens the bucket `private`.
        spawn: Raises a worker.
        much: Takes a lot of memory.
        read: What is in `/papers/one`.
        says_much: How what `much` is told ends.
        says_none: What is told of a file that is not there.
        counts: An agent; each topic is another thing that it may do, or not.
        log: What its log says of what it may not.
        wrong: Code that cannot run, and what is said of it.
        more: Further agents, whose answer is their topic.
    """

    name: str
    agent: str
    memory: str
    put: str
    get: str
    other: str
    spawn: str
    much: str
    read: str
    says_much: str
    says_none: str
    counts: str
    log: tuple[str, ...]
    wrong: dict[str, tuple[str, str]]
    more: dict[str, str]

    @property
    def snippets(self) -> list[str]:
        """In the order in which they run."""
        return [self.put, self.get, self.other, self.spawn, self.much, self.read]


PYTHON_COUNTS = """\
from wasm_agent import Fault, code, context, keyvalue, on, state

seen = 0


@on("count")
def count(message):
    global seen
    seen += 1
    state["kept"] = state.get("kept", 0) + 1
    return [context.address, seen, state["kept"]]


@on("read")
async def read(message):
    return keyvalue.open("orders")["k"]


@on("write")
def write(message):
    keyvalue.open("orders")["k"] = 6


@on("run")
def run(message):
    return code.run("6 * 7").value
"""
JAVASCRIPT_COUNTS = """\
import { code, context, keyvalue, on, state } from "wasm-agent";

let seen = 0;

on("count", () => {
  seen += 1;
  state.set("kept", state.get("kept", 0) + 1);
  return [context.address, seen, state.get("kept")];
});
on("read", async () => keyvalue.open("orders").get("k"));
on("write", () => {
  keyvalue.open("orders").set("k", 6);
});
on("run", () => code.run("6 * 7").value);
"""
PYTHON = Language(
    name="python",
    agent="lead.py",
    memory="40 MiB",
    put="from wasm_agent import keyvalue; keyvalue.open('orders')['k'] = 5",
    get="from wasm_agent import keyvalue; keyvalue.open('orders')['k']",
    other="from wasm_agent import keyvalue; keyvalue.open('private')",
    spawn="from wasm_agent import spawn; spawn('worker', 'x')",
    much="len('x' * (30 << 20))",
    read="open('/papers/one').read()",
    says_much="MemoryError",
    says_none="FileNotFoundError",
    counts=PYTHON_COUNTS,
    log=(
        'File "submitted", line 21, in write', 'keyvalue.open("orders")["k"] = 6', "NotGranted",
    ),
    wrong={
        "wrong": ("def f(:", "SyntaxError: invalid syntax"),
        "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    },
    more={},
)  # fmt: skip
_SDK = "await import('wasm-agent')"
JAVASCRIPT = Language(
    name="javascript",
    agent="lead.js",
    memory="24 MiB",
    put=f"const {{ keyvalue }} = {_SDK}; keyvalue.open('orders').set('k', 5)",
    get=f"const {{ keyvalue }} = {_SDK}; keyvalue.open('orders').get('k')",
    other=f"const {{ keyvalue }} = {_SDK}; keyvalue.open('private')",
    spawn=f"const {{ spawn }} = {_SDK}; spawn('worker', 'x')",
    much="new Uint8Array(23 << 20).length",
    read=f"const {{ files }} = {_SDK}; files.readText('/papers/one')",
    says_much="out of memory",
    says_none="no-entry: ",
    counts=JAVASCRIPT_COUNTS,
    log=("submitted:12:", "submitted:2:7", 'keyvalue.open("orders").set("k", 6);'),
    wrong={
        "wrong": ("let a;\nconst = 1", "SyntaxError: variable name expected"),
        "raises": ("null.x", "TypeError: cannot read property 'x' of null"),
        "imports": ("import 'fs'", "cannot import 'fs'"),
    },
    more={"exports": "export const handle = (m) => [m.topic];\n"},
)
