"""What a manifest asks for, as amounts that an operator may bound; defaults are asked for, too."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wasm_engine.agents.manifest import MAX_AGENTS, Kind, Manifest, Tool
from wasm_engine.agents.manifest_stores import BlobContainer, KeyValueBucket

_OF_KINDS = ("memory", "disk", "fuel", "work", "batch", "retries", "count")
_OF_TOOLS = ("memory", "disk", "fuel", "work")
_OF_ASKERS = ("http-timeout", "http-max-response")


class Demand(Struct, frozen=True):
    """An amount that a manifest asks for.

    Attributes:
        bound: The key of a policy's `[bounds]` that bounds it.
        at: What asks for it: a key of the manifest, such as `agents.worker.memory`, or a section.
        amount: A number, bytes or nanoseconds.
    """

    bound: str
    at: str
    amount: int


def demands(manifest: Manifest) -> Iterator[Demand]:
    """Everything that a manifest asks for and an operator may bound."""
    for kind in manifest.agents:
        yield from _of_kind(kind)
    for tool in manifest.tools:
        for key in _OF_TOOLS:
            yield Demand(key, f"tools.{tool.name}.{key}", getattr(tool, key))
    yield Demand("agents", "agents", most_agents(manifest))
    yield Demand("mailbox", "world.mailbox", manifest.world.mailbox)
    yield Demand("queue", "limits.queue", manifest.limits.queue)
    yield Demand("step-fuel", "limits.step-fuel", manifest.limits.step_fuel)
    yield Demand("storage", "keyvalue, blobstore and sql", _storage(manifest))


def _of_kind(kind: Kind) -> Iterator[Demand]:
    asks = _OF_ASKERS if kind.http.origins else ()
    for key in (*_OF_KINDS, *asks):
        amount = getattr(kind, key.replace("-", "_"))
        yield Demand(key, f"agents.{kind.name}.{key.replace('http-', 'http.')}", amount)


def most_agents(manifest: Manifest) -> int:
    """How many agents there can ever be at a time.

    Of a kind that may be raised there may be as many as a world can have, or as a budget lets
    there be; of any other those that are there from the start.
    """
    raised = {it.target for kind in manifest.agents for it in kind.grants if it.kind == "spawn"}
    shared = [it for it in manifest.budgets if it.agents is not None and it.over != "agent"]
    most = {}
    for kind in manifest.agents:
        budgets = [it.agents for it in shared if it.agents is not None and it.is_about(kind.name)]
        most[kind.name] = min([MAX_AGENTS, *budgets]) if kind.name in raised else kind.count
    totals = [MAX_AGENTS, sum(most.values())]
    for budget in shared:
        if budget.over == "all" and budget.agents is not None:
            others = sum(many for name, many in most.items() if not budget.is_about(name))
            totals.append(budget.agents + others)
    return min(totals)


def _storage(manifest: Manifest) -> int:
    """Bytes that its stores may have, without buckets that lie elsewhere."""
    holders: tuple[Kind | Tool, ...] = (*manifest.agents, *manifest.tools)
    granted = [grant for holder in holders for grant in holder.grants]
    buckets = {it.target: KeyValueBucket(it.target) for it in granted if it.kind == "keyvalue"}
    buckets |= {it.name: it for it in manifest.keyvalue}
    containers = {it.target: BlobContainer(it.target) for it in granted if it.kind == "blobstore"}
    containers |= {it.name: it for it in manifest.blobstore}
    return (
        sum(it.max_bytes for it in buckets.values() if it.redis is None)
        + sum(it.max_bytes for it in containers.values())
        + sum(it.max_size for it in manifest.sql)
    )
