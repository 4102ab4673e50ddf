"""The public API is small, documented, the same as written here, and costs nothing until used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import wasm_engine

PUBLIC = [
    "BadComponent",
    "BadManifest",
    "BadRunFile",
    "Bug",
    "CheckReport",
    "DiffReport",
    "Divergence",
    "Edits",
    "EngineError",
    "HostFault",
    "InspectReport",
    "Interrupted",
    "Journey",
    "Misuse",
    "Moment",
    "Observer",
    "Outside",
    "Pace",
    "Refused",
    "ReplayDivergence",
    "ReplayReport",
    "Run",
    "RunReport",
    "SendReport",
    "WaitsFor",
    "Wanted",
    "World",
    "answer",
    "bisect",
    "check",
    "diff",
    "files",
    "fork",
    "inspect",
    "load",
    "pending",
    "replay",
    "resume",
    "run",
    "send",
]


def test_the_public_names_are_these():
    assert wasm_engine.__all__ == PUBLIC
    assert len(PUBLIC) <= 40
    assert set(dir(wasm_engine)) == {*PUBLIC, "__version__"}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_documented(name):
    found = getattr(wasm_engine, name)
    assert inspect.getdoc(found)
    if inspect.isclass(found):
        undocumented = [
            member
            for member, value in vars(found).items()
            if inspect.isfunction(value) and not member.startswith("_") and not value.__doc__
        ]
        assert undocumented == []


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        wasm_engine.nothing  # noqa: B018 (looking is the test)


def test_importing_the_package_loads_neither_the_engine_nor_the_journal():
    code = "import sys, wasm_engine; print(*sorted(m for m in sys.modules if '.' not in m))"
    env = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env=env
    ).stdout.split()
    assert not {"wasmtime", "sqlite3", "msgspec", "ctypes"} & set(loaded)
