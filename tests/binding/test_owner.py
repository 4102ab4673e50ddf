"""What the layers above find on an instance, alive or dead."""

from __future__ import annotations

import pytest

from tests.binding.components import RUN, HostGuest, guest
from wasm_engine.concepts.errors import GuestFailure


def test_an_instance_knows_whom_it_runs_for():
    host = HostGuest()
    assert guest(host=host).guest is host


def test_a_dead_instance_still_tells_how_much_fuel_was_left():
    instance = guest()
    before = instance.fuel
    instance.begin(RUN, "trap", ())
    with pytest.raises(GuestFailure):
        instance.poll()
    assert not instance.alive
    assert 0 < instance.fuel < before
