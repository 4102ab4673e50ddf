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


def write(folder: Path) -> Path:
    """Its files; answers the manifest's."""
    (folder / "docs/inner").mkdir(parents=True)
    (folder / "docs/a.txt").write_bytes(b"a text\n")
    (folder / "docs/inner/b").symlink_to("../a.txt")
    (folder / "reader.py").write_bytes(AGENT)
    (folder / "sum.wasm").write_bytes(COMPONENT)
    (folder / "world.toml").write_text(MANIFEST)
    return folder / "world.toml"
