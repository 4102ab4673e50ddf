"""A folder for worlds of assistants, whose model is a script."""

from __future__ import annotations

import pytest

from tests.assistants.crew import Crew


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps compiled code out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def crew(tmp_path):
    return Crew(tmp_path)
