"""What all tests have in common: nothing in them is a matter of how fast the machine is."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any-machine", suppress_health_check=[HealthCheck.too_slow], deadline=None
)
settings.load_profile("any-machine")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
