"""The composition root: the only module that knows everything. It makes worlds and opens runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from wasm_engine import capabilities as _capabilities  # noqa: F401 - the package's place in the map
from wasm_engine.agents import contract, stored_manifest
from wasm_engine.agents.manifest import Kind, Manifest
from wasm_engine.agents.material import Entry, Listed, Material, Source, gather
from wasm_engine.agents.program import Program
from wasm_engine.agents.read_manifest import from_mapping, read_manifest
from wasm_engine.capabilities import agents, context, log, messaging, state, tools
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.errors import BadRunFile, HostFault
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.host import places
from wasm_engine.host.clock import MachineClock
from wasm_engine.host.mounts import read_file, read_folder
from wasm_engine.host.origins import origin_of, remember_origin
from wasm_engine.host.workers import Workers
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Header
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.execution import Execution
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.scheduler import DEFAULT_LIVE, Scheduler
from wasm_engine.orchestrator.world_state import WorldState
from wasm_engine.runtime import wasi
from wasm_engine.runtime.component import Compiler, Component, Engine
from wasm_engine.runtime.fingerprint import fingerprint
from wasm_engine.runtime.wasi import Preopen, Quota, Tree, WasiState

Note = Callable[[str], None]
"""Told what takes a while."""

AGENT_FOLDER = "/agent"
"""Where an interpreter finds the agent's own file."""


def _quiet(text: str) -> None:
    """Says nothing."""


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The process's one engine."""
    return Engine()


@lru_cache(maxsize=1)
def compiler() -> Compiler:
    """The process's one compiler, with its private cache."""
    folder = places.cache_folder() / "compiled"
    return Compiler(engine(), folder, key_file=places.data_folder() / "cache.key")


@lru_cache(maxsize=1)
def host_functions() -> Mapping[str, HostFunction]:
    """Every host function there is, by name."""
    modules = (agents, context, log, messaging, state, tools)
    found = {function.name: function for module in modules for function in module.FUNCTIONS}
    return {**found, **wasi.functions()}


def load_components(wasms: Sequence[tuple[str, bytes]], note: Note = _quiet) -> list[Component]:
    """Loads components through the process's compiler; names are for messages.

    Raises:
        BadComponent: One is no component, or costs too much to compile.
    """
    return compiler().load_many(wasms, lambda name: note(f"compiling {name}"))


def python_interpreter(pin: str | None, note: Note) -> bytes:
    """The component that runs `.py` agents; built on first use."""
    # Imported when it is needed: worlds without Python agents should not pay for it.
    from wasm_engine.toolchain.interpreter import python_interpreter as provide  # noqa: PLC0415

    return provide(pin, note)


class World:
    """A world that can be run: its manifest, and all that it is made of, read and checked.

    Attributes:
        manifest: What it is.

    Example:
        >>> from wasm_engine import World
        >>> world = World.from_mapping({"agents": {"echo": {"source": "echo.wasm"}}}, folder=here)
        >>> world.manifest.addresses()
        ['echo']
    """

    def __init__(self, manifest: Manifest, *, note: Note = _quiet) -> None:
        self.manifest = manifest
        material = gather(
            manifest, lambda: python_interpreter(manifest.world.interpreter, note), read_folder
        )
        self._material = material
        self._components = _components(material, note)
        # Linking is what finds a component that is no agent: before anything is written.
        _programs(material, self._components)

    @classmethod
    def load(cls, path: str | Path, *, seed: int | None = None, note: Note = _quiet) -> Self:
        """Reads a world from its manifest.

        Raises:
            BadManifest: It has mistakes; all of them are named.
            BadComponent: A component is none, or does not fit.
        """
        manifest = read_manifest(path)
        return cls(manifest if seed is None else manifest.with_seed(seed), note=note)

    @classmethod
    def from_mapping(
        cls, data: Mapping[str, Any], folder: str | Path = ".", *, note: Note = _quiet
    ) -> Self:
        """A world from the same tables as a manifest, as Python values."""
        return cls(from_mapping(data, folder), note=note)

    def begin(
        self, run_file: str | Path | None = None, *, workers: int = 1, max_live: int = DEFAULT_LIVE
    ) -> Run:
        """Begins a run of it; nothing has run yet but the initial messages are in.

        Args:
            run_file: Where the run is kept; there must be nothing yet. None: in memory.
            workers: Threads that run the agents of a step; the history is the same for any number.
            max_live: Suspended guests that are kept alive.

        Raises:
            BadRunFile: There is something at the path already.
        """
        material, manifest = self._material, self.manifest
        contents = {d: c for s in material.sources.values() for d, c in s.contents}
        header = Header(
            entries.VERSION,
            manifest.world.name,
            manifest.world.seed,
            stored_manifest.canonical(manifest),
            fingerprint(contract.DIGEST),
            sorted(contents),
        )
        path = None if run_file is None else Path(run_file)
        file = RunFile.create(path, header, sorted(contents.items()))
        try:
            for control in _controls(material):
                kind, body = entries.encode(control)
                file.append(kind, body, durable=False)
            run = Run(file, material, self._components, workers=workers, max_live=max_live)
            for message in manifest.messages:
                run.execution.receive(
                    message.to, message.topic, message.body, list(message.headers)
                )
            file.flush()
            if path is not None:
                remember_origin(
                    file.run_id,
                    {m.name: str(manifest.host_path(m.path)) for m in manifest.mounts},
                )
        except BaseException:
            file.close()
            raise
        return run


class Run:
    """One run: a world, its journal, and where it stands.

    Attributes:
        file: The journal.
        execution: Runs and re-executes.
    """

    def __init__(
        self,
        file: RunFile,
        material: Material,
        components: Mapping[str, Component],
        *,
        workers: int = 1,
        max_live: int = DEFAULT_LIVE,
    ) -> None:
        self.file = file
        self.manifest = manifest = material.manifest
        self._contents = _Contents(file)
        watched: dict[str, Sequence[Listed]] = {
            name: self._contents.watch(it) for name, it in material.mounts.items()
        }
        programs = _programs(material._replace(mounts=watched), components)
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
        note: Note = _quiet,
        max_live: int = DEFAULT_LIVE,
    ) -> Self:
        """Opens a run: everything that it holds is verified; nothing is executed yet.

        Args:
            run_file: The file.
            write: Whether to go on with it.
            workers: Threads that run the agents of a step.
            note: Told what takes a while.
            max_live: Suspended guests that are kept alive.

        Raises:
            BadRunFile: It is none, or damaged, or in use.
        """
        file = RunFile.open(Path(run_file), write=write, verify=True)
        try:
            material = recorded(file)
            components = _components(material, note)
            return cls(file, material, components, workers=workers, max_live=max_live)
        except BaseException:
            file.close()
            raise

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


class _Contents:
    """Mounted files as they are read for the first time: kept, to be named in the journal."""

    def __init__(self, file: RunFile) -> None:
        self._file = file
        self._read: dict[bytes, bytes] = {}
        self._named = set(file.contents())

    def watch(self, listing: Sequence[Listed]) -> list[Listed]:
        """The same listing; what is read from it is remembered."""
        return [Entry(e.path, e.kind, e.size, e.digest, e.target, self._reader(e)) for e in listing]

    def _reader(self, entry: Listed) -> Callable[[], bytes]:
        def read() -> bytes:
            data = entry.read()
            if entry.digest not in self._named:
                self._read[entry.digest] = data
            return data

        return read

    def take_fresh(self) -> list[bytes]:
        """Digests of what was read since the last call, in order; put into the run file."""
        if not self._read:
            return []
        fresh = sorted(self._read)
        for digest in fresh:
            self._file.put_content(digest, self._read[digest])
        self._named.update(fresh)
        self._read.clear()
        return fresh


def _components(material: Material, note: Note) -> dict[str, Component]:
    names = list(material.sources)
    wasms = [(material.manifest.kind(n), material.sources[n]) for n in names]
    labelled = [
        (kind.source if kind and not source.file else "the Python interpreter", source.component)
        for kind, source in wasms
    ]
    return dict(zip(names, load_components(labelled, note), strict=True))


def _programs(material: Material, components: Mapping[str, Component]) -> dict[str, Program]:
    manifest = material.manifest
    epoch = manifest.world.epoch
    folders = {name: wasi.mounted(it, time=epoch) for name, it in material.mounts.items()}
    return {
        kind.name: Program(
            kind,
            components[kind.name],
            host_functions(),
            _wasi_of(kind, manifest, material.sources[kind.name], folders, epoch),
            epoch,
        )
        for kind in manifest.agents
    }


def _wasi_of(
    kind: Kind, manifest: Manifest, source: Source, folders: Mapping[str, Any], epoch: int
) -> Callable[[], WasiState]:
    """What makes the WASI state of a new instance of a kind."""
    mounts = [(mount.at, folders[mount.name]) for mount in manifest.mounts_of(kind)]
    if source.file is not None:
        name, data = source.file
        file = Entry(name, "file", len(data), source.contents[1][0], "", lambda: data)
        mounts.append((AGENT_FOLDER, wasi.mounted([file], time=epoch)))

    def tree() -> Tree:
        made = Tree(Quota(bytes=kind.disk), time=epoch)
        for at, folder in mounts:
            made.mount(at, folder)
        return made

    return lambda: WasiState(args=(kind.name,), tree=tree, preopens=(Preopen(),))


def _controls(material: Material) -> Iterator[Control]:
    """The entries after the header: what each kind runs, and what each mount holds."""
    kinds = []
    for name, source in sorted(material.sources.items()):
        digests = [digest for digest, _ in source.contents]
        file = source.file[0] if source.file is not None else None
        kinds.append([name, file, *digests])
    yield Control("kinds", kinds)
    for name, listing in sorted(material.mounts.items()):
        rows = [[e.path, e.kind, e.size, e.digest, e.target] for e in listing]
        yield Control("mount", [name, rows])


def recorded(file: RunFile) -> Material:
    """A world's material as its run file holds it.

    Raises:
        BadRunFile: The run does not say what its world is made of.
    """
    manifest = stored_manifest.from_canonical(file.header.manifest)
    sources: dict[str, Source] = {}
    mounts: dict[str, Sequence[Listed]] = {}
    origins = origin_of(file.run_id)
    try:
        for entry in file.entries(2):
            body = entries.decode(entry.kind, entry.body)
            if not isinstance(body, Control):
                break
            if body.op == "kinds":
                sources = {row[0]: _recorded_source(file, row) for row in body.args}
            elif body.op == "mount":
                name, rows = body.args
                mounts[name] = [_recorded_entry(file, row, origins.get(name)) for row in rows]
    except (ValueError, TypeError, IndexError) as error:
        message = f"the run does not say what its world is made of ({type(error).__name__})"
        raise BadRunFile(message) from None
    missing = [kind.name for kind in manifest.agents if kind.name not in sources]
    if missing:
        message = f"the run does not say what {missing[0]!r} runs"
        raise BadRunFile(message)
    return Material(manifest, sources, mounts)


def _recorded_source(file: RunFile, row: list[Any]) -> Source:
    _, name, component, *own = row
    if name is None:
        return Source(file.content(component), None)
    return Source(file.content(component), (name, file.content(own[0])))


def _recorded_entry(file: RunFile, row: list[Any], folder: str | None) -> Entry:
    """A mounted file: as the run holds it, or from the folder it came from, on this machine."""
    path, kind, size, digest, target = row
    if digest in file.contents():
        data = file.content(digest)  # now: a database belongs to the thread that opened it
        return Entry(path, kind, size, digest, target, lambda: data)

    def read() -> bytes:
        if folder is None:
            message = f"{path} is mounted, but the run does not hold it: it was never read"
            hint = "it can be read only where the run began, from the folder that was mounted"
            raise HostFault(message, code="mount-missing", hint=hint)
        return read_file(Path(folder), path, size, digest)

    return Entry(path, kind, size, digest, target, read)
