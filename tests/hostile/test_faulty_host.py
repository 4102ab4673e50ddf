"""Whatever a host function raises, the process lives, and only its caller fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.attack import undisturbed
from tests.hostile.faulty_host import FAULTY, KINDS

STOPS = {"KeyboardInterrupt": "Interrupted", "MemoryError": "HostFault"}


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    """What the process said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.faulty_host", str(tmp_path_factory.mktemp("runs"))],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", FAULTY)
def test_the_right_agent_fails_or_the_run_stops(came, how, kind, workers):
    found = came["results"][f"{how} {kind} {workers}"]
    if kind in STOPS:
        assert found["error"] == STOPS[kind]
        # Gone on with once the machine is well: nobody ever heard of it.
        assert found["codes"] == ["done", "done"]
        assert found["chain"] == came["whole"]["chain"]
    else:
        assert "error" not in found
        assert found["codes"] == ["host-error", "done"]
    alone = {name: state for name, state in undisturbed().items() if name != "good/2"}
    assert {name: found["good"][name] for name in alone} == alone  # good/2 was asked, or not
