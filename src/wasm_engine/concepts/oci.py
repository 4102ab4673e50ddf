"""Components as OCI artifacts: which layer of which manifest is one.

The image specification of the Open Container Initiative (image-spec v1.1: `manifest.md`,
`image-index.md`, `descriptor.md`), and the guidance of CNCF's working group on Wasm: a manifest
with one layer of type `application/wasm`, its configuration of type
`application/vnd.wasm.config.v0+json`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.mistakes import Wrong, shown

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TAG = "org.opencontainers.image.ref.name"
MOST_JSON = 1 << 20
"""Bytes of a manifest or an index: more is refused."""
ACCEPTED = f"{MANIFEST}, {INDEX}"
"""What a registry is asked for."""
_WASM = "application/wasm"
_REMOTE = re.compile(
    r"([A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](?::[0-9]{1,5})?)"
    r"/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)


class Descriptor(msgspec.Struct, frozen=True, rename="camel"):
    """What leads to a content: its type, its digest, its size in bytes."""

    media_type: str
    digest: str
    size: int
    annotations: dict[str, str] = {}

    @property
    def sha256(self) -> str:
        """The digest's 64 hexadecimal digits.

        Raises:
            Wrong: It is of another kind.
        """
        match = _DIGEST.fullmatch(self.digest)
        if match is None:
            raise Wrong(f"the digest {shown(self.digest)} is none of SHA-256")
        return match[1]


class _Index(msgspec.Struct, frozen=True):
    manifests: list[Descriptor]


class _Manifest(msgspec.Struct, frozen=True):
    layers: list[Descriptor]


def manifests_of(data: bytes) -> list[Descriptor]:
    """What an index lists.

    Raises:
        Wrong: It is none.
    """
    index: _Index = _read(data, _Index, "an index")
    return index.manifests


def layer_of(data: bytes) -> Descriptor:
    """The layer of a manifest that is a component.

    Raises:
        Wrong: It is no manifest, or has not just one such layer.
    """
    manifest: _Manifest = _read(data, _Manifest, "a manifest")
    layers = manifest.layers
    found = [layer for layer in layers if layer.media_type == _WASM]
    if len(found) != 1:
        types = ", ".join(sorted({shown(layer.media_type) for layer in layers})) or "none"
        what = f"it has {len(found)} layers of type {_WASM}, where one is a component"
        raise Wrong(f"{what}: {types}")
    return found[0]


def chosen(manifests: list[Descriptor], tag: str) -> Descriptor:
    """The one that is meant: with a tag, or the only one.

    Raises:
        Wrong: There is none, or which one is not clear; the text lists the tags.
    """
    named = [it for it in manifests if not tag or it.annotations.get(TAG) == tag]
    if len({it.digest for it in named}) == 1:
        return named[0]
    tags = ", ".join(sorted({it.annotations.get(TAG, "(no tag)") for it in manifests})) or "nothing"
    if tag and not named:
        raise Wrong(f"nothing is tagged {shown(tag)}: {tags}")
    raise Wrong(f"it holds several; name a tag: {tags}")


def check(data: bytes, descriptor: Descriptor) -> None:
    """Holds a content against what led to it.

    Raises:
        Wrong: It is not that.
    """
    found = sha256_hex(data)
    if len(data) != descriptor.size or found != descriptor.sha256:
        wanted = f"sha256:{descriptor.sha256} ({descriptor.size} bytes)"
        raise Wrong(f"{wanted} should be there, and is not: sha256:{found} ({len(data)} bytes)")


class Remote(NamedTuple):
    """A component in a registry: `host[:port]/path[:tag][@sha256:digest]`.

    Attributes:
        host: With its port, where one is written.
        path: The repository.
        version: Tag or digest; a digest, where one is written, else `latest`.
    """

    host: str
    path: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Remote:
        """Reads one.

        Raises:
            Wrong: It is none.
        """
        match = _REMOTE.fullmatch(text)
        if match is None:
            raise Wrong(f"{shown(text)} names nothing in a registry: host/path:tag, or @sha256:...")
        host, path, tag, digest = match.groups()
        return cls(host, path, digest or tag or "latest")


def _read(data: bytes, shape: Any, what: str) -> Any:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.MsgspecError, RecursionError):
        raise Wrong(f"it is not {what} of OCI") from None
