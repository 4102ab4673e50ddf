"""A world that talks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat.talking import Talk


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """A world in a folder of its own, on a machine that remembers nothing."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    (tmp_path / "world").mkdir()
    return Talk(tmp_path / "world")
