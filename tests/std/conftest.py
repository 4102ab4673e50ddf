"""Compiled code is kept apart from the developer's own."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(tmp_path_factory.mktemp("home")))
        yield
