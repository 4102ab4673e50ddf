"""Steps of version 1 as steps of version 2: the same but for the digest of the detail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal.test_entries import digests
from tests.journal.test_entries import steps as ours
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.entries import StepBody, Turn
from wasm_engine.journal.v1 import steps

odd = st.sampled_from([b"\xc0" * 32, b"\xc4\x20" * 16, bytes(31) + b"\xc0", bytes(32)])


@given(ours, st.none() | digests | odd)
def test_a_step_loses_its_last_field_and_nothing_else(body, digest):
    plain = canonical.decode(canonical.encode(body))
    old = canonical.encode([*plain, digest])
    assert steps.decode(old) == (body, digest)
    assert steps.without_digest(old, named=digest is not None) == canonical.encode(body)


def test_nothing_after_what_looks_like_a_digest_is_nothing():
    """A turn's argument that ends 34 bytes before the end, and nil behind it."""
    for size in range(31, 36):
        turns = [Turn("a", "spawn", [], [b"\xc4\x20" + bytes(size)])]
        body = StepBody(1, 2, [], turns, [], [], [])
        old = canonical.encode([*canonical.decode(canonical.encode(body)), None])
        assert steps.decode(old) == (body, None)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc0", b"\x98\xc0", b"\x97\x01", canonical.encode([1, 2, [], [], [], [], [], b"x"])],
)
def test_what_is_no_step_is_refused(data):
    with pytest.raises(BadRunFile, match="not a step"):
        steps.decode(data)
