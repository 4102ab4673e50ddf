"""What a world is made of besides its manifest: components, agents' files, mounted folders.

It comes from the host when a run begins, and from the run file ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from wasm_engine.agents.alternatives import FIRST, key_of, variants_of
from wasm_engine.agents.manifest import SUBMITTED, Kind, Manifest, Model, Tool
from wasm_engine.agents.submitted_code import FILES
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.references import Reference
from wasm_engine.concepts.tensors import ModelFacts
from wasm_engine.runtime.wasi import Listed


class ListedFile(NamedTuple):
    """One thing in a mounted folder, whoever listed it."""

    path: str
    kind: str
    size: int
    digest: bytes
    target: str
    read: Callable[[], bytes]


class Source(NamedTuple):
    """What one kind of agent runs.

    Attributes:
        component: The component's bytes.
        file: Name and text of the agent's own file, where an interpreter runs it; else None.
        digests: SHA-256 of the component, and of the file if there is one.
    """

    component: bytes
    file: tuple[str, bytes] | None
    digests: tuple[bytes, ...]

    @property
    def contents(self) -> list[tuple[bytes, bytes]]:
        """Digest and bytes of all of it."""
        parts = [self.component] if self.file is None else [self.component, self.file[1]]
        return list(zip(self.digests, parts, strict=True))


class Material(NamedTuple):
    """A world's material: a source for each kind and each tool, a listing for each mount.

    Of models that compute on this machine it has what is known of them; not their bytes.

    Attributes:
        alternatives: The sources of those that kinds have, by `alternatives.key_of`.
        choices: Of each kind with some what it could run, its first source among it: digests
            (hexadecimal) by name.
        scripts: Answers in place of language models, by the names of those: TOML.
        models: What is known of models that compute on this machine, by name.
        digests: SHA-256 of such models as they were found, by name, before any was loaded.
    """

    manifest: Manifest
    sources: dict[str, Source]
    mounts: dict[str, Sequence[Listed]]
    tools: Mapping[str, Source] = MappingProxyType({})
    alternatives: Mapping[str, Source] = MappingProxyType({})
    choices: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    scripts: Mapping[str, bytes] = MappingProxyType({})
    models: Mapping[str, ModelFacts] = MappingProxyType({})
    digests: Mapping[str, bytes] = MappingProxyType({})

    @property
    def contents(self) -> dict[bytes, bytes]:
        """All that kinds and tools run, and scripts, by digest."""
        sources = (*self.sources.values(), *self.tools.values(), *self.alternatives.values())
        found = {digest: data for source in sources for digest, data in source.contents}
        return found | {sha256(data): data for data in self.scripts.values()}


def chosen(
    manifest: Manifest, sources: Mapping[str, Source], alternatives: Mapping[str, Source]
) -> dict[str, dict[str, str]]:
    """`Material.choices` of a world."""
    return {
        kind.name: {FIRST: sources[kind.name].digests[-1].hex()}
        | {
            name: alternatives[key_of(kind.name, name)].digests[-1].hex()
            for name, _ in kind.alternatives
        }
        for kind in manifest.agents
        if kind.alternatives
    }


def gather(
    manifest: Manifest,
    interpreter: Callable[[str], bytes],
    read_folder: Callable[[Any], Sequence[Listed]],
) -> Material:
    """Reads a world's material from the host.

    Args:
        manifest: The world.
        interpreter: Gives the component that runs agents of a language, by its name.
        read_folder: Lists a folder of the host.

    Raises:
        Misuse: Something cannot be read.
    """
    provided: dict[str, tuple[bytes, bytes]] = {}

    def provide(language: str) -> tuple[bytes, bytes]:
        """The interpreter and its digest: large, and many kinds have the same."""
        if language not in provided:
            component = interpreter(language)
            provided[language] = (component, sha256(component))
        return provided[language]

    used = manifest.mounted()
    sources = {kind.name: _source(manifest, kind, provide) for kind in manifest.agents}
    alternatives = {
        key_of(kind.name, name): _source(manifest, variant, provide)
        for kind in manifest.agents
        for name, variant in variants_of(kind)
    }
    return Material(
        manifest,
        sources,
        {
            mount.name: read_folder(manifest.host_path(mount.path)) if mount.path else []
            for mount in manifest.mounts
            if mount.name in used
        },
        {tool.name: _tool(manifest, tool, provide) for tool in manifest.tools},
        alternatives,
        chosen(manifest, sources, alternatives),
        {model.name: _script(manifest, model) for model in manifest.models if model.script},
    )


def _script(manifest: Manifest, model: Model) -> bytes:
    try:
        return manifest.host_path(model.script).read_bytes()
    except OSError as error:
        message = f"{model.name}: cannot read {model.script}: {error.strerror}"
        raise Misuse(message, code="unreadable-source") from None


def _source(
    manifest: Manifest, kind: Kind, interpreter: Callable[[str], tuple[bytes, bytes]]
) -> Source:
    if kind.source in SUBMITTED:
        assert kind.language is not None  # it is in the name
        name, data = FILES[kind.language]
    else:
        path, data = _read(manifest, kind, kind.source)
        name = path.name
    if kind.language is not None:
        component, digest = interpreter(kind.language)
        return Source(component, (name, data), (digest, sha256(data)))
    return Source(data, None, (sha256(data),))


def _tool(
    manifest: Manifest, tool: Tool, interpreter: Callable[[str], tuple[bytes, bytes]]
) -> Source:
    if tool.language:
        component, digest = interpreter(tool.language)
        return Source(component, None, (digest,))
    _, data = _read(manifest, tool, tool.component)
    return Source(data, None, (sha256(data),))


def _read(manifest: Manifest, holder: Kind | Tool, source: str) -> tuple[Path, bytes]:
    path = manifest.source_path(holder)
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{holder.name}: cannot read {source}: {error.strerror}"
        raise Misuse(message, code="unreadable-source") from None
    kept = Reference.parse(source)
    if kept is not None and sha256(data).hex() != kept.digest:
        message = f"{holder.name}: {path} is not {kept}, but sha256:{sha256(data).hex()}"
        raise Misuse(message, code="unreadable-source", hint="add it to the store again")
    return path, data
