"""What agents of a world can ever do under a policy, in words that a reviewer can sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.agents.demands import demands
from wasm_engine.agents.manifest import Kind, Manifest, Tool
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.agents.tool_rules import reached_by
from wasm_engine.control.bounds import bounds_of
from wasm_engine.control.policies import each_label, machine_policy, policy_of
from wasm_engine.control.reports import Report
from wasm_engine.policy.actions import ACTIONS, Asked
from wasm_engine.policy.bounds import BOUNDED, Bound, spelled
from wasm_engine.policy.grants import ORIGIN_KINDS, matches
from wasm_engine.policy.policy import Policy
from wasm_engine.policy.sources import is_of

_OF_GRANTS = {
    "spawn": ("spawn",),
    "stop": ("stop",),
    "swap": ("swap",),
    "keyvalue": ("keyvalue.read", "keyvalue.write"),
    "keyvalue-read": ("keyvalue.read",),
    "blobstore": ("blobstore.read", "blobstore.write"),
    "blobstore-read": ("blobstore.read",),
    "sql": ("sql",),
    "sql-read": ("sql",),
    "secret": ("secret",),
    "human": ("human",),
    "declassify": ("declassify",),
    "mount-write": ("mount.write",),
    "model": ("model",),
}


@dataclass(frozen=True, slots=True)
class Power(Report):
    """Something that the manifest grants a kind of agent, and what the policy makes of it.

    Attributes:
        kind: Of agents.
        action: What, as policies call it.
        target: To what.
        verdict: `allowed`, `refused`, or `depends`: refused while it knows one of `labels`.
        labels: Each with which alone it is refused.
        rules: By which rules it is refused, in order.
    """

    kind: str
    action: str
    target: str
    verdict: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]

    def words(self) -> str:
        """The power as a sentence without its subject."""
        what = f"{ACTIONS[self.action].says} {self.target}"
        rules = ", ".join(self.rules)
        if self.verdict == "refused":
            return f"never {what} ({rules})"
        if self.verdict == "depends":
            return f"{what}, but not while it knows {' or '.join(self.labels)} ({rules})"
        return what


@dataclass(frozen=True, slots=True)
class BoundRow(Report):
    """What a manifest asks for, of what the operator bounds.

    Attributes:
        key: Of the policy's `[bounds]`.
        most: What there may be; bytes or nanoseconds where it is a size or a span.
        where: The bound's file and line, of several the lowest one's.
        at: What asks for it: a key or a section of the manifest.
        asked: How much of it.
        within: Whether that is no more than there may be; else the world is refused here.
    """

    key: str
    most: int
    where: str
    at: str
    asked: int
    within: bool

    def words(self) -> str:
        """The row as a sentence."""
        bound = Bound(self.key, self.most, self.where)
        asks = f"{self.at} asks for {spelled(self.key, self.asked)}"
        says = BOUNDED[self.key].says
        return f"{says}: {bound.words()}; {asks}{'' if self.within else ', too much'}"


@dataclass(frozen=True, slots=True)
class PowersReport(Report):
    """What the agents of a world can ever do.

    Attributes:
        world: Its name.
        powers: Kind by kind.
        learns: For each kind the labels of what it may come to know from its own sources.
        bounds: What the manifest asks for, of what the operator bounds.
    """

    world: str
    powers: tuple[Power, ...]
    learns: dict[str, tuple[str, ...]]
    bounds: tuple[BoundRow, ...]


def powers(manifest: str | Path, policies: Sequence[str | Path] = ()) -> PowersReport:
    """Holds what a manifest grants against this machine's policy and those that are named.

    Servers are judged by a GET of their first page: where a policy looks at methods or paths, its
    own text says more.

    Raises:
        BadManifest, BadPolicy, Misuse: One of them has mistakes.
    """
    world = read_manifest(manifest)
    policy = machine_policy().joined(policy_of(policies, world))
    labels = list(each_label(world, policy))
    found = [
        _power(kind, action, target, policy, labels)
        for kind in world.agents
        for action, target in _granted(world, kind)
    ]
    learns = {kind.name: _learns(world, kind, policy, labels) for kind in world.agents}
    return PowersReport(world.world.name, tuple(found), learns, _bounds(world, policies))


def _bounds(world: Manifest, policies: Sequence[str | Path]) -> tuple[BoundRow, ...]:
    """Bound by bound, what the manifest asks for of it."""
    bounds, asked = bounds_of(policies), list(demands(world))
    return tuple(
        BoundRow(key, bound.most, bound.where, it.at, it.amount, it.amount <= bound.most)
        for key, bound in bounds.items()
        for it in asked
        if it.bound == key
    )


def _granted(world: Manifest, kind: Kind) -> Iterator[tuple[str, str]]:
    """Actions and targets that a manifest gives a kind, in order."""
    for other in world.agents:
        if kind.send_to is None or any(_may_reach(pattern, other) for pattern in kind.send_to):
            yield "send", other.name
            yield "ask", other.name
    for topic in sorted({topic for other in world.agents for topic in other.subscribe}):
        yield "publish", topic
    for mount in world.mounts_of(kind):
        yield "mount.read", mount.name
    for grant in kind.grants:
        if grant.kind in ORIGIN_KINDS:
            yield "http", f"{grant}/"
        for action in _OF_GRANTS.get(grant.kind, ()):
            yield action, grant.target
    yield from _through_tools(world, kind)


def _through_tools(world: Manifest, kind: Kind) -> Iterator[tuple[str, str]]:
    """The tools that it may call, and what those do of their own authority."""
    for name in (*kind.tools, *kind.link):
        yield "tool", name
    for tool in _own(world, kind):
        for folder in sorted(set(tool.mounts) - set(kind.mounts)):
            yield "mount.read", folder
        for grant in tool.grants:
            if grant not in kind.grants:
                yield from ((action, grant.target) for action in _OF_GRANTS.get(grant.kind, ()))


def _own(world: Manifest, kind: Kind) -> list[Tool]:
    """The tools with an authority of their own that agents of a kind can come to call."""
    found = [world.tool(name) for name in reached_by(world, kind)]
    return [it for it in found if it is not None and it.own_authority]


def _may_reach(pattern: str, other: Kind) -> bool:
    return matches(pattern, other.name) or pattern.partition("/")[0] == other.name


def _power(kind: Kind, action: str, target: str, policy: Policy, labels: Sequence[str]) -> Power:
    def rule(known: frozenset[str]) -> str | None:
        context = {"method": "GET"} if action == "http" else {}
        asked = Asked(kind.name, kind.name, "", "", action, target, known, context)
        return policy.refuses(asked)

    plain = rule(frozenset())
    if plain is not None:
        return Power(kind.name, action, target, "refused", (), (plain,))
    with_one = [(label, rule(frozenset({label}))) for label in labels]
    refused = [(label, found) for label, found in with_one if found is not None]
    if not refused:
        return Power(kind.name, action, target, "allowed", (), ())
    rules = tuple(dict.fromkeys(found for _, found in refused))
    return Power(kind.name, action, target, "depends", tuple(it for it, _ in refused), rules)


def _learns(world: Manifest, kind: Kind, policy: Policy, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels of the sources that a kind has itself; what others tell it comes on top."""
    own = [f"agent:{kind.name}", *(f"mount:{name}" for name in kind.mounts)]
    grants = [*kind.grants, *(grant for tool in _own(world, kind) for grant in tool.grants)]
    own += [str(grant).replace("-read:", ":") for grant in grants]
    own += [f"mount:{name}" for tool in _own(world, kind) for name in tool.mounts]
    given: dict[str, list[str]] = {label.name: list(label.sources) for label in world.labels}
    for name, sources in policy.labels.items():
        given[name] = [*given.get(name, ()), *sources]
    return tuple(
        label
        for label in labels
        if any(is_of(source, named) for source in own for named in given.get(label, ()))
    )
