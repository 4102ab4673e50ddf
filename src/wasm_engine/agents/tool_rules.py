"""Whether the tools of a manifest are there, and can have what it gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from wasm_engine.agents.manifest import Kind, Manifest, Tool
from wasm_engine.agents.manifest_tables import is_tool
from wasm_engine.concepts.mistakes import Mistakes, nearest, shown
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.policy.grants import OWN_KINDS


def check_tools(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes tools that are not there, that call each other in a circle, or that nobody could have.

    What the functions of a tool are is known only once its component was looked at.
    """
    names = [tool.name for tool in manifest.tools]
    for kind in manifest.agents:
        _named(kind, ("agents", kind.name), names, mistakes)
        if kind.isolation == "process" and (kind.tools or kind.link):
            key = "tools" if kind.tools else "link"
            mistakes.add(
                ("agents", kind.name, key),
                'not with isolation = "process": a tool runs in the process of the world',
            )
    for tool in manifest.tools:
        place: KeyPath = ("tools", tool.name)
        if not is_tool(tool.name):
            mistakes.add(place, f"{shown(tool.name)} cannot name a tool: no dot may be in it")
        _named(tool, place, names, mistakes)
        _runs(tool, place, mistakes)
        _given(manifest, tool, place, mistakes)
    _circles(manifest, mistakes)


def needed_by(holder: Kind | Tool) -> list[str]:
    """Names of the tools that an agent or a tool calls, or is linked to; sorted."""
    return sorted({name.partition(".")[0] for name in (*holder.tools, *holder.link)})


def reached_by(manifest: Manifest, holder: Kind | Tool) -> list[str]:
    """Names of the tools that somebody can come to call, directly or through others; sorted."""
    found: dict[str, None] = {}
    waiting = needed_by(holder)
    while waiting:
        name = waiting.pop()
        tool = manifest.tool(name)
        if tool is not None and name not in found:
            found[name] = None
            waiting += needed_by(tool)
    return sorted(found)


def _named(holder: Kind | Tool, at: KeyPath, names: list[str], mistakes: Mistakes) -> None:
    for key in ("tools", "link"):
        for text in getattr(holder, key):
            name = text.partition(".")[0]
            if name not in names:
                near = nearest(name, names) if names else f"; it needs a table [tools.{name}]"
                mistakes.add((*at, key), f"no tool is called {shown(name)}{near}")


def _runs(tool: Tool, at: KeyPath, mistakes: Mistakes) -> None:
    noted = any(mistakes.at((*at, key)) for key in ("component", "language"))
    if bool(tool.component) == bool(tool.language) and not noted:
        mistakes.add(at, "it needs `component` or `language`, and not both")
    if tool.language and tool.link:
        mistakes.add((*at, "link"), "submitted code imports no interfaces; it has `tools`")


def _given(manifest: Manifest, tool: Tool, at: KeyPath, mistakes: Mistakes) -> None:
    """Grants and folders that there are, and that a tool can have by itself where it should."""
    mounts = {mount.name: mount for mount in manifest.mounts}
    for name in tool.mounts:
        if name not in mounts:
            mistakes.add(
                (*at, "mounts"), f"no mount is called {shown(name)}{nearest(name, mounts)}"
            )
        elif mounts[name].writable:
            text = f"{shown(name)} is writable: a tool sees folders that nobody changes"
            mistakes.add((*at, "mounts"), text)
    seen = [mounts[name].at for name in tool.mounts if mounts.get(name) and mounts[name].at]
    for one, other in combinations(seen, 2):
        first, second = sorted((f"{one}/", f"{other}/"))
        if second.startswith(first):
            mistakes.add((*at, "mounts"), f"{shown(one)} and {shown(other)} overlap")
    there = {"sql": {it.name for it in manifest.sql}, "secret": {s.name for s in manifest.secrets}}
    for grant in tool.grants:
        known = there.get(grant.kind.removesuffix("-read"))
        if known is not None and grant.target not in known:
            text = f"{shown(str(grant))}: the world has none of that name"
            mistakes.add((*at, "grants"), text + nearest(grant.target, known))
        if tool.own_authority and grant.kind not in OWN_KINDS:
            mistakes.add(
                (*at, "grants"),
                f"{shown(str(grant))}: not with own-authority; a tool has by itself only stores "
                "and folders",
            )


def _circles(manifest: Manifest, mistakes: Mistakes) -> None:
    # Code that submits code is no circle: each time it is other code, and there is a depth.
    needs = {
        tool.name: [it for it in needed_by(tool) if it != tool.name or not tool.language]
        for tool in manifest.tools
    }
    told: set[frozenset[str]] = set()
    for name in needs:
        circle = next(_back(needs, name, (name,)), None)
        if circle is not None and frozenset(circle) not in told:
            told.add(frozenset(circle))
            key = "tools" if any(it.startswith(circle[1]) for it in _tools(manifest, name)) else ""
            mistakes.add(
                ("tools", name, key or "link"), f"leads back to itself: {' > '.join(circle)}"
            )


def _tools(manifest: Manifest, name: str) -> tuple[str, ...]:
    tool = manifest.tool(name)
    return () if tool is None else tool.tools


def _back(
    needs: Mapping[str, list[str]], home: str, way: tuple[str, ...], seen: set[str] | None = None
) -> Iterator[tuple[str, ...]]:
    """The ways that lead back to where they began; each tool is passed once."""
    seen = {home} if seen is None else seen
    for name in needs.get(way[-1], ()):
        if name == home:
            yield (*way, name)
        elif name not in seen:
            seen.add(name)
            yield from _back(needs, home, (*way, name), seen)
