"""Whether the parts of a manifest fit each other, and the folder it lies in."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from wasm_engine.agents.assistant_rules import check_assistants
from wasm_engine.agents.budget_rules import check_budgets
from wasm_engine.agents.database_rules import check_databases
from wasm_engine.agents.instructions import place_of
from wasm_engine.agents.manifest import MAX_AGENTS, SUBMITTED, Kind, Manifest, Mount
from wasm_engine.agents.manifest_stores import KeyValueBucket
from wasm_engine.agents.model_rules import check_models
from wasm_engine.agents.submitted_code import check_submitted
from wasm_engine.agents.tool_rules import check_tools
from wasm_engine.concepts.mistakes import Mistakes, nearest, shown
from wasm_engine.concepts.names import kind_of
from wasm_engine.concepts.references import Reference, standard_name
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.concepts.url_patterns import origin_part, pattern_of
from wasm_engine.concepts.web import covers
from wasm_engine.host import model_store
from wasm_engine.host.component_store import is_kept, listed
from wasm_engine.host.standard_components import NAMES, standard_path
from wasm_engine.policy.grants import NAMED_KINDS, OUTSIDE_KINDS, may_use


def check_consistency(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes what does not fit together, except what follows from a mistake already noted."""
    _count(manifest, mistakes)
    for mount in manifest.mounts:
        _writable(mount, mistakes)
    for kind in manifest.agents:
        _mounts(manifest, kind, ("agents", kind.name, "mounts"), mistakes)
        _writes(manifest, kind, mistakes)
        _kinds_named(manifest, kind, mistakes)
        _servers(kind, mistakes)
        _databases(manifest, kind, mistakes)
        _people(manifest, kind, mistakes)
        _secrets(manifest, kind, mistakes)
    for bucket in manifest.keyvalue:
        _bounds(bucket, mistakes)
    check_budgets(manifest, mistakes)
    check_databases(manifest, mistakes)
    check_tools(manifest, mistakes)
    check_submitted(manifest, mistakes)
    check_assistants(manifest, mistakes)
    check_models(manifest, mistakes)
    for secret in manifest.secrets:
        place: KeyPath = ("secrets", secret.name, "for")
        if not secret.for_ and not mistakes.at(place):
            mistakes.add(place, "names no server: then nobody can use it")
    kinds = {kind.name: kind for kind in manifest.agents}
    for number, message in enumerate(manifest.messages):
        place = ("messages", number, "to")
        if message.to and not mistakes.at(place):
            _receiver(kinds, message.to, place, mistakes)


def check_host(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes sources and mounts that are not there."""
    for kind in manifest.agents:
        if kind.source not in SUBMITTED:
            place: KeyPath = ("agents", kind.name, "source")
            _component(manifest, kind.source, place, mistakes)
        for name, file in kind.alternatives:
            place = ("agents", kind.name, "alternatives", name)
            _component(manifest, file, place, mistakes)
    for told in manifest.instructions:
        _on_host(manifest, told.path, place_of(told), mistakes)
    for tool in manifest.tools:
        if tool.component:
            place = ("tools", tool.name, "component")
            _component(manifest, tool.component, place, mistakes)
    check_model_places(manifest, mistakes)
    for model in manifest.models:
        if model.script:
            _on_host(manifest, model.script, ("models", model.name, "script"), mistakes)
    for mount in manifest.mounts:
        if mount.path:
            _on_host(manifest, mount.path, ("mounts", mount.name, "path"), mistakes, folder=True)


def _count(manifest: Manifest, mistakes: Mistakes) -> None:
    total = sum(kind.count for kind in manifest.agents)
    if total > MAX_AGENTS:
        mistakes.add(("agents",), f"{total} agents in all; there may be {MAX_AGENTS}")


def check_model_places(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes models that are not there, or are kept in another form than they are named as."""
    for model in manifest.models:
        for key, folder in (("file", False), ("folder", True), ("script", False)):
            path, place = getattr(model, key), ("models", model.name, key)
            if not path or mistakes.at(place):
                continue
            reference = Reference.parse(path)
            if reference is None:
                _on_host(manifest, path, place, mistakes, folder=folder)
            elif not model_store.is_kept(reference):
                kept = [str(it.reference) for it in model_store.listed()]
                _not_kept(reference, kept, "wasm-engine model add FILE", place, mistakes)
            elif folder and not model_store.path_of(reference).is_dir():
                mistakes.add(place, f"{path} is a file, and a folder belongs here")


def _component(manifest: Manifest, source: str, place: KeyPath, mistakes: Mistakes) -> None:
    standard = standard_name(source)
    if standard is not None:
        if standard_path(source) is None:
            near = nearest(standard, NAMES)
            mistakes.add(place, f"{shown(source)} does not come with this engine{near}")
    elif Reference.parse(source) is not None:
        _in_store(source, place, mistakes)
    elif source:
        _on_host(manifest, source, place, mistakes)


def _in_store(source: str, place: KeyPath, mistakes: Mistakes) -> None:
    """Notes a component that is not kept on this machine."""
    reference = Reference.parse(source)
    if reference is not None and not is_kept(reference):
        kept = [str(it.reference) for it in listed()]
        _not_kept(reference, kept, "wasm-engine component add FILE", place, mistakes)


def _not_kept(
    reference: Reference, kept: list[str], how: str, place: KeyPath, mistakes: Mistakes
) -> None:
    others = [it for it in kept if it.startswith(f"{reference.name}@")]
    hint = f"; kept under this name: {', '.join(others)}" if others else ""
    mistakes.add(place, f"{reference} is not kept on this machine ({how}){hint}")


def _on_host(
    manifest: Manifest, path: str, place: KeyPath, mistakes: Mistakes, *, folder: bool = False
) -> None:
    """Notes a source or mount that is not there, is no file or folder, or cannot be looked at."""
    try:
        real = manifest.host_path(path)
        # Links in a circle: Python 3.13 answers the link itself, earlier ones raise.
        circle = real.is_symlink()
        there = real.is_dir() if folder else real.is_file()
        exists = real.exists()
    except (OSError, RuntimeError, ValueError):
        # Too long, a folder that may not be entered.
        circle = True
    if circle:
        mistakes.add(place, f"{shown(path)} cannot be looked at")
        return
    what = "folder" if folder else "file"
    if not exists:
        near = "" if folder else _near_file(Path(manifest.folder) / path)
        mistakes.add(place, f"there is no {what} {shown(path)}{near}")
    elif not there:
        mistakes.add(place, f"{shown(path)} is not a {what}")


def _near_file(missing: Path) -> str:
    """The file beside a missing one that was probably meant."""
    try:
        beside = [entry.name for entry in sorted(missing.parent.iterdir())[:1000]]
    except OSError:
        return ""
    near = nearest(missing.name, beside)
    return near if "did you" in near else ""


def _mounts(manifest: Manifest, kind: Kind, place: KeyPath, mistakes: Mistakes) -> None:
    names = [mount.name for mount in manifest.mounts]
    for name in kind.mounts:
        if name not in names:
            mistakes.add(place, f"no mount is called {shown(name)}{nearest(name, names)}")
    for one, other in combinations(manifest.mounts_of(kind), 2):
        if _overlap(one, other):
            mistakes.add(
                place,
                f"{shown(one.name)} at {one.at} and {shown(other.name)} at {other.at} overlap",
            )


def _writable(mount: Mount, mistakes: Mistakes) -> None:
    """What only a writable mount has, and what only that may lack."""
    place: KeyPath = ("mounts", mount.name)
    if mount.writable:
        return
    if not mount.path and not mistakes.at((*place, "path")):
        mistakes.add(
            (*place, "path"),
            "is missing: The folder on this machine; only a writable mount begins empty",
        )
    for key, value in (("quota", mount.quota), ("max-files", mount.max_files)):
        if value != getattr(Mount(mount.name, "", ""), key.replace("-", "_")):
            mistakes.add((*place, key), "is for writable mounts; this one is read-only")


def _writes(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Grants to write may only name mounts that the kind sees, and that can be written."""
    place: KeyPath = ("agents", kind.name, "grants")
    seen = {mount.name: mount for mount in manifest.mounts_of(kind)}
    for grant in kind.grants:
        if grant.kind != "mount-write":
            continue
        mount = seen.get(grant.target)
        if mount is None:
            text = f"{shown(grant.target)} is not among its `mounts`{nearest(grant.target, seen)}"
            mistakes.add(place, f"{shown(str(grant))}: {text}")
        elif not mount.writable:
            text = f"mounts.{mount.name} is read-only; it needs `writable = true`"
            mistakes.add(place, f"{shown(str(grant))}: {text}")
    shared = [mount.name for mount in seen.values() if mount.writable]
    if kind.isolation == "process" and shared:
        mistakes.add(
            ("agents", kind.name, "mounts"),
            f"{shown(shared[0])} is writable: what agents share is not in the processes of "
            'isolation = "process"',
        )


def _overlap(one: Mount, other: Mount) -> bool:
    first, second = sorted((f"{one.at}/", f"{other.at}/"))
    return one.at != "" and other.at != "" and second.startswith(first)


def _kinds_named(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Grants and allow-lists may only name kinds of agents that this world knows."""
    names = [known.name for known in manifest.agents]
    place: KeyPath = ("agents", kind.name)
    for grant in kind.grants:
        if grant.kind in OUTSIDE_KINDS or grant.kind in NAMED_KINDS:
            continue
        if grant.target != "*" and kind_of(grant.target) not in names:
            wanted = kind_of(grant.target)
            mistakes.add(
                (*place, "grants"),
                f"{shown(str(grant))}: no kind of agent is called {shown(wanted)}"
                f"{nearest(wanted, names)}",
            )
        other = manifest.kind(grant.target) if grant.kind == "swap" else None
        if other is not None and not other.alternatives:
            text = f"agents.{other.name} has no `alternatives`: there is nothing to swap in"
            mistakes.add((*place, "grants"), f"{shown(str(grant))}: {text}")
    for pattern in kind.send_to or ():
        wanted = kind_of(pattern)
        if pattern != "*" and wanted not in names:
            mistakes.add(
                (*place, "send-to"),
                f"{shown(pattern)}: no kind of agent is called {shown(wanted)}"
                f"{nearest(wanted, names)}",
            )


def _servers(kind: Kind, mistakes: Mistakes) -> None:
    """What is said of servers must be about some that may be asked at all."""
    terms, place = kind.http, ("agents", kind.name, "http")
    ruled = kind.http_allow or ()
    for key, texts in (("idempotent", kind.http_idempotent), ("allow", ruled)):
        for text in texts:
            origin = origin_part(pattern_of(text) if key == "allow" else text)
            if not terms.allows(origin):
                what = f"{shown(text)}: it has no grant to ask {origin}"
                mistakes.add((*place, key), what)
    named = [origin_part(pattern_of(rule)) for rule in ruled]
    for granted in () if kind.http_allow is None else terms.origins:
        if not any(covers(granted, origin) for origin in named):
            mistakes.add((*place, "allow"), f"no rule lets anything be asked of {granted}")
    if kind.networks and not terms.origins:
        mistakes.add(
            ("agents", kind.name, "grants"),
            "it names where servers may be, and has no grant to ask any",
        )


def _databases(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Grants may only name databases that there are, and rules only what is granted."""
    names = [database.name for database in manifest.sql]
    for grant in kind.grants:
        if grant.kind in {"sql", "sql-read"} and grant.target not in names:
            mistakes.add(
                ("agents", kind.name, "grants"),
                f"{shown(str(grant))}: no database is called {shown(grant.target)}"
                f"{nearest(grant.target, names)}",
            )
    for name, rights in kind.sql:
        place: KeyPath = ("agents", kind.name, "sql", name)
        if may_use(kind.grants, "sql", name):
            continue
        if not may_use(kind.grants, "sql-read", name):
            mistakes.add(place, f'it has no grant "sql:{name}" or "sql-read:{name}"')
        elif rights.writes:
            mistakes.add(place, f'its grant "sql-read:{name}" allows nothing but read')


def _bounds(bucket: KeyValueBucket, mistakes: Mistakes) -> None:
    """What lies in Redis is not counted here: a bound would be a promise that nobody keeps."""
    bounded = bucket != KeyValueBucket(bucket.name, redis=bucket.redis)
    if bucket.redis is not None and bounded:
        place = ("keyvalue", bucket.name, "redis")
        mistakes.add(place, "a bucket in Redis has no max-bytes and no max-keys: Redis bounds it")


def _people(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Who waits in each step for all that is out cannot wait for people."""
    asks = [str(grant) for grant in kind.grants if grant.kind == "human"]
    if asks and manifest.world.effects == "lockstep":
        mistakes.add(
            ("agents", kind.name, "grants"),
            f'{shown(asks[0])}: with effects = "lockstep" in [world] no step would follow until a '
            "person has answered",
        )


def _secrets(manifest: Manifest, kind: Kind, mistakes: Mistakes) -> None:
    """Grants may only name secrets that the world declares."""
    names = [secret.name for secret in manifest.secrets]
    for name in sorted(kind.secrets - set(names)):
        near = nearest(name, names) if names else "; it needs a table such as [secrets.api-key]"
        mistakes.add(
            ("agents", kind.name, "grants"),
            f"{shown(f'secret:{name}')}: no secret is called {shown(name)}{near}",
        )


def _receiver(kinds: Mapping[str, Kind], address: str, place: KeyPath, mistakes: Mistakes) -> None:
    """Notes a message to an agent that is not there when the world starts."""
    kind = kinds.get(kind_of(address))
    if kind is None:
        near = nearest(kind_of(address), kinds)
        mistakes.add(place, f"no agent has the address {shown(address)}{near}")
    elif not mistakes.at(("agents", kind.name, "count")) and not _has(kind, address):
        mistakes.add(place, f"no agent has the address {shown(address)}; {_population(kind)}")


def _has(kind: Kind, address: str) -> bool:
    """Whether an address is one of a kind's at the start, without listing 100,000 of them."""
    if kind.count == 1:
        return address == kind.name
    number = address.removeprefix(f"{kind.name}/")
    plain = number.isascii() and number.isdigit() and len(number) <= 6 and number[0] != "0"
    return plain and int(number) <= kind.count


def _population(kind: Kind) -> str:
    if kind.count == 0:
        return f"there are no {kind.name} at the start"
    if kind.count == 1:
        return f"there is one {shown(kind.name)}"
    return f'there are "{kind.name}/1" to "{kind.name}/{kind.count}"'
