"""Every key of a manifest: its shape, its default, what it means.

The reader, the JSON Schema and the tables in docs/manifest.md are all made from this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest as model
from wasm_engine.agents.alternatives import Alternatives
from wasm_engine.agents.sql_rules import SqlRules
from wasm_engine.concepts import shapes
from wasm_engine.concepts.addresses import NETWORK_PATTERN
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.names import MAX_NAME_BYTES, is_kind, is_name
from wasm_engine.concepts.redirects import MOST_REDIRECTS
from wasm_engine.concepts.references import PATTERN, STANDARD_PATTERN, names_component
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.concepts.url_patterns import (
    RULE_PATTERN,
    RULE_RULE,
    URL_RULE,
    check_pattern,
    check_rule,
)
from wasm_engine.concepts.web import ORIGIN_PATTERN
from wasm_engine.policy.grants import (
    AGENT_KINDS,
    NAMED_KINDS,
    PATTERN_RULE,
    Grant,
    is_pattern,
)

MOST = 2**63 - 1
_GIB = 1 << 30
_SEGMENT = r"[a-z0-9][a-z0-9._-]*"
SEGMENT_PATTERN = f"^{_SEGMENT}$"
_NAME = rf"{_SEGMENT}(/{_SEGMENT})*"
_ADDRESSES = f"address:{NETWORK_PATTERN}"
_NAMED = "|".join(("spawn", "swap", *NAMED_KINDS))
SEGMENT_RULE = "a-z, 0-9, `.`, `_` and `-`, starting with a letter or digit"
KIND_RULE = f'{SEGMENT_RULE}, at most 190 bytes, not "operator" or "world"'
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


TOOL_PATTERN = "[a-z0-9][a-z0-9_-]*"
_TOOL_NAME = re.compile(rf"({TOOL_PATTERN})(\.[A-Za-z0-9.-]+)?", re.ASCII)


class Key(Struct, frozen=True):
    """One key of a table.

    Attributes:
        name: As TOML has it; the model's attribute has `_` for `-`.
        shape: What its value must look like.
        says: What it means, in one sentence.
        default: How the documentation spells the default; empty where the key is required.
        later: Whether stored manifests hold it only where it is not its default: keys that came
            after version 2 of that format.
    """

    name: str
    shape: shapes.Shape
    says: str
    default: str = ""
    later: bool = False

    @property
    def attribute(self) -> str:
        """The name in the model; words of Python get a `_` behind them."""
        name = self.name.replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    def schema(self) -> dict[str, Any]:
        """Its value as JSON Schema."""
        default = f" Default: {self.default}." if self.default else ""
        return {"description": self.says + default, **self.shape.schema()}


def read_table(
    keys: tuple[Key, ...], table: object, at: KeyPath, mistakes: Mistakes
) -> dict[str, Any]:
    """The attributes that a table sets; what is wrong in it is noted and left out."""
    if not isinstance(table, Mapping):
        mistakes.add(at, f"must be a table, not {shown(table)}")
        return {}
    mistakes.unknown_keys(at, table, [key.name for key in keys])
    found: dict[str, Any] = {}
    for key in keys:
        place = (*at, key.name)
        if key.name not in table:
            if not key.default:
                mistakes.add(place, f"is missing: {key.says}")
            continue
        try:
            found[key.attribute] = key.shape.read(table[key.name], place, mistakes)
        except Wrong as wrong:
            mistakes.add(place, str(wrong))
    return found


class Inner(Struct, frozen=True):
    """A table within a table."""

    keys: tuple[Key, ...]

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> dict[str, Any]:
        """The attributes that it sets."""
        return read_table(self.keys, value, at, mistakes)

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return "table, see below"

    def schema(self) -> dict[str, Any]:
        """An object of just these keys."""
        required = [key.name for key in self.keys if not key.default]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: key.schema() for key in self.keys},
            **({"required": required} if required else {}),
        }


def is_segment(text: str) -> bool:
    """Whether the text may name a world or a mount: one segment, reserved words included."""
    return is_name(text) and "/" not in text


def is_mount_point(text: str) -> bool:
    """Whether agents may see a folder at this path."""
    parts = text.split("/")
    return (
        text.startswith("/")
        and len(text.encode("utf-8", "replace")) <= 1024
        and text.isprintable()
        and not any(part in {"", ".", ".."} for part in parts[1:])
        and parts[1] != "agent"
    )


def is_tool(text: str) -> bool:
    """Whether the text may name a tool: a segment without the dot before its functions."""
    return is_segment(text) and "." not in text


def is_tool_name(text: str) -> bool:
    """Whether the text may name a tool, or one function of it."""
    match = _TOOL_NAME.fullmatch(text)
    return match is not None and is_tool(match[1]) and len(text) <= MAX_NAME_BYTES


def _is_path(text: str) -> bool:
    """Whether the text may name a file of the host; `*` is kept for the operator's patterns."""
    return text != "" and text.isprintable() and "*" not in text


def _is_source(text: str) -> bool:
    if text in model.SUBMITTED or names_component(text):
        return True
    if text.endswith((".ts", ".mts")):
        raise Wrong(f"{shown(text)}: `wasm-engine component build` makes a component of it: .wasm")
    return _is_path(text) and text.endswith((".py", ".js", ".wasm"))


def _is_url_pattern(text: str) -> bool:
    check_pattern(text)
    return True


def _is_rule(text: str) -> bool:
    check_rule(text)
    return True


def _is_agent_grant(text: str) -> bool:
    grant = Grant.parse(text)
    if grant.kind not in AGENT_KINDS:
        raise Wrong(f"{shown(text)}: the operator gives that; an agent has `mounts = [...]`")
    return True


NAME = shapes.Text(is_name, f"a name ({SEGMENT_RULE}; `/` between parts)", f"^{_NAME}$")
_WORLD_NAME = shapes.Text(is_segment, f"a name ({SEGMENT_RULE})", SEGMENT_PATTERN)
_PATTERN = shapes.Text(is_pattern, PATTERN_RULE, rf"^(\*|{_NAME}(/\*)?)$")
_GRANT = shapes.Text(
    _is_agent_grant,
    'a grant, such as "spawn:KIND", "stop:PATTERN", "keyvalue:NAME" or "https://api.example.com"',
    rf"^(({_NAMED}):{_SEGMENT}|stop:(\*|{_NAME}(/\*)?)|{ORIGIN_PATTERN}|{_ADDRESSES})$",
    Grant.parse,
)

TOOL = shapes.Text(is_tool, "the name of a tool (a-z, 0-9, `_` and `-`)", f"^{TOOL_PATTERN}$")
TOOL_NAME = shapes.Text(
    is_tool_name,
    'the name of a tool, or "NAME.function" for one function of it',
    rf"^{TOOL_PATTERN}(\.[A-Za-z0-9.-]+)?$",
)

WORLD = (
    Key("name", _WORLD_NAME, "What the world is called.", '"world"'),
    Key("seed", shapes.Whole(0, MOST), "Where all entropy comes from.", "0"),
    Key(
        "clock",
        shapes.Choice(("virtual", "recorded")),
        "Whether world time is computed, or real time that the run keeps.",
        '"virtual"',
    ),
    Key("epoch", shapes.Moment(), "World time at the start.", "2025-01-01T00:00:00Z"),
    Key(
        "interpreter",
        shapes.Text(
            lambda text: _DIGEST.fullmatch(text) is not None,
            '"sha256:" and 64 hexadecimal digits',
            f"^{_DIGEST.pattern}$",
            lambda text: text.removeprefix("sha256:"),
        ),
        "The one component that may run the `.py` agents.",
        "any",
    ),
    Key(
        "mailbox",
        shapes.Whole(1, 1_000_000),
        "How many messages from one sender may wait in one mailbox.",
        "1024",
    ),
    Key(
        "effects",
        shapes.Choice(("concurrent", "lockstep")),
        "Whether the world goes on while servers are asked, or waits in each step for all answers.",
        '"concurrent"',
    ),
    Key(
        "javascript-interpreter",
        shapes.Text(
            lambda text: _DIGEST.fullmatch(text) is not None,
            '"sha256:" and 64 hexadecimal digits',
            f"^{_DIGEST.pattern}$",
        ),
        "The one component that may run the `.js` agents.",
        "any",
        later=True,
    ),
)

HTTP = (
    Key(
        "timeout",
        shapes.Span(10**6, 3600 * 10**9),
        "Real time that an answer may take, from the connection on.",
        '"30 s"',
    ),
    Key("max-response", shapes.Size(0, _GIB // 16), "The body of a response.", '"2 MiB"'),
    Key(
        "idempotent",
        shapes.Several(shapes.Text(_is_url_pattern, URL_RULE, f"^{ORIGIN_PATTERN}(/[!-~]*)?$")),
        "Where any request may be sent again under the same key, when nobody knows what became of "
        "it.",
        "[]",
    ),
    Key(
        "redirects",
        shapes.Whole(0, MOST_REDIRECTS),
        "How many redirects of one request are followed; a further one is its response.",
        "0",
        later=True,
    ),
    Key(
        "allow",
        shapes.Several(shapes.Text(_is_rule, RULE_RULE, RULE_PATTERN)),
        "Which requests it may send to the servers that it may ask.",
        "any",
        later=True,
    ),
)

AGENT = (
    Key(
        "source",
        shapes.Text(
            _is_source,
            "the path of a .py, .js or .wasm file, a kept component: name@sha256:..., or std:NAME",
            rf"^([^*]*\.(py|js|wasm)|{PATTERN}|{STANDARD_PATTERN}|{'|'.join(model.SUBMITTED)})$",
        ),
        "The agent's file, `.py`, `.js` or `.wasm`, relative to the manifest; a component of "
        "this machine's store, `name@sha256:...`; one that comes with the engine, `std:NAME`; or "
        "`submitted:python` or `submitted:javascript`: its configuration holds its code. "
        "Required, but of an assistant.",
        "none",
    ),
    Key(
        "count",
        shapes.Whole(0, model.MAX_AGENTS),
        "How many there are at the start; 0 where all are spawned.",
        "1",
    ),
    Key("config", shapes.Json(model.MIB), "What the agents read as their configuration.", "{}"),
    Key("subscribe", shapes.Several(NAME), "Topics whose publications they get.", "[]"),
    Key(
        "lifecycle",
        shapes.Choice(("message", "resident")),
        "Pristine memory for every message, or memory that lives on.",
        '"message"',
    ),
    Key("fuel", shapes.Whole(1, MOST), "Instructions per message.", "5_000_000_000"),
    Key("work", shapes.Whole(1, MOST), "Host work per message.", "2_000_000_000"),
    Key("memory", shapes.Size(64 << 10, 4 * _GIB), "Linear memory of one agent.", '"256 MiB"'),
    Key("disk", shapes.Size(0, 4 * _GIB), "Quota of its private file system.", '"64 MiB"'),
    Key("batch", shapes.Whole(1, 10_000), "Messages handled in one step at most.", "64"),
    Key("retries", shapes.Whole(0, 100), "Further attempts after a failure.", "0"),
    Key(
        "on-retry",
        shapes.Choice(("fail", "restart")),
        "`restart`: the handler is idempotent and may run again although part of it was committed.",
        '"fail"',
    ),
    Key(
        "isolation",
        shapes.Choice(("thread", "process")),
        "Whether its agents run in this process, or in one of their own that can do nothing else.",
        '"thread"',
        later=True,
    ),
    Key("expect-failure", shapes.Flag(), "Its failures leave the world a success.", "false"),
    Key("mounts", shapes.Several(NAME), "Names of the folders it sees.", "[]"),
    Key(
        "grants",
        shapes.Several(_GRANT),
        "What it may do to other agents, the servers it may ask, and where their names may lead.",
        "[]",
    ),
    Key("send-to", shapes.Several(_PATTERN), "The addresses it may send to.", "anyone"),
    Key("http", Inner(HTTP), "How it asks servers.", "{}"),
    Key("sql", SqlRules(), "What it may do in databases, within its grants.", "{}", later=True),
    Key("tools", shapes.Several(TOOL_NAME), "Tools that it may call.", "[]", later=True),
    Key(
        "link",
        shapes.Several(TOOL),
        "Tools whose interfaces stand in for what its component imports.",
        "[]",
        later=True,
    ),
    Key(
        "alternatives",
        Alternatives(_is_path),
        "What agents with the grant `swap:NAME` may let it run in its source's place, by name.",
        "{}",
        later=True,
    ),
)

MOUNT = (
    Key(
        "path",
        shapes.Text(_is_path, "the path of a folder", r"^[^*]+$"),
        "The folder on this machine, relative to the manifest; required unless it is writable.",
        "none: a writable one begins empty",
    ),
    Key(
        "at",
        shapes.Text(
            is_mount_point,
            'an absolute path such as "/docs", not "/", not "/agent" or below it',
            "^/",
        ),
        "Where agents see it.",
    ),
    Key(
        "writable",
        shapes.Flag(),
        "Whether it belongs to the world, which begins with what the folder holds, and agents with "
        "the grant `mount-write:NAME` may change it; the folder itself nobody changes.",
        "false",
        later=True,
    ),
    Key(
        "quota",
        shapes.Size(0, _GIB),
        "Bytes of contents that a writable one may hold.",
        '"64 MiB"',
        later=True,
    ),
    Key(
        "max-files",
        shapes.Whole(0, 100_000),
        "How many files and directories.",
        "10_000",
        later=True,
    ),
)

MESSAGE = (
    Key("to", NAME, "Address of the agent."),
    Key("topic", NAME, "What it is about."),
    Key(
        "body",
        shapes.Json(model.MAX_BODY_BYTES, body=True),
        "Text; a table or an array is sent as JSON.",
        '""',
    ),
    Key("headers", shapes.Labels(model.MAX_HEADER_BYTES), "Names and values, all text.", "{}"),
)

LIMITS = (
    Key("queue", shapes.Size(1 << 20, 64 * _GIB), "Bytes in all mailboxes together.", '"256 MiB"'),
    Key(
        "step-fuel",
        shapes.Whole(1, MOST),
        "Fuel, and host work, that an agent may spend in one step before others run.",
        "100_000_000",
    ),
)

SECTIONS = {
    "world": "The world as a whole.",
    "agents": "Kinds of agents, by name.",
    "mounts": "Folders that agents may read, or share and write, by name.",
    "messages": "What the operator sends at the start.",
    "limits": "Bounds of the world.",
}


def is_agent_name(text: str) -> bool:
    """Whether the text may name a kind of agent, with room for the number of each."""
    return is_kind(text) and is_name(f"{text}/{model.MAX_AGENTS}")
