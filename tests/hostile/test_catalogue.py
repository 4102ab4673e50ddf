"""No attack of the catalogue gets what it must not, and each would get it where it may."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.hostile.catalogue import stage
from tests.hostile.catalogue.all import SCENES
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401


@pytest.fixture(scope="module", autouse=True)
def _warm(_home_with_the_interpreter):  # noqa: F811
    stage.warm()


NAMED = {f"{scene.boundary}-{number}": scene for number, scene in enumerate(SCENES)}


@pytest.mark.parametrize("scene", NAMED.values(), ids=NAMED)
def test_no_attack_escapes_and_each_would_where_it_may(scene):
    played = stage.play(scene)
    assert played.wrong == []
    found = {it.attack.name: (it.got, it.attack.must) for it in played.results if it.escaped}
    assert found == {}
    found = {
        it.attack.name: (it.control, it.attack.control.gets)
        for it in played.results
        if it.shows_nothing
    }
    assert found == {}


def test_each_attack_has_a_name_of_its_own_and_says_what_it_is_about():
    attacks = [(scene.boundary, attack) for scene in SCENES for attack in scene.attacks]
    names = Counter((boundary, attack.name) for boundary, attack in attacks)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(attacks) >= 120
    for _, attack in attacks:
        assert attack.tries.isprintable()
        assert attack.act != attack.control.act
        assert attack.must
        assert attack.control.given
