"""Values of types that nobody chose come back from a guest as they went in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.wit_types import random_type
from tests.binding.test_values import echo


@pytest.mark.parametrize("seed", range(12))
def test_values_of_any_type_come_back(seed):
    made = random_type(random.Random(seed))
    values = st.binary() if made.text == "u8" else st.lists(made.values, max_size=4)

    @settings(max_examples=20, deadline=None, database=None, derandomize=True)
    @given(values)
    def check(value):
        assert echo(made.text, value) == value

    check()
