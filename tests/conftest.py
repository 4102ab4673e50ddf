"""What all tests have in common: nothing in them is a matter of how fast the machine is."""

from __future__ import annotations

import compileall
import gc
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from wasm_engine.host import telemetry  # noqa: F401 - before any test loads a library

SOURCES = Path(__file__).parents[1] / "src"

settings.register_profile(
    "any-machine", suppress_health_check=[HealthCheck.too_slow], deadline=None
)
settings.load_profile("any-machine")


def pytest_configure(config: pytest.Config) -> None:
    """Tests start hundreds of processes that load the engine: none has to compile it again.

    They would where nobody may write what Python compiles (PYTHONDONTWRITEBYTECODE).
    """
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(SOURCES, quiet=2)


def pytest_report_header() -> str:
    """What this machine has not, and is not tested therefore."""
    from tests.inference.devices import told  # noqa: PLC0415

    return told()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def command(capsys):
    """Runs a command; answers its exit status and what it printed."""
    from wasm_engine.cli.main import main  # noqa: PLC0415

    def run(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def values(command):
    """Runs a command with --json; answers its exit status and the one object."""

    def run(*words):
        status, out, _ = command(*words, "--json")
        assert out.endswith("}\n")
        assert out.count("\n") == 1
        return status, json.loads(out)

    return run
