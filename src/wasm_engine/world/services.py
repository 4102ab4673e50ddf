"""What the agents of a world share beside messages: a service for each that its manifest uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from wasm_engine.agents.manifest import Kind, Manifest, Tool
from wasm_engine.capabilities import secrets as secrets_capability
from wasm_engine.capabilities.blobstore import BlobStore
from wasm_engine.capabilities.chat import calls as chat
from wasm_engine.capabilities.keyvalue import KeyValueStore
from wasm_engine.capabilities.keyvalue import Quota as BucketQuota
from wasm_engine.concepts.model_calls import SERVICE as MODELS
from wasm_engine.concepts.tensors import ModelFacts, Models
from wasm_engine.orchestrator.services import Service
from wasm_engine.runtime.wasi import Beginning, Folder, Folders, Listed, Quota
from wasm_engine.world.databases import databases_of
from wasm_engine.world.language_models import language_models
from wasm_engine.world.secrets import references

FILE: Final = "regular-file"


class Shown(NamedTuple):
    """A file or directory of a writable mount.

    Attributes:
        path: Where it is in the mount.
        size: Bytes of contents.
        modified: When it was last written (ns of world time).
        read: Gives the contents; None for a directory.
    """

    path: str
    size: int
    modified: int
    read: Callable[[], bytes] | None


def shown_files(services: Mapping[str, Service]) -> dict[str, Iterator[Shown]]:
    """What is in each writable mount, by name; each directory before what is in it."""
    folders = services.get("files")
    if not isinstance(folders, Folders):
        return {}
    return {name: _shown(folders.folder(name)) for name in folders.names()}


def _shown(folder: Folder) -> Iterator[Shown]:
    for path, node in folder.paths():
        read = partial(folder.content, node.number) if node.kind == FILE else None
        yield Shown(path, node.size, node.modified, read)


def services_of(
    manifest: Manifest,
    mounts: Mapping[str, Sequence[Listed]] = MappingProxyType({}),
    models: Mapping[str, ModelFacts] = MappingProxyType({}),
) -> dict[str, Service]:
    """The services of a world at its beginning, by name. One that uses none is told without.

    Args:
        manifest: The world's.
        mounts: What its mounted folders hold.
        models: What is known of its models.

    Raises:
        Misuse: This machine lacks what one needs, or one cannot be made as the manifest says.
    """
    holders: tuple[Kind | Tool, ...] = (*manifest.agents, *manifest.tools)
    used = {grant.kind for holder in holders for grant in holder.grants}
    services: dict[str, Service] = {}
    if manifest.keyvalue or used & {"keyvalue", "keyvalue-read"}:
        buckets = manifest.keyvalue
        services["keyvalue"] = KeyValueStore(
            {it.name: BucketQuota(it.max_bytes, it.max_keys) for it in buckets},
            {it.name: it.redis for it in buckets if it.redis is not None},
        )
    if manifest.blobstore or used & {"blobstore", "blobstore-read"}:
        services["blobstore"] = BlobStore({it.name: it.max_bytes for it in manifest.blobstore})
    if manifest.sql:
        services["sql"] = databases_of(manifest)
    if manifest.secrets:
        services[secrets_capability.SERVICE] = references(manifest)
    language = language_models(manifest, models)
    if language is not None:
        services[chat.SERVICE] = language
    guests = [it.name for it in manifest.models if it.guest]
    if models or guests:
        services[MODELS] = Models(
            models,
            {it.name: it.timeout for it in manifest.models},
            {it.name: it.memory for it in manifest.models},
            guests,
        )
    shared = {
        mount.name: Beginning(mounts[mount.name], Quota(mount.quota, mount.max_files))
        for mount in manifest.mounts
        if mount.writable and mount.name in mounts
    }
    if shared:
        services["files"] = Folders(shared, manifest.world.epoch)
    return services
