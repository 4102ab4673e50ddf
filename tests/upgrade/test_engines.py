"""What is known of an engine holds for each that the package runs on; any other is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.upgrade.engines import FOLDER, LOCKED, OLDER, command, environment
from wasm_engine.runtime._wasmtime import library

ROOT = Path(__file__).parents[2]
BINDING = sorted(
    path.name
    for path in (ROOT / "tests/binding").glob("test_*.py")
    # Not those upon the wheel's own binding, which says other things of other versions.
    if "tests.binding.rewriting" not in path.read_text()
)
TOGETHER = [BINDING[first::4] for first in range(4)]
"""In a few processes: each takes longer to begin than many a file to be run."""


def test_the_engines_that_are_known_are_those_that_are_locked():
    assert library.KNOWN == (OLDER, LOCKED)
    assert library.VERSION == LOCKED
    for name, version in [("run", LOCKED), ("python", LOCKED), ("engine-49", OLDER)]:
        locked = (ROOT / f"requirements/{name}.txt").read_text()
        assert re.findall(r"^wasmtime==(\S+)", locked, re.MULTILINE) == [version]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "wasmtime>=49.0.0,<50.1" in project["dependencies"]


def test_the_older_engine_is_the_one_in_front():
    ask = "from wasm_engine.runtime._wasmtime import library as l; print(l.VERSION, l.PATH)"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        capture_output=True,
        text=True,
        check=True,
        env=environment(OLDER),
    )
    version, path = done.stdout.split()
    assert version == OLDER
    assert Path(path).is_relative_to(FOLDER)


@pytest.mark.parametrize("files", TOGETHER, ids=" ".join)
def test_the_binding_fits_the_older_engine_as_well(files):
    """Layouts, switches, canaries, calls: the tests of the binding, with that engine in front."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(f"tests/binding/{file}" for file in files),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment(OLDER),
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("wasmtime-51.0.0.dist-info", "wasmtime 51.0.0 is installed, and was not tested with this"),
        ("wasmtime-49.0.1.dist-info", "wasmtime 49.0.1 is installed, and was not tested with this"),
        ("other-1.0.dist-info", "the package 'wasmtime' has no metadata"),
    ],
)
def test_an_engine_that_is_not_known_is_refused_with_one_message(tmp_path, metadata, why):
    (tmp_path / "wasmtime").mkdir()
    (tmp_path / "wasmtime/__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / metadata).mkdir()
    golden = ROOT / "tests/goldens/runs/v1/pingpong.sqlite"
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", "replay", str(golden)],
        capture_output=True,
        text=True,
        check=False,
        env={**environment(LOCKED), "PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"wasm-engine: {why}\n  it runs on wasmtime 49.0.0 and 50.0.1\n"


def test_the_command_line_runs_on_either(tmp_path):
    for version in (OLDER, LOCKED):
        done = command(version, "component", "show", ROOT / "guests/testing/ping/ping.wasm")
        assert done.returncode == 0, done.stderr
