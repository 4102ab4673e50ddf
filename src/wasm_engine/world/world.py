"""A world: its manifest, and all that it is made of, read and checked; runs begin here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeAlias

from wasm_engine.agents import contract, stored_manifest
from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.material import Material, gather
from wasm_engine.agents.read_manifest import from_mapping, read_manifest
from wasm_engine.agents.stored_material import DATABASES, controls
from wasm_engine.agents.tools.toolbox import Edge
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.message import Body
from wasm_engine.concepts.tensors import ModelFacts
from wasm_engine.host.mounts import read_folder
from wasm_engine.host.origins import remember_origin, remember_vouched
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Header
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.scheduler import DEFAULT_LIVE
from wasm_engine.runtime.fingerprint import fingerprint
from wasm_engine.world.assembly import (
    Note,
    alternatives_of,
    components_of,
    edges_of,
    interpreter_for,
    programs_of,
    quiet,
)
from wasm_engine.world.databases import made_with
from wasm_engine.world.isolation import Isolation
from wasm_engine.world.language_models import (
    OutsideModels,
    asked_in_words,
    language_models,
    require_script,
)
from wasm_engine.world.models import PLACE, found_here, models_here
from wasm_engine.world.packed import packed
from wasm_engine.world.run import Run
from wasm_engine.world.services import services_of
from wasm_engine.world.traffic import folders_of

Vouchers: TypeAlias = Mapping[str, Sequence[str]]
"""Who vouches for what a world is made of: names, by the digests (hexadecimal) of what it runs."""
Vet: TypeAlias = Callable[[Material], Vouchers]
"""Shown what a world is made of before anything of it is compiled; raises what it refuses."""


def anything(_material: Material) -> Vouchers:
    """Refuses nothing, and asks nobody."""
    return {}


def gather_material(manifest: Manifest, *, note: Note = quiet) -> Material:
    """Reads what a world is made of from this machine.

    Raises:
        Misuse: Something cannot be read.
    """
    return gather(manifest, interpreter_for(manifest, note), read_folder)


class World:
    """A world that can be run: its manifest, and all that it is made of, read and checked.

    Args:
        manifest: Its manifest.
        note: Told what takes a while.
        vet: Shown what it is made of, before anything of that is compiled.
        scripts: Answers in place of its language models, by their names: TOML.

    Attributes:
        manifest: What it is.
        vouchers: What `vet` answered; remembered of its runs, so that they go on.

    Example:
        >>> from wasm_engine import World
        >>> world = World.from_mapping({"agents": {"echo": {"source": "echo.wasm"}}}, folder=here)
        >>> world.manifest.addresses()
        ['echo']
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        note: Note = quiet,
        vet: Vet = anything,
        scripts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.manifest = manifest
        self._note = note
        material = gather_material(manifest, note=note)
        found = found_here(manifest)
        material = material._replace(digests={name: it.digest for name, it in found.items()})
        self.vouchers = vet(material)
        self._models = models_here(manifest, found, note)
        facts = {name: ready.facts for name, (ready, _) in self._models.items()}
        self._material = material = material._replace(models=facts)
        self._components = components_of(material, note)
        # Linking is what finds a component that is no agent: before anything is written.
        programs_of(material, self._components)
        alternatives_of(material, self._components)
        services_of(manifest, material.mounts, facts)
        self._check_scripts(scripts)

    def _check_scripts(self, given: Mapping[str, str]) -> None:
        """Holds scripts against what they stand for; those that were given are its own from here.

        Raises:
            Misuse: One is none, or stands in the place of no language model.
        """
        material = self._material
        known = [it.name for it in asked_in_words(self.manifest, material.models)]
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise Misuse(f"there is no language model {name!r} (there are: {listed})")
        scripts = {**material.scripts, **{name: text.encode() for name, text in given.items()}}
        for name, data in scripts.items():
            require_script(data, name)
        self._material = material._replace(scripts=scripts)

    def try_out(self) -> None:
        """Initialises each kind of agent once, in the sandbox, and drops it; alternatives, too.

        Raises:
            BadComponent: One fails as it begins; its own words say why.
        """
        isolation = Isolation(1, self._note)
        try:
            made_of = (self._material, self._components, None, isolation.program)
            programs = [*programs_of(*made_of).values(), *alternatives_of(*made_of).values()]
            for program in programs:
                program.try_out()
        finally:
            isolation.close()

    def require_models(self) -> None:
        """Lets it pass if all of its language models can be asked on this machine.

        Raises:
            Refused: The operator named no such server, or a secret of it is not there.
            Misuse: A package, or a folder, is missing.
        """
        material, manifest = self._material, self.manifest
        models = asked_in_words(manifest, material.models)
        known = language_models(manifest, material.models)
        if known is not None:
            folders = folders_of(manifest, models)
            OutsideModels(
                models, manifest.world.name, material.scripts, lambda _digest: b"", folders
            ).require(known)

    @property
    def models(self) -> list[ModelFacts]:
        """What is known of the models that it asks on this machine."""
        return list(self._material.models.values())

    def edges(self) -> list[Edge]:
        """Who calls which tools, sorted: agents first."""
        return edges_of(self._material, self._components) if self.manifest.tools else []

    @property
    def choices(self) -> Mapping[str, Mapping[str, str]]:
        """Of kinds with alternatives what they can run: digests (hexadecimal) by name."""
        return self._material.choices

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        seed: int | None = None,
        note: Note = quiet,
        scripts: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Reads a world from its manifest.

        Raises:
            BadManifest: It has mistakes; all of them are named.
            BadComponent: A component is none, or does not fit.
        """
        manifest = read_manifest(path)
        described = manifest if seed is None else manifest.with_seed(seed)
        return cls(described, note=note, scripts=scripts)

    @classmethod
    def from_mapping(
        cls,
        data: Mapping[str, Any],
        folder: str | Path = ".",
        *,
        note: Note = quiet,
        scripts: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """A world from the same tables as a manifest, as Python values."""
        return cls(from_mapping(data, folder), note=note, scripts=scripts)

    def begin(
        self,
        run_file: str | Path | None = None,
        *,
        inputs: Iterable[tuple[str, str, Body]] = (),
        workers: int = 1,
        max_live: int = DEFAULT_LIVE,
    ) -> Run:
        """Begins a run of it; nothing has run yet but the initial messages are in.

        A run is remembered as this machine's once all of that is durable: one that was killed as it
        began is not resumed without those of its messages that were not.

        Args:
            run_file: Where the run is kept; there must be nothing yet. None: in memory.
            inputs: Messages that are there beside the manifest's: address, topic, body.
            workers: Threads that run the agents of a step; the history is the same for any number.
            max_live: Suspended guests that are kept alive.

        Raises:
            BadRunFile: There is something at the path already.
        """
        material, manifest = self._material, self.manifest
        contents = material.contents
        stored = [(d, partial(packed, d, c)) for d, c in sorted(contents.items())]
        header = Header(
            entries.VERSION,
            manifest.world.name,
            manifest.world.seed,
            stored_manifest.canonical(manifest),
            fingerprint(contract.DIGEST),
            sorted(contents),
        )
        path = None if run_file is None else Path(run_file)
        file = RunFile.create(path, header, stored)
        try:
            made = [Control(DATABASES, made_with())] if manifest.sql else []
            for control in (*controls(material), *made):
                kind, body = entries.encode(control)
                file.append(kind, body, durable=False)
            run = Run(
                file,
                material,
                self._components,
                workers=workers,
                max_live=max_live,
                kept=path is not None,
            )
            run.isolation.note = self._note
            run.local_models.keep({name: ready for name, (ready, _) in self._models.items()})
            for message in manifest.messages:
                run.execution.receive(
                    message.to, message.topic, message.body, list(message.headers)
                )
            for to, topic, content in inputs:
                run.execution.receive(to, topic, content, [])
            file.flush()
            if path is not None:
                places = {
                    m.name: str(manifest.host_path(m.path)) for m in manifest.mounts if m.path
                }
                places |= {PLACE + name: place for name, (_, place) in self._models.items()}
                language = asked_in_words(manifest, material.models)
                places |= {PLACE + n: at for n, at in folders_of(manifest, language).items()}
                remember_origin(file.run_id, places)
                if self.vouchers:
                    remember_vouched(file.run_id, self.vouchers)
        except BaseException:
            # Half a beginning is no run that could be resumed, and would be in the next one's way.
            with contextlib.suppress(HostFault):
                file.close()
            if path is not None:
                for beside in ("", "-wal", "-shm"):
                    path.with_name(path.name + beside).unlink(missing_ok=True)
            raise
        return run
