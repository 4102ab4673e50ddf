"""The examples in docstrings do what they say."""

from __future__ import annotations

import doctest
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from tests.control.conftest import PING, WORLD, _private_home

__all__ = ["_private_home"]
PACKAGE = Path(__file__).parents[2] / "src/wasm_engine"


def _modules_with_examples():
    for path in sorted(PACKAGE.rglob("*.py")):
        if ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a world, its component under two names and in two versions, and a run of it."""
    shutil.copyfile(PING, tmp_path / "ping.wasm")
    shutil.copyfile(PING, tmp_path / "echo.wasm")
    (tmp_path / "other.wasm").write_bytes(PING.read_bytes() + b"\0\2\1x")  # another digest
    (tmp_path / "world.toml").write_text(WORLD)
    monkeypatch.chdir(tmp_path)
    runs = import_module("wasm_engine.control.runs")
    runs.run("world.toml", file="kept.run", send=[("a", "start", "20 b")])
    return tmp_path


@pytest.mark.parametrize("name", list(_modules_with_examples()))
def test_examples(name, here):
    module = import_module(name)
    result = doctest.testmod(module, extraglobs={"here": here}, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0
