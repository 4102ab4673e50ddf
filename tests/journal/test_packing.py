"""Blobs as they are stored."""

import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts import canonical
from wasm_engine.journal.packing import Packed, chunks, digests_in, pack, unpack

NOISE = b"".join(sha256(n.to_bytes(4, "big")).digest() for n in range(60_000))


@given(
    st.binary(max_size=6000)
    | st.builds(lambda b, n: b * n, st.binary(max_size=40), st.integers(0, 900))
)
def test_a_blob_comes_back(plain):
    packed = pack(plain)
    assert packed.size == len(plain) >= len(packed.data)
    assert unpack(packed) == b"".join(chunks(packed)) == plain


@pytest.mark.parametrize(
    "plain", [NOISE, bytes(5 << 20), NOISE[:3000] * 900], ids=["noise", "zeros", "mixed"]
)
def test_a_large_blob_comes_back_in_pieces(plain):
    packed = pack(plain)
    pieces = list(chunks(packed))
    assert b"".join(pieces) == plain
    assert packed.data is plain or max(map(len, pieces)) <= 1 << 20


def test_what_does_not_shrink_is_stored_as_it_is():
    assert pack(NOISE).data is NOISE
    assert len(pack(bytes(1 << 20)).data) < 10_000


GOOD = zlib.compress(b"a" * 1000)


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(Packed(999, GOOD), id="size too small"),
        pytest.param(Packed(1001, GOOD), id="size too large"),
        pytest.param(Packed(1000, GOOD[:-1]), id="cut"),
        pytest.param(Packed(1000, GOOD + b"x"), id="something after it"),
        pytest.param(Packed(1000, b"\0" + GOOD), id="not compressed"),
        pytest.param(Packed(1000, b""), id="nothing"),
        pytest.param(Packed(1, b"ab"), id="longer than its size"),
        pytest.param(Packed(200_000, GOOD + bytes(100_000)), id="much after it"),
    ],
)
def test_what_is_no_blob_of_its_size_is_refused(packed):
    with pytest.raises(ValueError, match="size"):
        unpack(packed)


def test_a_bomb_is_left_at_its_size():
    pieces: list[bytes] = []
    with pytest.raises(ValueError, match="size"):
        pieces.extend(chunks(Packed(300_000, zlib.compress(bytes(50 << 20), 1))))
    assert sum(map(len, pieces)) <= 300_001


def test_digests_are_found_as_bytes_and_in_hex():
    one, two = sha256(b"1").digest(), sha256(b"2").digest()
    data = canonical.encode(["x", one, {"file": two.hex()}, [one + b"x"], "f" * 65])
    assert set(digests_in(data)) == {one, two}
    overlapping = b"\xc4\x20\xc4\x20" + one
    assert one in set(digests_in(overlapping))
