"""A run: a world, its journal, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from wasm_engine.agents import contract
from wasm_engine.agents.material import Material
from wasm_engine.agents.stored_material import recorded
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.host.clock import MachineClock
from wasm_engine.host.origins import origin_of
from wasm_engine.host.workers import Workers
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.execution import Execution
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.scheduler import DEFAULT_LIVE, Scheduler
from wasm_engine.orchestrator.world_state import WorldState
from wasm_engine.runtime.component import Component
from wasm_engine.runtime.fingerprint import fingerprint
from wasm_engine.runtime.wasi import Listed
from wasm_engine.world.assembly import Note, components_of, host_functions, programs_of, quiet
from wasm_engine.world.contents import FreshContents
from wasm_engine.world.otherwise import AS_RECORDED, Otherwise


class Run:
    """One run: a world, its journal, and where it stands.

    Attributes:
        file: The journal.
        execution: Runs and re-executes.
        same_material: Whether its components are those that it holds.
    """

    def __init__(
        self,
        file: RunFile,
        material: Material,
        components: Mapping[str, Component],
        *,
        workers: int = 1,
        max_live: int = DEFAULT_LIVE,
        otherwise: Otherwise = AS_RECORDED,
    ) -> None:
        self.file = file
        self.same_material = True
        self.manifest = manifest = material.manifest
        self._contents = FreshContents(file)
        watched: dict[str, Sequence[Listed]] = {
            name: self._contents.watch(it) for name, it in material.mounts.items()
        }
        functions = otherwise.functions(host_functions())
        programs = programs_of(material._replace(mounts=watched), components, functions)
        self._workers = Workers(workers)
        settings = manifest.world
        world = WorldState(
            settings.name,
            settings.seed,
            settings.epoch,
            mailbox_bound=settings.mailbox,
            queue_limit=manifest.limits.queue,
        )
        homes = {address: kind for kind in manifest.agents for address in kind.addresses()}
        for address in sorted(homes):
            kind = homes[address]
            world.add(address, programs[kind.name], kind.config)
        scheduler = Scheduler(
            world,
            programs,
            step_fuel=manifest.limits.step_fuel,
            recorder=_Unrecorded(),
            workers=self._workers,
            max_live=max_live,
        )
        self.execution = Execution(
            scheduler,
            file,
            clock=MachineClock() if settings.clock == "recorded" else None,
            fresh_contents=self._contents.take_fresh,
        )

    @classmethod
    def open(
        cls,
        run_file: str | Path,
        *,
        write: bool = False,
        workers: int = 1,
        note: Note = quiet,
        max_live: int = DEFAULT_LIVE,
        otherwise: Otherwise = AS_RECORDED,
    ) -> Self:
        """Opens a run: everything that it holds is verified; nothing is executed yet.

        Args:
            run_file: The file.
            write: Whether to go on with it.
            workers: Threads that run the agents of a step.
            note: Told what takes a while.
            max_live: Suspended guests that are kept alive.
            otherwise: What is other than the run holds it; only to look, not to go on.

        Raises:
            BadRunFile: It is none, or damaged, or in use.
            Misuse: `otherwise` names a kind that there is not.
        """
        file = RunFile.open(Path(run_file), write=write, verify="all")
        try:
            folders = origin_of(file.run_id) if write else {}
            stored = recorded(file, folders)
            material = otherwise.material(stored)
            components = components_of(material, note)
            run = cls(
                file,
                material,
                components,
                workers=workers,
                max_live=max_live,
                otherwise=otherwise,
            )
        except BaseException:
            file.close()
            raise
        run.same_material = not otherwise.differs_from(stored)
        return run

    @property
    def engine_fingerprint(self) -> str:
        """Digest of the fingerprint of the engine that began the run, hex."""
        return sha256_hex(encode(self.file.header.fingerprint))

    @property
    def same_engine(self) -> bool:
        """Whether that was this engine."""
        return encode(self.file.header.fingerprint) == encode(fingerprint(contract.DIGEST))

    def close(self) -> None:
        """Stores what is left and ends the threads; the run is one single file again."""
        self._workers.close()
        for agent in self.execution.scheduler.world.agents.values():
            if agent.activation is not None:
                agent.activation.discard()
            if agent.resident is not None:
                agent.resident.close()
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


class _Unrecorded:
    """Until the execution takes over, nothing can be recorded."""

    def step(self, number: int, record: StepRecord) -> None:
        """Never called."""
        raise AssertionError(number, record)
