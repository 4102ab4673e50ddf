"""Worlds as their manifests begin them: nothing has happened yet, and all agents are there."""

from __future__ import annotations

from collections.abc import Mapping

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.material import Material
from wasm_engine.agents.program import Program
from wasm_engine.orchestrator.budgets import Budgets
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.world_state import WorldState
from wasm_engine.world.services import services_of


def world_of(material: Material, programs: Mapping[str, Program]) -> WorldState:
    """A world at its beginning."""
    manifest, settings = material.manifest, material.manifest.world
    world = WorldState(
        settings.name,
        settings.seed,
        settings.epoch,
        mailbox_bound=settings.mailbox,
        queue_limit=manifest.limits.queue,
        labels={label.name: label.sources for label in manifest.labels},
        budgets=_budgets_of(manifest),
    )
    world.services.update(services_of(manifest, material.mounts, material.models))
    homes = {address: kind for kind in manifest.agents for address in kind.addresses()}
    for address in sorted(homes):
        kind = homes[address]
        world.add(address, programs[kind.name], kind.config)
    return world


def _budgets_of(manifest: Manifest) -> Budgets | None:
    """What its agents may spend; None where nothing says."""
    if not manifest.budgets:
        return None
    limits, epoch = manifest.limits, manifest.world.epoch
    return Budgets(manifest.budgets, epoch=epoch, step_fuel=limits.step_fuel)


class Unrecorded:
    """Until the execution takes over, nothing can be recorded."""

    def step(self, number: int, record: StepRecord) -> None:
        """Never called."""
        raise AssertionError(number, record)
