"""A world whose every byte is known: it is locked and signed, and could not be run."""

from __future__ import annotations

from pathlib import Path

COMPONENT = b"\0asm\x0d\0\x01\0"
AGENT = b"import wasm_agent\n"
MANIFEST = """\
[world]
name = "golden"

[agents.reader]
source = "reader.py"
mounts = ["docs"]

[agents."sum.v2"]
source = "sum.wasm"

[mounts.docs]
path = "docs"
at = "/docs"
"""

MODELS = """
[models.clever]
folder = "clever"

[models.far]
server = "local"
model = "llama"

[models.own]
guest = true

[models.said]
script = "answers.toml"
"""


def add_models(manifest: Path) -> None:
    """Puts models into it, one of each sort."""
    (manifest.parent / "clever").mkdir()
    (manifest.parent / "clever/genai_config.json").write_bytes(b"{}\n")
    (manifest.parent / "clever/model.onnx").write_bytes(b"weights")
    (manifest.parent / "answers.toml").write_bytes(b'[[answer]]\ncontent = "aye"\n')
    manifest.write_text(MANIFEST + MODELS)


def write(folder: Path) -> Path:
    """Its files; answers the manifest's."""
    (folder / "docs/inner").mkdir(parents=True)
    (folder / "docs/a.txt").write_bytes(b"a text\n")
    (folder / "docs/inner/b").symlink_to("../a.txt")
    (folder / "reader.py").write_bytes(AGENT)
    (folder / "sum.wasm").write_bytes(COMPONENT)
    (folder / "world.toml").write_text(MANIFEST)
    return folder / "world.toml"
