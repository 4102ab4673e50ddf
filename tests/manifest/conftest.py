"""A folder with everything that the manifests of these tests name."""

from __future__ import annotations

import pytest


@pytest.fixture
def folder(tmp_path):
    for name in (
        "librarian.py",
        "worker.wasm",
        "notes.txt",
        "classifier.onnx",
        "answers.toml",
        "writer.md",
    ):
        (tmp_path / name).write_bytes(b"")
    for name in ("topics", "topics/deep", "other", "worker.py", "writer"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def write(folder):
    """Writes world.toml and answers its path."""

    def write_text(text):
        path = folder / "world.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_text
