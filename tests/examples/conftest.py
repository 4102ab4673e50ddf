"""Examples run with the interpreters of this machine, whatever home another test has taken."""

from __future__ import annotations

import pytest

from tests.hostile.test_python_agents import _home_with_the_interpreter

__all__ = ["_home_with_the_interpreter"]


@pytest.fixture(scope="module", autouse=True)
def _at_home(_home_with_the_interpreter):
    """For all of them."""
