"""A machine of its own for each test, and components as others publish them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.control.conftest import PING, world
from tests.signing.conftest import ada, bob, home, policy

__all__ = ["ada", "bob", "home", "policy", "world"]

WASM = "application/wasm"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TAG = "org.opencontainers.image.ref.name"


class Artifact:
    """A component as the guidance for OCI artifacts has it: its contents, by digest."""

    def __init__(self, data: bytes, layer_type: str = WASM) -> None:
        self.blobs: dict[str, bytes] = {}
        config = self.put(b"{}", "application/vnd.wasm.config.v0+json")
        layer = self.put(data, layer_type)
        self.manifest = self.put_json(
            {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]},
            MANIFEST,
        )

    def put(self, data: bytes, media_type: str) -> dict:
        """Adds a content; answers what leads to it."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def put_json(self, value: object, media_type: str) -> dict:
        return self.put(json.dumps(value).encode(), media_type)


def write_layout(folder: Path, *artifacts: Artifact, index: list[dict]) -> Path:
    """Writes an OCI layout."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)
    for artifact in artifacts:
        for digest, data in artifact.blobs.items():
            (blobs / digest.partition(":")[2]).write_bytes(data)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": index}))
    return folder


@pytest.fixture
def ping() -> Artifact:
    """A component."""
    return Artifact(PING.read_bytes())
