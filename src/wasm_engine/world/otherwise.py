"""A re-execution with something else than what the run holds, to see what follows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from wasm_engine.agents.material import Material, Source
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.hostcall import HostFunction


class Otherwise(NamedTuple):
    """What is other.

    Attributes:
        sources: By the name of a kind what it runs instead: a component, or of a `.py` agent the
            text of its file.
        wrap: What is made of each host function, or None.
        lines: A kind whose component is to be loaded so that backtraces name source lines, or "".
        throughout: By kind what it runs from the beginning to the end, whatever the run holds.
        here: Whether all agents run in this process, whatever the manifest says.
    """

    sources: Mapping[str, bytes] = MappingProxyType({})
    wrap: Callable[[HostFunction], HostFunction] | None = None
    lines: str = ""
    here: bool = False
    throughout: Mapping[str, Source] = MappingProxyType({})

    def material(self, recorded: Material) -> Material:
        """The world's material with the other sources in it.

        Raises:
            Misuse: There is no such kind.
        """
        sources = dict(recorded.sources)
        for kind, data in self.sources.items():
            known = sources.get(kind)
            if known is None:
                names = ", ".join(sorted(sources))
                raise Misuse(f"there is no kind {kind!r} in this run (there are: {names})")
            sources[kind] = _replaced(known, data)
        sources.update(self.throughout)
        return recorded._replace(sources=sources)

    def differs_from(self, recorded: Material) -> bool:
        """Whether a source is given that is not the recorded one."""
        return any(
            sha256(data) != recorded.sources[kind].digests[-1]
            for kind, data in self.sources.items()
            if kind in recorded.sources
        )

    def functions(self, known: Mapping[str, HostFunction]) -> Mapping[str, HostFunction]:
        """The host functions, as they are to be."""
        if self.wrap is None:
            return known
        return {name: self.wrap(function) for name, function in known.items()}


def _replaced(source: Source, data: bytes) -> Source:
    if source.file is None:
        return Source(data, None, (sha256(data),))
    name = source.file[0]
    return Source(source.component, (name, data), (source.digests[0], sha256(data)))


AS_RECORDED = Otherwise()
