"""A world's material in its run file: written after the header, read back for every replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from wasm_engine.agents import stored_manifest
from wasm_engine.agents.alternatives import key_of
from wasm_engine.agents.material import ListedFile, Material, Source, chosen
from wasm_engine.concepts import canonical
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import BadRunFile, HostFault
from wasm_engine.concepts.tensors import ModelFacts
from wasm_engine.host.mounts import read_stored
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control
from wasm_engine.journal.runfile import RunFile
from wasm_engine.runtime.wasi import Listed

_KINDS = "kinds"
_MOUNT = "mount"
_TOOLS = "tools"
_SCRIPTS = "scripts"
_MODELS = "models"
DATABASES = "databases"
"""The entry that says what the databases of a world were made with, where it has any."""
_ALTERNATIVES = "alternatives"
_MATERIAL = frozenset({_KINDS, _TOOLS, _ALTERNATIVES, _SCRIPTS, _MODELS, _MOUNT, DATABASES})


class _KindRow(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What a kind runs: digests of its component, and of the agent's own file if it has one.

    Of an alternative `name` is what `alternatives.key_of` says.
    """

    name: str
    file: str | None
    component: bytes
    text: bytes | None = None


class _MountRow(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """One thing in a mounted folder."""

    path: str
    kind: Literal["file", "directory", "link"]
    size: int
    digest: bytes
    target: str


def controls(material: Material) -> Iterator[Control]:
    """The entries after the header: what each kind runs, what models are, what mounts hold."""
    yield Control(_KINDS, _kind_rows(material.sources))
    if material.tools:
        tools = [[name, source.digests[0]] for name, source in sorted(material.tools.items())]
        yield Control(_TOOLS, tools)
    if material.alternatives:
        yield Control(_ALTERNATIVES, _kind_rows(material.alternatives))
    if material.scripts:
        yield Control(_SCRIPTS, [[n, sha256(it)] for n, it in sorted(material.scripts.items())])
    if material.models:
        facts = [it for _, it in sorted(material.models.items())]
        yield Control(_MODELS, canonical.decode(canonical.encode(facts)))
    for name, listing in sorted(material.mounts.items()):
        rows = [[e.path, e.kind, e.size, e.digest, e.target] for e in listing]
        yield Control(_MOUNT, [name, rows])


def _kind_rows(sources: Mapping[str, Source]) -> list[Any]:
    rows = []
    for name, source in sorted(sources.items()):
        digests = [digest for digest, _ in source.contents]
        file = source.file[0] if source.file is not None else None
        rows.append([name, file, *digests])
    return rows


def recorded(file: RunFile, folders: dict[str, str]) -> Material:
    """A world's material as its run file holds it.

    Args:
        file: The run; its maker may be anybody.
        folders: Where its mounts come from on this machine, for files that were never read; none
            for whoever only replays.

    Raises:
        BadRunFile: The run does not say what its world is made of.
    """
    manifest = stored_manifest.from_canonical(file.header.manifest)
    if (manifest.world.name, manifest.world.seed) != (file.header.world, file.header.seed):
        raise BadRunFile("the run's header names another world, or another seed, than its manifest")
    sources: dict[str, Source] = {}
    tools: dict[str, Source] = {}
    alternatives: dict[str, Source] = {}
    scripts: dict[str, bytes] = {}
    mounts: dict[str, Sequence[Listed]] = {}
    models: dict[str, ModelFacts] = {}
    try:
        for entry in file.entries(2):
            body = entries.decode(entry.kind, entry.body)
            if not isinstance(body, Control):
                break
            if body.op == _KINDS:
                sources = _sources(file, body.args)
            elif body.op == _ALTERNATIVES:
                alternatives = _sources(file, body.args)
            elif body.op == _TOOLS:
                named = msgspec.convert(body.args, list[tuple[str, bytes]])
                tools = {name: Source(file.content(it), None, (it,)) for name, it in named}
            elif body.op == _SCRIPTS:
                given = msgspec.convert(body.args, list[tuple[str, bytes]])
                scripts = {name: file.content(it) for name, it in given}
            elif body.op == _MODELS:
                models = {it.name: it for it in msgspec.convert(body.args, list[ModelFacts])}
            elif body.op == _MOUNT:
                name, listed = msgspec.convert(body.args, tuple[str, list[_MountRow]])
                mounts[name] = _listing(file, listed, folders.get(name))
    except msgspec.ValidationError as error:
        message = f"the run does not say what its world is made of ({error})"
        raise BadRunFile(message) from None
    missing = [kind.name for kind in manifest.agents if kind.name not in sources]
    missing += [tool.name for tool in manifest.tools if tool.name not in tools]
    missing += [name for name in sorted(manifest.mounted()) if name not in mounts]
    every = [key_of(kind.name, name) for kind in manifest.agents for name, _ in kind.alternatives]
    missing += [key for key in every if key not in alternatives]
    missing += [it.name for it in manifest.models if it.script and it.name not in scripts]
    missing += [it.name for it in manifest.models if it.file and it.name not in models]
    if missing:
        message = f"the run does not say what {missing[0]!r} is made of"
        raise BadRunFile(message)
    choices = chosen(manifest, sources, alternatives)
    return Material(manifest, sources, mounts, tools, alternatives, choices, scripts, models)


def models_of(file: RunFile) -> list[ModelFacts]:
    """What a run says of the models that its world asks on its machine.

    Raises:
        BadRunFile: It says it in a form that is none.
    """
    for entry in file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if not isinstance(body, Control):
            break
        if body.op == _MODELS:
            try:
                return msgspec.convert(body.args, list[ModelFacts])
            except msgspec.ValidationError as error:
                message = f"the run does not say what its models are ({error})"
                raise BadRunFile(message) from None
    return []


def after_material(file: RunFile) -> int:
    """The last of the entries that say what the world is made of."""
    for entry in file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if not isinstance(body, Control) or body.op not in _MATERIAL:
            return entry.n - 1
    return file.count


def _sources(file: RunFile, told: Any) -> dict[str, Source]:
    rows = msgspec.convert(told, list[_KindRow])
    # Read and checked once: many kinds have the same interpreter.
    digests = dict.fromkeys(row.component for row in rows)
    components = {digest: file.content(digest) for digest in digests}
    return {row.name: _source(file, row, components[row.component]) for row in rows}


def _source(file: RunFile, row: _KindRow, component: bytes) -> Source:
    if row.file is None:
        return Source(component, None, (row.component,))
    text = row.text or b""
    return Source(component, (row.file, file.content(text)), (row.component, text))


def _listing(file: RunFile, rows: list[_MountRow], folder: str | None) -> list[Listed]:
    """The things in a mounted folder; each folder must come before what is in it."""
    known = {""}
    listing: list[Listed] = []
    for row in rows:
        above, _, name = row.path.rpartition("/")
        odd = name in {"", ".", ".."} or "\0" in row.path or row.path in known
        if odd or above not in known or row.size < 0:
            message = f"the run holds a mount with a path that cannot be: {row.path!r}"
            raise BadRunFile(message)
        if row.kind == "directory":
            known.add(row.path)
        listing.append(_listed(file, row, folder))
    return listing


def _listed(file: RunFile, row: _MountRow, folder: str | None) -> ListedFile:
    """A mounted file: as the run holds it, or from the folder it came from, on this machine."""
    if row.digest in file.contents():
        data = file.content(row.digest)  # now: a database belongs to the thread that opened it
        return ListedFile(row.path, row.kind, row.size, row.digest, row.target, lambda: data)

    def read() -> Any:
        if folder is None:
            message = f"{row.path} is mounted, but the run does not hold it: it was never read"
            hint = "it can be read only where the run began, from the folder that was mounted"
            raise HostFault(message, code="mount-missing", hint=hint)
        return read_stored(folder, row.path, row.size, row.digest)

    return ListedFile(row.path, row.kind, row.size, row.digest, row.target, read)
