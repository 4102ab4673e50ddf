"""A folder with the components of these tests."""

from __future__ import annotations

import importlib

import pytest

from tests.homes import live_in


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps compiled code out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The components, beside no manifest."""
    # Not above: an engine that is made before pytest is set up loses its trap signals to it.
    components = importlib.import_module("tests.tools.components")
    return components.lay_out(tmp_path_factory.mktemp("tools"))
