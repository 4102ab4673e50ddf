"""Puts together what a world runs on: the engine, every host function, each kind's program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from wasm_engine.agents.alternatives import key_of, variants_of
from wasm_engine.agents.manifest import Kind, Manifest, Tool
from wasm_engine.agents.material import ListedFile, Material, Source
from wasm_engine.agents.program import MadeOf, Program
from wasm_engine.agents.tools.authority import Authority
from wasm_engine.agents.tools.calling import CallingProgram
from wasm_engine.agents.tools.toolbox import Edge, Workshop
from wasm_engine.capabilities import (
    agents,
    context,
    flow,
    http,
    human,
    log,
    messaging,
    secrets,
    state,
    swap,
    tools,
    wasi_config,
    wasi_logging,
)
from wasm_engine.capabilities.chat import calls as chat
from wasm_engine.capabilities.inference import embeddings, models
from wasm_engine.capabilities.sql import calls as sql
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.host import places
from wasm_engine.runtime import wasi
from wasm_engine.runtime.component import Compiler, Component, Engine
from wasm_engine.runtime.wasi import Preopen, Quota, SharedMount, Tree, WasiState

Note = Callable[[str], None]
"""Told what takes a while."""

Isolate = Callable[..., Program | None]

TOOLS = "tools/"
"""Before the name of a tool among components: no kind has a name like that."""
AGENT_FOLDER = "/agent"
"""Where an interpreter finds the agent's own file."""


def quiet(text: str) -> None:
    """Says nothing."""


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The process's one engine."""
    return Engine()


@lru_cache(maxsize=1)
def compiler() -> Compiler:
    """The process's one compiler, with its private cache.

    Where there can be no folder (no home, a read-only one) it compiles each time.

    Raises:
        Misuse: There is a folder, and it is not ours alone.
    """
    folder = places.cache_folder() / "compiled"
    try:
        return Compiler(engine(), folder, key_file=places.data_folder() / "cache.key")
    except OSError:
        return Compiler(engine())


def load_with_lines(name: str, wasm: bytes) -> Component:
    """Loads a component so that backtraces name its source lines; for looking only.

    Raises:
        BadComponent: It is none.
    """
    return Compiler(Engine(lines=True)).load_many([(name, wasm)])[0]


@lru_cache(maxsize=1)
def host_functions() -> Mapping[str, HostFunction]:
    """Every host function there is, by name."""
    modules = (
        agents, chat, context, embeddings, flow, http, human, log, messaging, models, secrets, sql,
        state, swap, tools, wasi_config, wasi_logging,
    )  # fmt: skip
    found = {function.name: function for module in modules for function in module.FUNCTIONS}
    return {**found, **wasi.functions()}


def load_components(wasms: Sequence[tuple[str, bytes]], note: Note = quiet) -> list[Component]:
    """Loads components through the process's compiler; names are for messages.

    Raises:
        BadComponent: One is no component, or costs too much to compile.
    """
    return compiler().load_many(wasms, lambda name: note(f"compiling {name}"))


def interpreter_for(manifest: Manifest, note: Note) -> Callable[[str], bytes]:
    """What gives the component that runs a language's agents in a world; built on first use."""

    def provide(language: str) -> bytes:
        # Imported when it is needed: worlds without such agents should not pay for it.
        from wasm_engine.toolchain.interpreter import LANGUAGES, provided  # noqa: PLC0415

        known = LANGUAGES[LANGUAGES.index(language)]
        return provided(known, manifest.world.interpreter_of(language), note)

    return provide


def components_of(material: Material, note: Note) -> dict[str, Component]:
    """What each kind runs, compiled, by its name; and what else there is.

    Each tool by `TOOLS` and its name, each alternative by its `key_of`.
    """
    distinct: dict[bytes, tuple[str, bytes]] = {}
    for name, source in material.sources.items():
        kind = material.manifest.kind(name)
        label = _label(kind, source)
        distinct.setdefault(source.digests[0], (label, source.component))
    tools = {TOOLS + name: source for name, source in material.tools.items()}
    for name, source in tools.items():
        distinct.setdefault(source.digests[0], (name, source.component))
    variants = dict(_variants(material.manifest))
    others = {key: it for key, it in material.alternatives.items() if key in variants}
    for key, source in others.items():
        distinct.setdefault(source.digests[0], (_label(variants[key], source), source.component))
    loaded = dict(zip(distinct, load_components(list(distinct.values()), note), strict=True))
    sources = {**material.sources, **tools, **others}
    return {name: loaded[source.digests[0]] for name, source in sources.items()}


def _variants(manifest: Manifest) -> list[tuple[str, Kind]]:
    """By the keys of all alternatives, their kinds as they are where they run them."""
    return [
        (key_of(kind.name, name), variant)
        for kind in manifest.agents
        for name, variant in variants_of(kind)
    ]


def _label(kind: Kind | None, source: Source) -> str:
    """How to call what a kind runs."""
    if kind is not None and source.file is None:
        return kind.source
    javascript = source.file is not None and source.file[0].endswith(".js")
    return "the JavaScript interpreter" if javascript else "the Python interpreter"


def programs_of(
    material: Material,
    components: Mapping[str, Component],
    functions: Mapping[str, HostFunction] | None = None,
    isolate: Isolate | None = None,
) -> dict[str, Program]:
    """Each kind's program: its component, linked.

    Args:
        material: What the world is made of.
        components: What each kind runs.
        functions: Host functions by name; all there are, if not given.
        isolate: Makes the program of a kind where that is to run in processes of its own; None for
            any other. Without it all run here.

    Raises:
        BadComponent: A component is no agent, or wants what nobody has.
    """
    manifest = material.manifest
    epoch = manifest.world.epoch
    shared = {mount.name for mount in manifest.mounts if mount.writable}
    folders = {
        name: SharedMount(name, epoch)
        if name in shared
        else wasi.mounted(it, time=epoch, name=name)
        for name, it in material.mounts.items()
    }
    known = host_functions() if functions is None else functions
    workshop = _workshop(material, components, folders, known)
    programs: dict[str, Program] = {}
    for kind in manifest.agents:
        component = components[kind.name]
        state = _wasi_of(kind, manifest, material.sources[kind.name], folders, epoch)
        made = None if isolate is None else isolate(kind, component, material, known, state, epoch)
        if made is None and (kind.tools or kind.link):
            label = f"{kind.name} ({kind.source})"
            equipment = workshop.equip(kind, component, Authority.of(kind), label)
            made = CallingProgram(kind, component, equipment.functions, state, epoch)
            made.tools, made.links = equipment.programs, equipment.links
        program = made or Program(kind, component, known, state, epoch)
        program.made_of = recipe_of(kind, material.sources[kind.name])
        program.choices = _choices(kind, material)
        programs[kind.name] = program
    return programs


def alternatives_of(
    material: Material,
    components: Mapping[str, Component],
    functions: Mapping[str, HostFunction] | None = None,
    isolate: Isolate | None = None,
) -> dict[str, Program]:
    """The programs of all alternatives, by their keys; arguments as of `programs_of`.

    Raises:
        BadComponent: One is no agent, or wants what nobody has.
    """
    found = {}
    for key, variant in _variants(material.manifest):
        alone = material._replace(
            manifest=replace(material.manifest, agents=(variant,)),
            sources={variant.name: material.alternatives[key]},
        )
        loaded = {**components, variant.name: components[key]}
        found[key] = programs_of(alone, loaded, functions, isolate)[variant.name]
    return found


def recipe_of(kind: Kind, source: Source) -> MadeOf:
    """What a kind's program is made of."""
    if source.file is None:
        return kind.name, kind.source, source.digests[0], None
    component, text = source.digests
    return kind.name, source.file[0], component, text


def _choices(kind: Kind, material: Material) -> dict[str, Mapping[str, str]]:
    """By each kind that agents of this one may swap, and by name, what that could run."""
    may = [grant.target for grant in kind.grants if grant.kind == "swap"]
    return {name: material.choices[name] for name in may if name in material.choices}


def edges_of(material: Material, components: Mapping[str, Component]) -> list[Edge]:
    """Who calls which tools in a world, sorted: agents first."""
    epoch = material.manifest.world.epoch
    folders = {
        name: wasi.mounted(it, time=epoch, name=name) for name, it in material.mounts.items()
    }
    workshop = _workshop(material, components, folders, host_functions())
    for kind in material.manifest.agents:
        label = f"{kind.name} ({kind.source})"
        workshop.equip(kind, components[kind.name], Authority.of(kind), label)
    return [workshop.edges[key] for key in sorted(workshop.edges)]


def _workshop(
    material: Material,
    components: Mapping[str, Component],
    folders: Mapping[str, Any],
    functions: Mapping[str, HostFunction],
) -> Workshop:
    """Makes the tools of a world."""
    manifest = material.manifest

    def state(tool: Tool, mounts: frozenset[str]) -> Callable[[], WasiState]:
        seen = [mount for mount in manifest.mounts if mount.name in mounts]
        places = [(mount.at, folders[mount.name]) for mount in seen]
        return _states(tool.name, tool.disk, places, manifest.world.epoch)

    loaded = {tool.name: components[TOOLS + tool.name] for tool in manifest.tools}
    return Workshop(manifest, loaded, material.tools, functions, tools.functions_for, state)


def _wasi_of(
    kind: Kind, manifest: Manifest, source: Source, folders: Mapping[str, Any], epoch: int
) -> Callable[[], WasiState]:
    """What makes the WASI state of a new instance of a kind."""
    mounts = [(mount.at, folders[mount.name]) for mount in manifest.mounts_of(kind)]
    if source.file is not None:
        name, data = source.file
        file = ListedFile(name, "file", len(data), source.digests[1], "", lambda: data)
        mounts.append((AGENT_FOLDER, wasi.mounted([file], time=epoch)))
    return _states(kind.name, kind.disk, mounts, epoch)


def _states(
    name: str, disk: int, mounts: Sequence[tuple[str, Any]], epoch: int
) -> Callable[[], WasiState]:
    """What makes the WASI state of a new instance that sees these folders."""

    def tree() -> Tree:
        made = Tree(Quota(bytes=disk), time=epoch)
        for at, folder in mounts:
            made.mount(at, folder)
        return made

    args, preopens = (name,), (Preopen(),)
    return lambda: WasiState(args=args, tree=tree, preopens=preopens)
