"""Kinds of agents in worker processes of their own: how those are begun, and what they are told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.beginning import Begin
from wasm_engine.agents.isolated.guest import Overseer
from wasm_engine.agents.isolated.program import IsolatedProgram
from wasm_engine.agents.isolated.worker import Workers
from wasm_engine.agents.manifest import MIB, Kind
from wasm_engine.agents.material import Material
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadComponent, HostFault, WorkerLost
from wasm_engine.host.cell import Cell, CellLimits
from wasm_engine.host.disk import SealedFile
from wasm_engine.host.memory import HOST_ROOM
from wasm_engine.runtime.component import Component
from wasm_engine.runtime.wasi import Listed
from wasm_engine.world.looking import looked
from wasm_engine.world.review import review

# The packages' own __init__ modules are passed over: they load what only the other side needs.
_SOURCES: Final = str(Path(__file__).parents[2])
_BOOT: Final = """
import json, sys, types
sources, entry, paths = sys.argv[1:]
sys.path[:] = json.loads(paths)
for name in ("wasm_engine", "wasm_engine.world"):
    package = sys.modules[name] = types.ModuleType(name)
    package.__path__ = [sources + "/" + name.replace(".", "/")]
__import__(entry)
sys.modules[entry].main()
"""
_PYTHON: Final = (sys.executable, "-I", "-S", "-B", "-c")
_ROOM: Final = 1024 * MIB
_GUESTS: Final = 16
"""Guests of a worker that may fill their memory at a time."""
_FILES: Final = 64
_PATIENCE: Final = 120
_READY: Final = 1 * MIB
OVERSEER: Final = Overseer(review, looked)


class Policy(Struct):
    """What tests change.

    Attributes:
        everywhere: Whether every kind is isolated, whatever its manifest says.
        entry: The module whose `main` a worker process runs.
    """

    everywhere: bool = False
    entry: str = "wasm_engine.world.worker"


POLICY = Policy()


def _quiet(_text: str) -> None:
    """Says nothing."""


_said: set[str] = set()


def is_isolated(kind: Kind) -> bool:
    """Whether agents of the kind run in processes of their own."""
    alone = not (kind.tools or kind.link)  # tools run in this process, and so do who calls them
    return kind.isolation == "process" or (POLICY.everywhere and alone)


class Isolation:
    """The worker processes of one run.

    Args:
        most: Of each kind at most.
        note: Told, once, what this machine cannot do to keep a worker in.
    """

    def __init__(self, most: int, note: Callable[[str], None] = _quiet) -> None:
        self._most = max(most, 1)
        self.note = note
        self._all: list[Workers] = []
        self._code: dict[bytes, SealedFile] = {}

    def program(
        self, kind: Kind, component: Component, material: Material, *rest: Any
    ) -> IsolatedProgram | None:
        """A kind's program in processes of its own; None where it is to run here.

        Args:
            kind: The kind.
            component: What it runs.
            material: What the world is made of.
            rest: The other arguments of `Program`.

        Raises:
            BadComponent: It cannot run so.
        """
        if not is_isolated(kind):
            return None
        _require_alone(kind, material)
        mounts = {m.name: list(material.mounts[m.name]) for m in material.manifest.mounts_of(kind)}
        begin = partial(self._begin, kind, component, material, mounts)
        workers = Workers(begin, self._most, kind.memory)
        self._all.append(workers)
        return IsolatedProgram(
            kind, component, *rest, workers=workers, mounts=mounts, overseer=OVERSEER
        )

    def close(self) -> None:
        """Ends all of them."""
        for workers in self._all:
            workers.close()
        self._all.clear()
        for file in self._code.values():
            file.close()
        self._code.clear()

    def _begin(
        self,
        kind: Kind,
        component: Component,
        material: Material,
        mounts: Mapping[str, Sequence[Listed]],
    ) -> Cell:
        """Begins a process.

        Raises:
            HostFault: It did not begin.
        """
        code = self._code.get(component.digest)
        if code is None:
            code = self._code[component.digest] = component.packed()
        cell = Cell(
            [*_PYTHON, _BOOT, _SOURCES, POLICY.entry, json.dumps(sys.path)],
            CellLimits(_ROOM + _GUESTS * (kind.memory + HOST_ROOM), _FILES, _PATIENCE),
            {"MALLOC_ARENA_MAX": "2"},
            [code.fd],
        )
        try:
            cell.send(canonical.encode(_told(kind, component, material, mounts, code.fd)))
            answer = protocol.decode(cell.receive(_READY))
        except (WorkerLost, protocol.Lie) as lost:
            cell.kill()
            message = f"a worker process for {kind.name} did not begin: {lost}"
            raise HostFault(message) from None
        if not isinstance(answer, protocol.Ready):
            cell.kill()
            why = answer.why if isinstance(answer, protocol.Broken) else "it said something else"
            message = f"a worker process for {kind.name} did not begin: {why}"
            raise HostFault(message)
        for missing in answer.missing:
            if missing not in _said:
                _said.add(missing)
                self.note(f"worker processes are less shut in than they could be: {missing}")
        return cell


def _require_alone(kind: Kind, material: Material) -> None:
    """Refuses what a process of its own could not see."""
    writable = [it.name for it in material.manifest.mounts_of(kind) if it.writable]
    if writable:
        raise BadComponent(
            f'{kind.name}: with isolation = "process" it cannot see the mount {writable[0]}: what '
            "it writes there is not in that process",
            hint='isolation = "thread"',
        )


def _told(
    kind: Kind,
    component: Component,
    material: Material,
    mounts: Mapping[str, Sequence[Listed]],
    code: int,
) -> Begin:
    source, manifest = material.sources[kind.name], material.manifest
    file = None if source.file is None else (*source.file, source.digests[1])
    listings = [
        (m.name, m.at, [(e.path, e.kind, e.size, e.digest, e.target) for e in mounts[m.name]])
        for m in manifest.mounts_of(kind)
    ]
    keeping = component.keeping.noted()
    choices = {name: dict(it) for name, it in material.choices.items()}
    return Begin(
        kind,
        code,
        component.digest,
        component.size,
        keeping,
        manifest.world.epoch,
        file,
        listings,
        choices,
    )
