"""Tools: nothing of one call is there in the next, and none does more than its table and its caller."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.hostile.attack import MIB
from tests.hostile.catalogue.acts import deed
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene
from tests.hostile.catalogue.seen import Seen
from tests.hostile.catalogue.wat import Written
from tests.tools.components import CALC, WORLDLY, user, wasm_of
from wasm_engine.concepts.errors import EngineError
from wasm_engine.world import World

HANDY = "testing/handy/handy.wasm"
RICH, POOR, SMALL, IDLE, TIGHT = "rich", "poor", "small", "idle", "tight"
ORDERS = "keyvalue:orders"

# Exports what its types promise, and answers something else.
_LIES = {
    "text": ("string", "(i32.store (i32.const 8) (i32.const 32)) (i32.store (i32.const 12) (i32.const 4)) (i32.const 8)"),
    "far": ("string", "(i32.store (i32.const 8) (i32.const -8)) (i32.store (i32.const 12) (i32.const 64)) (i32.const 8)"),
    "large": ("string", "(i32.store (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.const -1)) (i32.const 8)"),
    "character": ("char", "(i32.const 0xd800)"),
    "case": ("(variant (case \"a\") (case \"b\"))", "(i32.const 7)"),
    "nowhere": ("(list u64)", "(i32.const 3)"),
}  # fmt: skip
LIAR = rf"""
(component
  (core module $m (memory (export "memory") 1) (data (i32.const 32) "\ff\fe\fd\fc")
    {
    " ".join(f'(func (export "{name}") (result i32) {body})' for name, (_, body) in _LIES.items())
})
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (type $is-case (variant (case "a") (case "b")))
  (export $case "kind" (type $is-case))
  {
    " ".join(
        f'(func (export "{name}") (result {"$case" if name == "case" else ty})'
        f' (canon lift (core func $i "{name}") (memory $mem)))'
        for name, (ty, _) in _LIES.items()
    )
})
"""


def _last(seen: Seen) -> str:
    """The last answer; how the message ended, where that was not well."""
    if seen.codes[-1] != "done":
        return seen.codes[-1]
    lines = str(seen.state.get("trace", "nothing\n")).splitlines()
    return lines[-1].removeprefix("err:").partition(" at ")[0]


def _code(seen: Seen) -> str:
    return _last(seen).partition(":")[0]


def _calls(kind: str, *lines: str, reads: Callable[[Seen], str] = _last) -> Act:
    return Act(kind, ((("", "do", "\n".join(lines)),),), reads)


def _relayed(name: str, arguments: str = "{}") -> str:
    quoted = arguments.replace('"', '\\"')
    return f'{{"name": "{name}", "arguments": "{quoted}"}}'


_KEEP = '{"bucket": "orders", "key": "k"}'
_COUNTS = Control("counts once", _calls(RICH, "calc.count {}"), "11")
_ADDS = Control("adds", _calls(RICH, 'calc.add {"a": 2, "b": 3}'), "5")
_KEEPS = Control("both may", _calls(RICH, f"shop.keep {_KEEP}"), "0")
_ACROSS = [
    Attack("keep", "counts in its memory and its globals, call after call",
           _calls(RICH, "*20 calc.count {}"), "11", _COUNTS),
    Attack("keep-after-failure", "traps, and looks for what is left",
           _calls(RICH, "calc.count {}", "calc.trap {}", "calc.count {}"), "11", _COUNTS),
    Attack("keep-after-limit", "spends all of its fuel, and looks for what is left",
           _calls(RICH, "calc.count {}", 'calc.spin {"n": "1000000000"}', "calc.count {}"), "11", _COUNTS),
    Attack("callers-config", "reads the configuration of its caller",
           _calls(RICH, "shop.config {}"), '"{\\"of\\":\\"tool\\"}"',
           Control("its caller's name is no secret", _calls(IDLE, "shop.self {}"), '"idle"')),
    Attack("without-caller", "writes a bucket that its caller may not",
           _calls(POOR, f"shop.keep {_KEEP}"), "10", _KEEPS),
    Attack("without-table", "writes a bucket that its caller may, and its table does not name",
           _calls(RICH, f"bare.keep {_KEEP}"), "10", _KEEPS),
    Attack("through-another", "writes it through a tool that may",
           _calls(POOR, f"outer.relay {_relayed('shop.keep', _KEEP)}"), '"10"',
           Control("all three may", _calls(RICH, f"outer.relay {_relayed('shop.keep', _KEEP)}"), '"0"')),
    Attack("through-poor", "writes it through a tool that may not",
           _calls(RICH, f"narrow.relay {_relayed('shop.keep', _KEEP)}"), '"10"',
           Control("all three may", _calls(RICH, f"outer.relay {_relayed('shop.keep', _KEEP)}"), '"0"')),
    Attack("own-authority", "writes with the authority of its own what its table does not name",
           _calls(POOR, 'owner.keep {"bucket": "other", "key": "k"}'), "10",
           Control("what it names", _calls(POOR, f"owner.keep {_KEEP}"), "0")),
    Attack("deputy", "calls a tool that its own table does not name",
           _calls(RICH, f"outer.relay {_relayed('calc.add')}", reads=_code), "unknown-tool | \"unknown-tool\"", _ADDS),
    *(
        Attack(f"name-{label}", f"calls {name!a}", _calls(POOR, f"{name} {{}}", reads=_code), "unknown-tool", _ADDS)
        for label, name in {
            "other": "calc.add", "upper": "SHOP.keep", "up": "../calc.add", "whole": "shop", "deeper": "shop.keep.keep",
            "interface": "test:calc/api@1.0.0#add", "homoglyph": "\u0441alc.add", "long": "x" * 5_000,
        }.items()
    ),
]  # fmt: skip
_SPENDING = [
    Attack("fuel", "computes without end", _calls(RICH, 'calc.spin {"n": "0"}'), "tool-failed:calc.spin: fuel",
           Control("a little", _calls(RICH, 'calc.spin {"n": 3}'), "6")),
    Attack("callers-fuel", "computes for longer than its caller may", _calls(SMALL, 'wide.spin {"n": "0"}'), "fuel",
           Control("a little", _calls(SMALL, 'wide.spin {"n": 3}'), "6")),
    Attack("callers-work", "is called until its caller's host work is spent",
           _calls(TIGHT, '*1000 calc.add {"a": 1, "b": 2}'), "host-work",
           Control("ten times", _calls(TIGHT, '*10 calc.add {"a": 1, "b": 2}'), "3")),
    Attack("memory", "takes all memory", _calls(RICH, 'calc.grow {"pages": 60000}'), "-1",
           Control("a page", _calls(RICH, 'calc.grow {"pages": 1}'), "2")),
    Attack("callers-memory", "takes more memory than its caller may have", _calls(SMALL, 'wide.grow {"pages": 100}'), "-1",
           Control("a page", _calls(SMALL, 'wide.grow {"pages": 1}'), "2")),
    *(
        Attack(f"lie-{name}", f"answers what is no {ty.partition(' ')[0].lstrip('(')} ({name})",
               _calls(RICH, f"liar.{name} {{}}", reads=_code), "tool-failed", _ADDS)
        for name, (ty, _) in _LIES.items()
    ),
]  # fmt: skip
_DEEP = "[" * 50_000
_ARGUMENTS = {
    "deep": '{"text": ' + _DEEP + "]" * 50_000 + "}",
    "open": '{"text": ' + _DEEP,
    "unknown": '{"text": "a", "__proto__": {}}',
    "missing": "{}",
    "array": '["a"]',
    "nothing": "",
    "half": '{"text": "\\ud800"}',
    "trailing": '{"text": "a"} {}',
    "number": '{"text": 1}',
    "comment": '{"text": /* */ "a"}',
    "escape": '{"text": "\\x41"}',
}
_NUMBERS = {
    "over": "4294967296", "below": "-1", "half": "0.5", "huge": "1e999", "digits": "9" * 100_000,
    "not": "NaN", "leading": "007", "plus": "+1", "hexadecimal": "0x10", "truth": "true", "text": '"1"',
}  # fmt: skip
_JSON = [
    *(
        Attack(f"arguments-{name}", f"is given {text[:32]!a} ({len(text)} characters)",
               _calls(RICH, f"calc.echo {text}", reads=_code), "invalid-arguments",
               Control("text", _calls(RICH, 'calc.echo {"text": "a"}'), '"a"'))
        for name, text in _ARGUMENTS.items()
    ),
    Attack("arguments-twice", "is given a name twice", _calls(RICH, 'calc.echo {"text": "a", "text": "b"}'), '"b"',
           Control("once", _calls(RICH, 'calc.echo {"text": "b"}'), '"b"')),
    *(
        Attack(f"number-{name}", f"is given the number {text[:16]}",
               _calls(RICH, f'calc.add {{"a": {text}, "b": 1}}', reads=_code), "invalid-arguments", _ADDS)
        for name, text in _NUMBERS.items()
    ),
]  # fmt: skip


def _loaded(tools: Mapping[str, Any], held: str) -> str:
    """What comes of it when a world with these tools is to begin, whose agent has one of them."""
    with tempfile.TemporaryDirectory() as made:
        for name, component in _FILES.items():
            Path(made, f"{name}.wasm").write_bytes(component)
        agents = {"a": {"source": "handy.wasm", "tools": [held]}}
        try:
            World.from_mapping({"agents": agents, "tools": tools}, made).begin().close()
        except EngineError as error:
            return error.code
    return "begun"


_CALC, _WORLDLY = wasm_of(CALC), wasm_of(WORLDLY)
_FILES = {"handy": (Path(__file__).parents[3] / "guests" / HANDY).read_bytes(), "calc": _CALC, "worldly": _WORLDLY,
          "wide": user(total="u64"), "user": user(), "other": user("test:calc/api@2.0.0")}  # fmt: skip
_TABLES = {name: {"component": f"{name}.wasm"} for name in _FILES if name != "handy"}


def _load(*names: str, **tables: Mapping[str, Any]) -> str:
    tools = {name: {**_TABLES[name], **tables.get(name, {})} for name in names}
    return _loaded(tools, names[-1])


_TRUE_LINK = Control(
    "the same types", deed(lambda: _load("calc", "user", user={"link": ["calc"]})), "begun"
)
_LINKS = [
    Attack("link-type", "is linked to a tool whose function has other types",
           deed(lambda: _load("calc", "wide", wide={"link": ["calc"]})), "bad-component", _TRUE_LINK),
    Attack("link-version", "is linked to another version",
           deed(lambda: _load("calc", "other", other={"link": ["calc"]})), "bad-component", _TRUE_LINK),
    Attack("link-missing", "is linked to nobody",
           deed(lambda: _load("user")), "bad-component", _TRUE_LINK),
    Attack("link-host", "is linked to a tool in the place of the host",
           deed(lambda: _load("calc", "worldly", worldly={"link": ["calc"]})), "bad-component", _TRUE_LINK),
    Attack("circle", "calls itself", deed(lambda: _load("worldly", worldly={"tools": ["worldly"]})), "bad-manifest",
           _TRUE_LINK),
    Attack("circle-of-two", "calls who calls it",
           deed(lambda: _load("user", "worldly", worldly={"tools": ["user"]}, user={"link": ["worldly"]})), "bad-manifest",
           _TRUE_LINK),
    Attack("mailbox", "wants a mailbox", deed(lambda: _loaded({"t": {"component": "handy.wasm"}}, "t")),
           "bad-component", _TRUE_LINK),
    Attack("secret", "asks for a server with an authority of its own",
           deed(lambda: _load("calc", calc={"own-authority": True, "grants": ["https://a.example.com"]})), "bad-manifest",
           _TRUE_LINK),
]  # fmt: skip
_ALL = ["calc", "shop", "bare", "outer", "narrow", "liar"]
_KIND: dict[str, Any] = {
    "source": HANDY,
    "fuel": 2_000_000_000,
    "work": 900_000_000,
    "memory": 32 * MIB,
}
_TOOL = {"component": "worldly.wasm", "grants": [ORDERS], "config": {"of": "tool"}}
SCENES = [
    Scene(
        "tools",
        [*_ACROSS, *_SPENDING, *_JSON, *_LINKS],
        {
            RICH: {**_KIND, "tools": _ALL, "grants": [ORDERS], "config": {"of": "agent"}},
            POOR: {**_KIND, "tools": ["shop", "outer", "owner"]},
            IDLE: {**_KIND, "tools": ["shop"], "count": 1},
            SMALL: {**_KIND, "fuel": 20_000_000, "memory": MIB, "tools": ["wide"]},
            TIGHT: {**_KIND, "work": 2_000_000, "tools": ["calc"]},
        },
        {
            "tools": {
                "calc": {"component": "calc.wasm", "fuel": 5_000_000, "memory": "4 MiB"},
                "wide": {"component": "calc.wasm", "fuel": 5_000_000_000, "memory": "64 MiB"},
                "liar": {"component": "liar.wasm"},
                "shop": _TOOL,
                "bare": {**_TOOL, "grants": []},
                "outer": {**_TOOL, "tools": ["shop"]},
                "narrow": {**_TOOL, "grants": [], "tools": ["shop"]},
                "owner": {**_TOOL, "own-authority": True},
            }
        },
        around=Written({"calc": _CALC, "worldly": _WORLDLY, "liar": wasm_of(LIAR)}),
    )
]  # fmt: skip
