"""A run: a world, its journal, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias

from wasm_engine.agents import contract
from wasm_engine.agents.material import Material
from wasm_engine.agents.stored_material import recorded
from wasm_engine.capabilities.swap import KEEP_OLD
from wasm_engine.concepts import canonical
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.clock import MachineClock
from wasm_engine.host.origins import origin_of
from wasm_engine.host.workers import Workers
from wasm_engine.journal import entries
from wasm_engine.journal.checkpoints import CheckpointRow
from wasm_engine.journal.entries import Control, Kind
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.checkpoints import Checkpoints
from wasm_engine.orchestrator.execution import Execution
from wasm_engine.orchestrator.looking import memories
from wasm_engine.orchestrator.past import Capture
from wasm_engine.orchestrator.scheduler import DEFAULT_LIVE, Scheduler
from wasm_engine.orchestrator.script import Script
from wasm_engine.orchestrator.snapshot import NotNow, decode
from wasm_engine.orchestrator.snapshot import encode as snapshot_of
from wasm_engine.orchestrator.swapping import Swapped
from wasm_engine.policy.policy import Policy
from wasm_engine.runtime.component import Component
from wasm_engine.runtime.fingerprint import fingerprint
from wasm_engine.runtime.looking import has_lines
from wasm_engine.runtime.wasi import Listed
from wasm_engine.world.assembly import (
    TOOLS,
    Note,
    components_of,
    host_functions,
    load_with_lines,
    quiet,
)
from wasm_engine.world.beginning import Unrecorded, world_of
from wasm_engine.world.contents import FreshContents
from wasm_engine.world.databases import made_otherwise
from wasm_engine.world.editing import edit
from wasm_engine.world.isolation import Isolation
from wasm_engine.world.kinds import Kinds
from wasm_engine.world.marks import Mark, Told, around, ends_step, told_in
from wasm_engine.world.models import WorldModels
from wasm_engine.world.otherwise import AS_RECORDED, Otherwise
from wasm_engine.world.swapping import swap_again, swap_in
from wasm_engine.world.traffic import exchange_of, outside_models

LATEST: Final = 2**63 - 1
"""As a step: the last one there is."""

_MadeOf: TypeAlias = tuple[Material, Mapping[str, Component], Otherwise]


class Run:
    """One run: a world, its journal, and where it stands.

    Attributes:
        file: The journal.
        execution: Runs and re-executes.
        engine: Fingerprint of the engine that is in force where the run stands.
        same_material: Whether its components are those that it holds.
        isolation: The worker processes of its agents.
        models: What answers for its language models, where it is live.
        local_models: Those that compute on this machine.
        other_databases: How what executes SQL here differs from what did when the run began; empty
            where it does not.
    """

    def __init__(
        self,
        file: RunFile,
        material: Material,
        components: Mapping[str, Component],
        *,
        workers: int = 1,
        max_live: int = DEFAULT_LIVE,
        live: bool = True,
        kept: bool = True,
        otherwise: Otherwise = AS_RECORDED,
    ) -> None:
        self.file = file
        self.other_databases = made_otherwise(file, material.manifest)
        if live and self.other_databases:
            raise Misuse(
                f"this run cannot go on here: {self.other_databases}",
                code="other-sqlite",
                hint="resume it with what it was made with; `replay` works here, too",
            )
        self.same_material = True
        self._made_of: _MadeOf = (material, components, otherwise)
        self.isolation = Isolation(workers)
        # What looks into guests, or changes what they are told, has to have them here.
        isolated = not (otherwise.wrap or otherwise.lines or otherwise.here)
        isolate = self.isolation.program if isolated else None
        self.manifest = manifest = material.manifest
        settings = manifest.world
        self.engine: list[Any] = file.header.fingerprint
        self._contents = FreshContents(file)
        watched: dict[str, Sequence[Listed]] = {
            name: self._contents.watch(it) for name, it in material.mounts.items()
        }
        if live:
            self._contents.take_in(watched.get(m.name, ()) for m in manifest.mounts if m.writable)
        self._material = material = material._replace(mounts=watched)
        functions = otherwise.functions(host_functions())
        self.kinds = Kinds(
            file, material, components, functions, isolate, pinned=otherwise.throughout
        )
        self._workers = Workers(workers)
        scheduler = Scheduler(
            world_of(material, self.kinds.programs),
            self.kinds.programs,
            step_fuel=manifest.limits.step_fuel,
            recorder=Unrecorded(),
            workers=self._workers,
            max_live=max_live,
        )
        scheduler.world.remembers = kept
        scheduler.swaps.choices, scheduler.swaps.pinned = self.kinds.choices, self.kinds.pinned
        self.models = outside_models(file, material) if live else None
        self.local_models = WorldModels(manifest, material.models, lambda: origin_of(file.run_id))
        self.execution = Execution(
            scheduler,
            file,
            exchange=exchange_of(
                scheduler.world, file, material, self.models, self.local_models, live=live
            ),
            checkpoints=Checkpoints(scheduler, file, self._around, wanted=live and kept),
            clock=MachineClock() if settings.clock == "recorded" else None,
            fresh_contents=self._contents.take_fresh,
            lockstep=settings.effects == "lockstep",
        )
        self.execution.again.change = self._change
        self._run_on(self.engine)

    @classmethod
    def open(
        cls,
        run_file: str | Path,
        *,
        write: bool = False,
        at: int | None = None,
        workers: int = 1,
        note: Note = quiet,
        max_live: int = DEFAULT_LIVE,
        otherwise: Otherwise = AS_RECORDED,
    ) -> Self:
        """Opens a run, verified; nothing is executed yet.

        Args:
            run_file: The file.
            write: Whether to go on with it.
            at: Stand at the newest checkpoint that is not after this step (`LATEST`: the newest of
                all), and verify what follows it. None: stand at the beginning, and verify
                everything.
            workers: Threads that run the agents of a step.
            note: Told what takes a while.
            max_live: Suspended guests that are kept alive.
            otherwise: What is other than the run holds it; only to look, not to go on.

        Raises:
            BadRunFile: It is none, or damaged, or in use.
            Misuse: `otherwise` names a kind that there is not.
        """
        verify: Literal["all", "tail"] = "all" if at is None else "tail"
        file = RunFile.open(Path(run_file), write=write, verify=verify)
        try:
            folders = origin_of(file.run_id) if write else {}
            stored = recorded(file, folders)
            material = otherwise.material(stored)
            components = components_of(material, note)
            if kind := otherwise.lines:
                wasm = material.sources[kind].component
                components = {**components, kind: load_with_lines(kind, wasm)}
            run = cls(
                file,
                material,
                components,
                workers=workers,
                max_live=max_live,
                live=write,
                otherwise=otherwise,
            )
            run.isolation.note = note
            run.same_material = not otherwise.differs_from(stored)
            if run.other_databases:
                note(run.other_databases)
            if at is None and file.anchor:
                at = file.checkpoints()[0].step  # a compacted run begins there
            if at is not None:
                run._stand_at(at)
                run._verify_from_there()
        except BaseException:
            file.close()
            raise
        return run

    def _run_on(self, engine: list[Any]) -> None:
        """From here on this engine is in force."""
        self.engine = engine
        self.execution.again.exact = self.same_engine

    def _stand_at(self, step: int) -> None:
        """Puts the world to the newest checkpoint that is not after a step, if there is one."""
        rows = sorted((r for r in self.file.checkpoints() if r.step <= step), key=_place)
        for row in reversed(rows):
            if row.step == step and not ends_step(self.file, row):
                continue
            told = told_in(self.file.checkpoint(row))
            if told.script is not None and row is rows[-1]:
                self.execution.exchange.script = Script.from_plain(told.script, row.n)
            if self.stand_in(told, row.n):
                return

    def stand_in(self, told: Told, position: int) -> bool:
        """Puts the world to what a checkpoint of the file tells; whether that can be done here."""
        return self._restore(told, self.file.content, position)

    def _restore(self, told: Told, content: Callable[[bytes], bytes], position: int) -> bool:
        """Puts the world to what a checkpoint tells; False where that cannot be done here."""
        if told.world is None:  # it could not be told then
            return False
        self._run_on(told.engine)
        if told.tools or self.kinds.retooled:
            self.kinds.retool(told.retooled)
        for made_of in told.swapped:
            self.kinds.programs[made_of[0]] = self.kinds.program(made_of)
        scheduler = self.execution.scheduler
        try:
            decode(told.world, scheduler, self.kinds.program, content)
        except NotNow:  # what it holds of memory does not fit here
            self._run_on(self.file.header.fingerprint)
            self.kinds.begin_anew()
            scheduler.swaps.clear()
            return False
        self.execution.again.position = position
        return True

    def mark(self) -> Mark | None:
        """The run as it stands, to be put there again; None where it cannot be told now."""
        parts: dict[bytes, bytes] = {}

        def keep(capture: Capture) -> bytes:
            parts[capture.digest] = capture.data()
            return capture.digest

        scheduler = self.execution.scheduler
        try:
            world = canonical.Raw(snapshot_of(scheduler, keep))
        except NotNow:
            return None
        told = canonical.encode([self._around(), world])
        return Mark(scheduler.world.step, self.execution.again.position, told, parts)

    def rewound(self, step: int, mark: Mark | None = None) -> Self:
        """The run where it stood before; this one is over, and its file is the other's.

        Args:
            step: As `at` of `open`.
            mark: Stand there, if it can be done.
        """
        self._end()
        try:
            again = self._once_more(self._made_of, self.file, self._workers.count, step, mark)
        except BaseException:
            self.file.close()
            raise
        again.same_material = self.same_material
        return again

    @classmethod
    def _once_more(
        cls, made_of: _MadeOf, file: RunFile, workers: int, step: int, mark: Mark | None
    ) -> Self:
        material, components, otherwise = made_of
        run = cls(file, material, components, workers=workers, live=False, otherwise=otherwise)
        if mark is not None and run._restore(
            told_in(mark.told), mark.parts.__getitem__, mark.position
        ):
            return run
        run._stand_at(step)
        run._verify_from_there()
        return run

    @contextmanager
    def beside(self, otherwise: Otherwise, components: Mapping[str, Component]) -> Iterator[Run]:
        """The same run at its beginning, with something else; to look, and not to go on.

        Args:
            otherwise: What is other.
            components: What that is of what kinds run, compiled.
        """
        material, compiled, _ = self._made_of
        run = Run(
            self.file,
            otherwise.material(material),
            {**compiled, **components},
            live=False,
            kept=False,
            otherwise=otherwise,
        )
        try:
            yield run
        finally:
            run._end()

    def _verify_from_there(self) -> None:
        """Verifies what follows; of what follows the newest checkpoint that is done already."""
        position, rows = self.execution.again.position, self.file.checkpoints()
        if self.file.anchor and position < self.file.anchor:
            raise Misuse(
                "the run was compacted, and begins with a checkpoint that does not fit here",
                hint="go on with it where it was compacted, or use the file that it was made of",
            )
        if rows and position < rows[-1].n:
            self.file.verify(tail=True, after=position)

    def _around(self) -> list[Any]:
        """What a checkpoint holds besides the world: engine, other components, what is to come."""
        script, kinds = self.execution.exchange.script, self.kinds
        to_come = None if script is None else script.plain()
        return around(self.engine, kinds.replaced, to_come, kinds.retooled)

    def change(self, control: Control) -> None:
        """Changes the run, durably: an entry of its own in the journal.

        Args:
            control: `take-over`; `policy`, with the policy and who signed what kinds run; `engine`,
                with the fingerprints before and after; or `edit`, with `seed` and a number, `state`
                and agent, key and text, or `component` and kind, file name, and digests of the
                component and of the agent's own file or None, or `tool` and tool, file name, and
                digest, or `model` and its name, and what is known of it. A swap is `swap.swap`'s to
                make.

        Raises:
            Misuse: The world, as it stands, cannot be changed so.
        """
        self._change(control)
        kind, body = entries.encode(control)
        self.file.append(kind, body, durable=True)

    def _change(self, control: Control) -> None:
        world = self.execution.scheduler.world
        match [control.op, *control.args]:
            case ["take-over"]:
                world.tenure += 1
            case ["engine", _, now]:
                self._run_on(now)
            case ["policy", plain, signers]:
                policy = Policy.from_plain(plain)
                known = Policy.signers_from_plain(signers)
                world.guarded().enforce(policy, known, world.step)
            case ["edit", *what]:
                edit(self, what)
            case ["swap", str(kind), str(name), bytes(digest), text, int(keep_old), told]:
                swap_again(self, (kind, name, digest, text), keep_old, told)

    @property
    def engine_fingerprint(self) -> str:
        """Digest of the fingerprint of the engine in force, hex."""
        return sha256_hex(encode(self.engine))

    @property
    def engine_name(self) -> str:
        """What to call the engine in force: `wasmtime 49.0.0, semantics 2`."""
        return _called(self.engine)

    @property
    def this_engine(self) -> list[Any]:
        """Fingerprint of the engine that runs here."""
        return fingerprint(contract.DIGEST)

    def other_work(self) -> str:
        """What an engine is called that is not this one, and did steps that are still ahead.

        Empty where there is none: from where the run stands, this engine has done everything.
        """
        now, mine = self.engine, encode(self.this_engine)
        for entry in self.file.entries(self.execution.again.position + 1):
            if entry.kind == Kind.STEP and encode(now) != mine:
                return _called(now)
            if entry.kind == Kind.CONTROL:
                control = entries.decode(entry.kind, entry.body)
                if isinstance(control, Control) and control.op == "engine":
                    now = control.args[-1]
        return ""

    @property
    def same_engine(self) -> bool:
        """Whether the engine in force is this one."""
        return encode(self.engine) == encode(self.this_engine)

    @property
    def exact(self) -> bool:
        """Whether all that was executed again ran on the engine and of what it first ran on."""
        same = self.same_engine and self.execution.again.exact_so_far and self.same_material
        return same and not self.other_databases

    @property
    def other_models(self) -> Collection[str]:
        """Names of its models of tensors and of vectors."""
        return self._material.models

    @property
    def sources(self) -> dict[str, str]:
        """By kind the digest of what it runs as the run stands; of tools, with `TOOLS` before."""
        return self.kinds.sources | {TOOLS + name: it for name, it in self.kinds.tools.items()}

    def swap(
        self, kind: str, file: str | Path, *, keep_old: int = KEEP_OLD, verify: bool = False
    ) -> Swapped:
        """From the next step on agents of a kind run another component; an entry of its own.

        The run stands between two steps, at its end: `Pace.max_steps` and `Until.progress` are
        where that is. The operator's policy is not asked, as it is not by `World`: see `swap`.

        Args:
            kind: The kind.
            file: Its component, or its `.py` file.
            keep_old: As long as this many messages were not handled well by it, it is taken back
                where one fails; 0: never.
            verify: Whether to execute the run's history with it before, and to refuse it where it
                does otherwise than what it replaces.

        Raises:
            Misuse: It cannot be read, does not fit, does otherwise, or cannot take what an agent
                keeps; nothing was changed.
        """
        return swap_in(self, kind, Path(file), keep_old=keep_old, verify=verify)

    def has_lines(self, address: str) -> bool:
        """Whether the component of an agent says where its code comes from."""
        source = self._material.sources.get(address.partition("/")[0])
        return source is not None and has_lines(source.component)

    def memory(self, address: str) -> list[bytes] | None:
        """The linear memories of an agent, as it stands between two steps.

        Args:
            address: The agent's.

        Returns:
            One for each memory; None where the agent has none: it is in the middle of no message,
            and begins each with pristine memory.
        """
        world = self.execution.scheduler.world
        return memories(world.agents[address], world)

    def close(self) -> None:
        """Stores what is left and ends the threads; the run is one single file again."""
        try:
            self.execution.end()
        finally:
            self._end()
            self.file.close()

    def _end(self) -> None:
        self.execution.exchange.close()
        self._workers.close()
        self.local_models.close()
        for agent in self.execution.scheduler.world.agents.values():
            if agent.activation is not None:
                agent.activation.discard()
            if agent.resident is not None:
                agent.resident.close()
        self.isolation.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _called(engine: list[Any]) -> str:
    told = {str(row[0]): row[1] for row in engine}
    return f"wasmtime {told.get('wasmtime')}, semantics {told.get('semantics')}"


def _place(row: CheckpointRow) -> tuple[int, int]:
    return row.step, row.n
