"""What each kind runs, as a run stands: what it began with, or what was put in its place since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from wasm_engine.agents.alternatives import FIRST, key_of, variants_of
from wasm_engine.agents.manifest import Kind
from wasm_engine.agents.material import Material, Source, gather
from wasm_engine.agents.program import MadeOf, Program
from wasm_engine.agents.tool_rules import reached_by
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.host.mounts import read_folder
from wasm_engine.journal.runfile import RunFile
from wasm_engine.runtime.component import Component
from wasm_engine.world.assembly import (
    TOOLS,
    Isolate,
    Note,
    alternatives_of,
    components_of,
    interpreter_for,
    load_components,
    programs_of,
    quiet,
    recipe_of,
)

SPARE = 4
"""Programs that nobody needs and that are kept nevertheless: to load one takes 10 ms."""


class Kinds:
    """The programs of a run.

    Args:
        file: The run.
        material: What it began with.
        components: That, compiled.
        functions: Host functions by name.
        isolate: See `programs_of`.
        pinned: Kinds that run what `material` says from beginning to end, whatever the run holds.

    Attributes:
        programs: By kind, what it runs.
        pinned: As above.
        choices: Of each kind that has alternatives, what agents may let it run, by name.
        retooled: What was put in the place of tools since: names and digests of files, by tool.
    """

    def __init__(
        self,
        file: RunFile,
        material: Material,
        components: Mapping[str, Component],
        functions: Mapping[str, HostFunction],
        isolate: Isolate | None,
        pinned: Collection[str] = (),
    ) -> None:
        self._file = file
        self._material = material
        self._functions = functions
        self._isolate = isolate
        self.pinned = frozenset(pinned)
        self.programs = programs_of(material, components, functions, isolate)
        self._first = dict(self.programs)
        self._others: dict[MadeOf, Program] = {}
        self._components = components
        self._begun = material, components
        self.retooled: dict[str, tuple[str, bytes]] = {}
        # By what the run says that they are made of.
        self._alternatives: list[tuple[MadeOf, Program]] = []
        self.choices = self._choose(set(self.programs))

    def _choose(self, kinds: Collection[str]) -> dict[str, dict[str, Program]]:
        """The programs of alternatives; those that are made of the same are one."""
        material, manifest = self._material, self._material.manifest
        own = [kind for kind in manifest.agents if kind.name in kinds]
        free = tuple(kind for kind in own if kind.name not in self.pinned)
        alone = material._replace(manifest=replace(manifest, agents=free))
        made = alternatives_of(alone, self._components, self._functions, self._isolate)
        choices: dict[str, dict[str, Program]] = {}
        for kind in own:
            if kind.alternatives:
                found = choices[kind.name] = {FIRST: self._first[kind.name]}
                for name, variant in variants_of(kind):
                    key = key_of(kind.name, name)
                    told = recipe_of(variant, material.alternatives[key])
                    found[name] = self._chosen(told, made.get(key))
        return choices

    def _chosen(self, told: MadeOf, made: Program | None) -> Program:
        """An alternative's program, or what is made of the same."""
        if made is None:
            return self._stand_in(told)
        first, known = self._first[told[0]], self._alternative(told)
        if known is not None or _is_same(first.made_of, told):
            made.close()
            return known or first
        self._alternatives.append((told, made))
        return made

    def _stand_in(self, told: MadeOf) -> Program:
        """What a pinned kind runs in something's place.

        Another program than its first, and than others: so what agents are answered who ask for
        swaps comes out as it did.
        """
        manifest = replace(self._material.manifest, agents=(self._described(told[0]),))
        material = self._material._replace(manifest=manifest)
        made = programs_of(material, self._components, self._functions, self._isolate)[told[0]]
        self._alternatives.append((told, made))
        return made

    def program(self, made_of: MadeOf) -> Program:
        """The program that is made of something that the run holds, or that was offered.

        Raises:
            BadRunFile: The run does not hold it.
            BadComponent, Misuse: It does not fit.
        """
        kind, name, component, text = made_of
        first = self._first.get(kind)
        if first is not None and first.made_of == made_of and kind not in self.pinned:
            return first
        chosen = self._alternative(made_of)
        if chosen is not None:
            return chosen
        if first is not None and kind in self.pinned:
            known = self._material.choices.get(kind, {}).get(FIRST)
            digest = (component if text is None else text).hex()
            return first if known in {None, digest} else self._stand_in(made_of)
        if made_of in self._others:
            return self._others[made_of]
        own = None if text is None else (name, self._file.content(text))
        digests = (component,) if text is None else (component, text)
        return self.offer(kind, name, Source(self._file.content(component), own, digests))

    def _alternative(self, made_of: MadeOf) -> Program | None:
        """The alternative that is made so, as the run holds it."""
        rows = self._alternatives
        return next((program for told, program in rows if _is_same(told, made_of)), None)

    def offer(self, kind: str, name: str, source: Source, note: Note = quiet) -> Program:
        """The program that a kind would run.

        Raises:
            Misuse: There is no such kind.
            BadComponent: It is no agent, or wants what nobody has.
        """
        described = self._described(kind)
        text = source.digests[1] if source.file else None
        made_of = (kind, name, source.digests[0], text)
        if _is_same(self._first[kind].made_of, made_of):
            return self._first[kind]
        chosen = self._alternative(made_of)
        if chosen is not None:
            return chosen
        for known in self._others.values():
            if _is_same(known.made_of, made_of):
                self._others[known.made_of] = self._others.pop(known.made_of)  # the last one now
                return known
        other = replace(self._material.manifest, agents=(replace(described, source=name),))
        material = self._material._replace(manifest=other, sources={kind: source})
        loaded = components_of(material, note)
        made = programs_of(material, loaded, self._functions, self._isolate)[kind]
        made.made_of = made_of
        self._others[made_of] = made
        return made

    def read(self, kind: str, path: Path, note: Note = quiet) -> Source:
        """What a file of this machine has for a kind to run.

        Raises:
            Misuse: There is no such kind, or it cannot be read.
        """
        described = self._described(kind)
        alone = replace(described, mounts=(), tools=(), link=(), alternatives=(), source=path.name)
        home = str(path.parent.resolve())
        manifest = replace(
            self._material.manifest, agents=(alone,), tools=(), mounts=(), folder=home
        )
        found = gather(manifest, interpreter_for(manifest, note), read_folder)
        return found.sources[kind]

    def _described(self, kind: str) -> Kind:
        described = self._material.manifest.kind(kind)
        if described is None:
            names = ", ".join(sorted(self._first))
            raise Misuse(f"there is no kind {kind!r} in this world (there are: {names})")
        return described

    def retain(self, needed: Iterable[Program]) -> None:
        """Gives back what nobody needs any more, but for the last few: they may come back."""
        kept = set(needed)
        idle = [made_of for made_of, program in self._others.items() if program not in kept]
        for made_of in idle[:-SPARE]:
            self._others.pop(made_of).close()

    def begin_anew(self) -> None:
        """Each kind runs what it ran at first, and so does each tool."""
        self.retool({})
        self.programs.update(self._first)

    def is_kind(self, name: str) -> bool:
        """Whether there is a kind of that name."""
        return name in self._first

    def is_tool(self, name: str) -> bool:
        """Whether there is a tool of that name."""
        return self._material.manifest.tool(name) is not None

    @property
    def tools(self) -> dict[str, str]:
        """By tool the digest of what it runs."""
        return {name: it.digests[0].hex() for name, it in self._material.tools.items()}

    def users_of(self, tools: Collection[str]) -> list[str]:
        """The kinds that can come to call one of some tools, themselves or through others."""
        manifest = self._material.manifest
        return [
            kind.name
            for kind in manifest.agents
            if any(name in tools for name in reached_by(manifest, kind))
        ]

    def retool(self, tools: Mapping[str, tuple[str, bytes]]) -> None:
        """Tools run something else, and who can come to call them is made anew.

        Args:
            tools: All that run something else than at first: the file's name, and the digest of
                what the run holds of it.

        Raises:
            Misuse: There is no such tool, or it runs what is submitted to it.
            BadComponent: It does not offer what is called, or wants what nobody has.
            BadRunFile: The run does not hold it.
        """
        names = {*tools, *self.retooled}
        changed = {it for it in names if tools.get(it) != self.retooled.get(it)}
        kinds = self.users_of(changed)
        material, components = self._with_tools(tools)
        own = tuple(kind for kind in material.manifest.agents if kind.name in kinds)
        alone = material._replace(manifest=replace(material.manifest, agents=own))
        made = programs_of(alone, components, self._functions, self._isolate)
        running = {kind: self._told_of(self.programs[kind]) for kind in kinds}
        self._material, self._components, self.retooled = material, components, dict(tools)
        self._first.update(made)
        self._alternatives = [row for row in self._alternatives if row[0][0] not in kinds]
        for gone in [row for row in self._others if row[0] in kinds]:
            self._others.pop(gone)
        self.choices.update(self._choose(kinds))
        for kind, told in running.items():
            self.programs[kind] = self._first[kind] if told is None else self.program(told)

    def _told_of(self, program: Program) -> MadeOf | None:
        """What the run says that a program is made of; None of what its kind ran at first."""
        if program is self._first[program.kind.name]:
            return None
        known = (told for told, it in self._alternatives if it is program)
        return next(known, program.made_of)

    def _with_tools(
        self, tools: Mapping[str, tuple[str, bytes]]
    ) -> tuple[Material, dict[str, Component]]:
        """What the run began with, but for some tools."""
        material, components = self._begun
        manifest, sources, loaded = material.manifest, dict(material.tools), dict(components)
        for name, (file, digest) in tools.items():
            tool = manifest.tool(name)
            if tool is None or tool.language:
                why = "there is no such tool" if tool is None else "it runs what is submitted to it"
                raise Misuse(f"no component can be put in the place of the tool {name!r}: {why}")
            sources[name] = Source(self._file.content(digest), None, (digest,))
            (loaded[TOOLS + name],) = load_components([(file, sources[name].component)])
            named = replace(tool, component=file)
            others = tuple(named if it is tool else it for it in manifest.tools)
            manifest = replace(manifest, tools=others)
        return material._replace(manifest=manifest, tools=sources), loaded

    @property
    def replaced(self) -> list[MadeOf]:
        """What kinds run that run something else than at first."""
        rows = sorted(self.programs.items())
        return [it.made_of for kind, it in rows if it is not self._first[kind]]

    @property
    def sources(self) -> dict[str, str]:
        """By kind the digest of what it runs: its component, or its own file.

        By the keys of its alternatives (and of `FIRST`) those of what agents may let it run.
        """
        found = {kind: program.origin for kind, program in self.programs.items()}
        for kind, choices in self._material.choices.items():
            found.update((key_of(kind, name), digest) for name, digest in choices.items())
        return found


def _is_same(one: MadeOf, other: MadeOf) -> bool:
    """Whether two programs are; what a component's file is called is nobody's care."""
    kind, name, component, text = one
    return (kind, component, text) == (other[0], *other[2:]) and (text is None or name == other[1])
