"""What is hashed in parts has the digest of the whole."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts import canonical

ITEMS = st.lists(st.tuples(st.text(), st.none() | st.text() | st.binary()), max_size=20)


@given(st.binary(max_size=40), ITEMS)
def test_the_parts_of_a_pair_have_its_digest(first, items):
    whole = hashlib.sha256(canonical.encode([first, items])).digest()
    assert canonical.sha256_of_pair(first, items) == whole


@pytest.mark.parametrize("count", [15, 16, 65_535, 65_536])
def test_however_many_they_are(count):
    items = [("k", None)] * count
    whole = hashlib.sha256(canonical.encode([b"", items])).digest()
    assert canonical.sha256_of_pair(b"", items) == whole
