"""Whether a world asks for more than this machine's operator lets any world have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wasm_engine.agents.demands import Demand, demands
from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.errors import Refused
from wasm_engine.control.policies import operator_file
from wasm_engine.policy.bounds import Bound, spelled, tightest
from wasm_engine.world import operator_policy


def bounds_of(policies: Sequence[str | Path] = ()) -> dict[str, Bound]:
    """The bounds in force, by their keys: of this machine's policy file and of those named.

    Raises:
        Misuse: One of them cannot be read, or has mistakes.
    """
    found = list(operator_policy().bounds)
    for file in map(Path, policies):
        found += operator_file(file).bounds
    return tightest(found)


def beyond(manifest: Manifest, bounds: Mapping[str, Bound]) -> list[Demand]:
    """What of a manifest's demands is more than is allowed, in order."""
    return [
        demand
        for demand in demands(manifest)
        if demand.bound in bounds and demand.amount > bounds[demand.bound].most
    ]


def require_within(manifest: Manifest, name: object, policies: Sequence[str | Path] = ()) -> None:
    """Lets a world pass that asks for no more than it may have.

    Args:
        manifest: The world's, or a run's.
        name: What to call it.
        policies: Files with bounds beside this machine's; those in Cedar have none.

    Raises:
        Misuse: A policy cannot be read, or has mistakes.
        Refused: It asks for more; each of what is too much is named, with its bound.
    """
    bounds = bounds_of(policies)
    found = [f"  {_told(demand, bounds[demand.bound])}" for demand in beyond(manifest, bounds)]
    if found:
        listed = "\n".join(found)
        raise Refused(
            f"{name}: asks for more than may be had on this machine:\n{listed}",
            code="beyond-bounds",
            hint="what a manifest does not say has its default: say less there, or raise the bound",
        )


def _told(demand: Demand, bound: Bound) -> str:
    asked = spelled(demand.bound, demand.amount)
    return f"{demand.at}: {asked}; {bound.words()}"
