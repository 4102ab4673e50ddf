"""Code that is submitted at run time: its tools' bounds, and agents whose configuration holds it.

Whoever may submit code, or write the code of an agent, does through it what it may do. So neither
may be given what its writer has not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from wasm_engine.agents.manifest import SUBMITTED, Kind, Manifest, Tool
from wasm_engine.concepts.addresses import is_within, read_network
from wasm_engine.concepts.mistakes import Mistakes, nearest, shown
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.concepts.web import covers
from wasm_engine.policy.grants import ORIGIN_KINDS, Grant, matches

FILES = {
    "python": ("submitted.py", b"from wasm_agent import code\n\ncode.host()\n"),
    "javascript": ("submitted.js", b'import { code } from "wasm-agent";\n\ncode.host();\n'),
}
"""What an agent of such a kind begins with, by language: name and text of its file."""
_MOST = 64 << 20


class Caps(NamedTuple):
    """How many characters of a run its caller takes, at most.

    Attributes:
        value: Of the value's JSON text.
        printed: Of what was printed.
    """

    value: int = 1 << 20
    printed: int = 64 << 10

    @classmethod
    def of(cls, config: str) -> Caps:
        """Those that a tool's configuration says, checked already."""
        found = json.loads(config)
        return cls(**found.get("caps", {})) if isinstance(found, dict) else cls()


def check_submitted(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes what would let code do more than whoever wrote it."""
    for tool in manifest.tools:
        if tool.language:
            _runner(tool, ("tools", tool.name), mistakes)
            _lends(manifest, tool, mistakes)
    for kind in manifest.agents:
        if kind.source in SUBMITTED:
            _raised(manifest, kind, mistakes)


def _runner(tool: Tool, at: KeyPath, mistakes: Mistakes) -> None:
    if tool.own_authority:
        text = "code that is submitted may do no more than whoever submits it"
        mistakes.add((*at, "own-authority"), text)
    config = json.loads(tool.config)
    caps = config.get("caps", {}) if isinstance(config, dict) else {}
    place: KeyPath = (*at, "config", "caps")
    if not isinstance(caps, dict):
        mistakes.add(place, f"must be a table, not {shown(caps)}")
        return
    for name, most in caps.items():
        if name not in Caps._fields:
            mistakes.add((*place, name), f"unknown key{nearest(name, Caps._fields)}")
        elif type(most) is not int or not 0 <= most <= _MOST:
            what = f"must be a whole number of characters from 0 to {_MOST}, not {shown(most)}"
            mistakes.add((*place, name), what)


def _lends(manifest: Manifest, tool: Tool, mistakes: Mistakes) -> None:
    """Notes tools that submitted code may call, and whoever submits it may not."""
    lent = [name for name in tool.tools if name.partition(".")[0] != tool.name]
    holders: tuple[Kind | Tool, ...] = (*manifest.agents, *manifest.tools)
    for holder in holders:
        if holder is tool or not _has((*holder.tools, *holder.link), tool.name, whole=False):
            continue
        more = [name for name in lent if not _has(holder.tools, name)]
        if more:
            mistakes.add(
                ("tools", tool.name, "tools"),
                f"{', '.join(map(shown, more))}: {holder.name} submits code to it, and may not "
                "call that itself",
            )


def _raised(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Notes what a kind may do that somebody who may write its code may not."""
    at: KeyPath = ("agents", kind.name)
    if kind.link:
        mistakes.add((*at, "link"), "submitted code imports no interfaces; it has `tools`")
    for writer in manifest.agents:
        if writer.name == kind.name or Grant("spawn", kind.name) not in writer.grants:
            continue
        for key, more in _beyond(kind, writer):
            mistakes.add(
                (*at, key),
                f"{', '.join(map(shown, more))}: {writer.name} writes its code (by spawn), and "
                "has not that itself",
            )


def _beyond(kind: Kind, writer: Kind) -> Iterator[tuple[str, list[str]]]:
    """What a kind has that another has not, by key; each key with something."""
    theirs = ("*",) if kind.send_to is None else kind.send_to
    ours = ("*",) if writer.send_to is None else writer.send_to
    rules = kind.http_allow or ()
    found = {
        "grants": [str(it) for it in kind.grants if not _covered(it, writer.grants)],
        "mounts": sorted(set(kind.mounts) - set(writer.mounts)),
        "tools": [it for it in kind.tools if not _has(writer.tools, it)],
        "send-to": [it for it in theirs if not any(_within(it, one) for one in ours)],
        "subscribe": sorted(set(kind.subscribe) - set(writer.subscribe)),
        "sql": [name for name, rights in _sql(kind) if not _narrower(rights, name, writer)],
    }
    if writer.http_allow is not None and any(it.kind in ORIGIN_KINDS for it in kind.grants):
        free = kind.http_allow is None
        found["http"] = ["any"] if free else sorted(set(rules) - set(writer.http_allow))
    yield from ((key, more) for key, more in found.items() if more)


def _covered(wanted: Grant, held: tuple[Grant, ...]) -> bool:
    """Whether grants allow at least what one allows."""
    for one in held:
        if one == wanted or wanted == (f"{one.kind}-read", one.target):
            return True
        if wanted.kind in ORIGIN_KINDS and one.kind in ORIGIN_KINDS:
            found = covers(str(one), str(wanted))
        elif one.kind != wanted.kind:
            found = False
        elif wanted.kind == "address":
            found = is_within(read_network(wanted.target), read_network(one.target))
        else:
            found = wanted.kind == "stop" and _within(wanted.target, one.target)
        if found:
            return True
    return False


def _within(pattern: str, other: str) -> bool:
    """Whether all addresses of a pattern are of another one, too."""
    return pattern == other or matches(other, pattern)


def _sql(kind: Kind) -> Iterator[tuple[str, SqlRights | None]]:
    rules = dict(kind.sql)
    for name in sorted({it.target for it in kind.grants if it.kind in {"sql", "sql-read"}}):
        yield name, rules.get(name)


def _narrower(rights: SqlRights | None, name: str, writer: Kind) -> bool:
    """Whether rules of a database allow no more than those of a writer; None: no rules."""
    held = dict(writer.sql).get(name)
    if held is None or rights is None:
        return held is None
    return all(
        not {"*", right.partition(".")[0], right}.isdisjoint(getattr(held, verb))
        for verb in ("read", "insert", "update", "delete")
        for right in getattr(rights, verb)
    )


def _has(tools: tuple[str, ...], name: str, *, whole: bool = True) -> bool:
    """Whether a tool, or a function, is among those; not `whole`: or a function of the tool."""
    if not whole:
        return any(it.partition(".")[0] == name for it in tools)
    return name in tools or name.partition(".")[0] in tools
