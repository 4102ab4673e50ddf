"""Every decoder that meets strangers' bytes refuses them in its own words, or takes them.

A short piece of `make fuzz`, the same on every machine.
"""

from __future__ import annotations

import pytest

from fuzz.session import Session
from fuzz.target import load, names

STEPS = {
    "checkpoint": 8,
    "component": 30,
    "export": 8,
    "manifest": 15,
    "replayed": 12,
    "values": 20,
}
"""Of those that take long; of others `QUICK`."""
QUICK = 100
SEEDS = 6


@pytest.mark.parametrize("name", names())
def test_whatever_it_is_given_it_ends_as_it_says(name):
    target = load(name)
    session = Session(target, seed=1)
    session.seeds(every=max(1, len(target.seeds()) // SEEDS))
    for _ in range(STEPS.get(name, QUICK)):
        session.step()
    assert [(it.key, it.data, it.text) for it in session.findings.values()] == []
    assert session.figures.executions > 0


def test_every_module_says_what_it_decodes():
    assert all(load(name).says for name in names())
    assert len({load(name).says for name in names()}) == len(names())
