"""What a guest keeps on the host's side lives on with it, whatever its instance was made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# As it was before any test took the environment for its own: the interpreter is built once.
ENVIRONMENT = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
PLAY = Path(__file__).parent / "kept" / "play.py"


@pytest.fixture(scope="module")
def played():
    done = subprocess.run(
        [sys.executable, PLAY], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_chain_does_not_depend_on_it(played):
    assert len(set(played["chains"])) == 1
    assert played["restored"] >= 8


def test_open_files_and_places_in_them_are_there_in_the_next_message(played):
    lines = [line for line in played["lines"] if line.startswith("resident: (")]
    assert lines == [
        "resident: (['line1'], b'here', '\\n', ['line1'])",
        "resident: (['line1', 'line3'], b'here', 'import os\\n', ['line1', 'line3'])",
        "resident: (['line7'], b'here', '\\n', ['line7'])",
    ]
