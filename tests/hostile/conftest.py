"""After every attack the machine is as it was before: memory, descriptors, threads, instances."""

from __future__ import annotations

import gc

import pytest

from tests.homes import live_in
from tests.hostile import footprint
from tests.hostile.attack import undisturbed

MAX_GROWTH = 32 << 20
"""Bytes of memory that a process may keep after an attack: caches, and what malloc holds back."""


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps what this machine remembers of runs out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _settled(_private_home):
    """What is loaded once is loaded by now, and need not be looked at after each test again."""
    undisturbed()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Compares what the process holds before and after."""
    before = footprint.now()
    yield
    after = footprint.now()
    assert after.instances == before.instances, "instances"
    assert after.threads == before.threads, "threads"
    assert after.descriptors <= before.descriptors, "descriptors"
    assert after.children == before.children, "child processes"
    assert after.memory < before.memory + MAX_GROWTH, "memory"
