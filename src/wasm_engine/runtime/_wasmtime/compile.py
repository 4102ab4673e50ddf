"""Components from bytes: found in the cache, or compiled in a limited child, then loaded."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from weakref import WeakValueDictionary

from wasm_engine.concepts.canonical import encode
from wasm_engine.concepts.errors import BadComponent, Bug, HostFault
from wasm_engine.host.child import ChildLimits, Outcome, cpu_count, run_limited
from wasm_engine.host.disk import SealedFile
from wasm_engine.runtime._wasmtime import capi, library, profile, refusals
from wasm_engine.runtime._wasmtime.cache import Cache
from wasm_engine.runtime._wasmtime.component import Component
from wasm_engine.runtime._wasmtime.engine import LINES, Engine
from wasm_engine.runtime._wasmtime.keeping import Keeping, read_note

# The packages' own __init__ modules are passed over: the child needs three modules, and fast.
_SOURCES = Path(__file__).parents[3]
_LIBRARY = (library.PATH, library.MACHINE, library.VERSION)
_BOOT = """
import sys, types
sources, path, machine, version, *as_it_is = sys.argv[1:]
for name in ("wasm_engine", "wasm_engine.runtime", "wasm_engine.runtime._wasmtime"):
    package = sys.modules[name] = types.ModuleType(name)
    package.__path__ = [sources + "/" + name.replace(".", "/")]
library = sys.modules[name + ".library"] = package.library = types.ModuleType("library")
library.PATH, library.MACHINE, library.VERSION = path, machine, version
from wasm_engine.runtime._wasmtime.compile_child import main
main(as_it_is=bool(as_it_is))
"""


class CompileLimits(NamedTuple):
    """What compiling one component may take.

    Attributes:
        address_space: Bytes of address space of the child.
        cpu_seconds: CPU time of the child.
        wasm_size: Bytes of a component.
        code_size: Bytes of compiled code.
    """

    address_space: int = 3 << 30
    cpu_seconds: int = 120
    wasm_size: int = 64 << 20
    code_size: int = 256 << 20


class _Job(NamedTuple):
    """A component on its way."""

    name: str
    wasm: bytes
    digest: bytes


class _Code(NamedTuple):
    """Compiled code, and what can be done with instances of it."""

    file: SealedFile
    keeping: Keeping


class Compiler:
    """Makes components of bytes, never in this process."""

    def __init__(
        self,
        engine: Engine,
        cache_dir: Path | None = None,
        limits: CompileLimits | None = None,
        key_file: Path | None = None,
    ) -> None:
        """A compiler for an engine.

        Args:
            engine: What the code is for.
            cache_dir: Where compiled code is kept, or None.
            limits: What compiling one component may take.
            key_file: Where the key is kept that proves a cache entry ours; outside the cache.
        """
        self._engine = engine
        self._limits = limits or CompileLimits()
        fingerprint = hashlib.sha256(encode(profile.fingerprint())).digest()
        self._cache = Cache(cache_dir, key_file, fingerprint) if cache_dir is not None else None
        self._live: WeakValueDictionary[bytes, Component] = WeakValueDictionary()

    def load_many(
        self,
        wasms: Sequence[tuple[str, bytes]],
        progress: Callable[[str], None] | None = None,
    ) -> list[Component]:
        """Loads components, compiling what is not in the cache, in one child.

        One that is in use already is the same object: worlds share its code.

        Args:
            wasms: Names (for messages) and bytes.
            progress: Told the name of each component that is compiled.

        Raises:
            BadComponent: One is not a component, or too costly; it is named.
            HostFault: The machine cannot compile.
        """
        jobs = [_Job(name, wasm, hashlib.sha256(wasm).digest()) for name, wasm in wasms]
        for job in jobs:
            refusals.check_bytes(job.name, job.wasm, self._limits.wasm_size)
        loaded: dict[bytes, Component] = {}
        missing: dict[bytes, _Job] = {}
        for job in jobs:
            if job.digest in loaded or job.digest in missing:
                continue
            component = self._live.get(job.digest) or self._known(job)
            if component is None:
                missing[job.digest] = job
            else:
                loaded[job.digest] = component
        for job, code in self._compiled(list(missing.values()), progress):
            component = self._load(job, code)
            if component is None:
                message = f"{job.name}: what was compiled cannot be loaded"
                raise Bug(message)
            loaded[job.digest] = component
        self._live.update(loaded)
        return [loaded[job.digest] for job in jobs]

    def _known(self, job: _Job) -> Component | None:
        """From the cache; None where it is not there, or of no use."""
        found = self._cache.find(job.digest) if self._cache is not None else None
        return None if found is None else self._load(job, _Code(*found))

    def _load(self, job: _Job, code: _Code) -> Component | None:
        """Loads compiled code; None where the library does not take it."""
        out = ctypes.c_void_p()
        path, where = code.file.path.encode(), ctypes.addressof(out)
        error = capi.component_deserialize_file(self._engine.pointer, path, where)
        code.file.close()
        if error:
            capi.take_error(error)
            return None
        assert out.value is not None
        try:
            return Component(self._engine, out.value, job.digest, len(job.wasm), code.keeping)
        except BadComponent as refused:
            message = f"{job.name}: {refused}"
            raise BadComponent(message) from None

    def _compiled(
        self, jobs: list[_Job], progress: Callable[[str], None] | None
    ) -> list[tuple[_Job, _Code]]:
        done: list[tuple[_Job, _Code]] = []
        while jobs:
            for job in jobs if progress is not None else ():
                progress(job.name)  # type: ignore[misc]
            files = [SealedFile("component") for _ in jobs]
            outcome = self._run(jobs, files)
            finished = self._read(jobs, outcome)
            for job, file, kept in zip(jobs, files, finished, strict=False):
                file.seal()
                if self._cache is not None:
                    self._cache.keep(job.digest, file, kept)
                done.append((job, _Code(file, kept)))
            if not finished:
                raise refusals.killed(jobs[0].name, outcome, self._child_limits())
            # Died at a later one: that one gets a child of its own before it is blamed.
            jobs = jobs[len(finished) :]
        return done

    def _run(self, jobs: list[_Job], files: list[SealedFile]) -> Outcome:
        heads = [f"{file.fd} {len(job.wasm)}\n" for job, file in zip(jobs, files, strict=True)]
        # Lines are found by offsets, which rewriting moves.
        lines = self._engine.lines
        return run_limited(
            [sys.executable, "-I", "-S", "-c", _BOOT, str(_SOURCES), *_LIBRARY]
            + (["as it is"] if lines else []),
            stdin=b"".join(["".join(heads).encode(), b"\n", *[job.wasm for job in jobs]]),
            limits=self._child_limits(),
            environment={
                # Threads and arenas take address space by their number.
                "RAYON_NUM_THREADS": str(min(4, cpu_count())),
                "MALLOC_ARENA_MAX": "4",
                LINES: str(int(lines)),
            },
            descriptors=[file.fd for file in files],
        )

    def _child_limits(self) -> ChildLimits:
        limits = self._limits
        return ChildLimits(limits.address_space, limits.cpu_seconds, limits.code_size)

    def _read(self, jobs: list[_Job], outcome: Outcome) -> list[Keeping]:
        """For each that was compiled what its note says; raises for one that is no component."""
        finished = []
        for line in outcome.output.decode().splitlines():
            kind, _, rest = line.partition(" ")
            number, _, text = rest.partition(" ")
            if kind == "bad":
                raise refusals.invalid(jobs[int(number)].name, text)
            if kind == "done":
                finished.append(read_note(text))
        if outcome.status > 0 and not outcome.output:
            last = outcome.errors.decode(errors="replace").strip().rpartition("\n")[2]
            message = f"the compiling process failed: {last}"
            raise HostFault(message)
        return finished
