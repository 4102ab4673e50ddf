"""A server that misbehaves, for each test anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.effects.server import Server, running


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as made:
        yield made
