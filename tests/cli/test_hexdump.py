"""A dump shows every byte at its address, and no two lines that say the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.cli.hexdump import differences, dump
from wasm_engine.control.pages import changed_pages


def test_a_dump_reads_like_one():
    assert list(dump(b"Hello, world!\n\0\xff" + bytes(48) + b"end", 0x20)) == [
        "00000020  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 0a 00 ff  |Hello, world!...|",
        "00000030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "*",
        "00000060  65 6e 64                                          |end|",
        "00000063",
    ]


def test_addresses_stand_at_multiples_of_sixteen():
    assert [line[:8] for line in dump(bytes(range(40)), 0x1005)] == [
        "00001005", "00001010", "00001020", "0000102d",
    ]  # fmt: skip


def _read_back(lines, address):
    """What a reader of the lines alone would write down."""
    found, last, line_at = bytearray(), b"", address
    *body, end = lines
    folded = False
    for line in body:
        if line == "*":
            folded = True
            continue
        at = int(line[:8], 16)
        while folded and line_at < at:
            found += last
            line_at += len(last)
        folded = False
        last = bytes.fromhex(line[10:58])
        found += last
        line_at = at + len(last)
    while folded and line_at < int(end, 16):
        found += last
        line_at += len(last)
    return bytes(found)


@given(
    st.lists(st.one_of(st.binary(max_size=40), st.integers(0, 200).map(bytes))).map(b"".join),
    st.integers(0, 64),
)
def test_nothing_is_lost_by_folding(data, address):
    lines = list(dump(data, address))
    assert _read_back(lines, address) == data
    assert all(one != other for one, other in pairwise(lines))


def test_differences_show_both_sides():
    before, after = bytearray(0x2000), bytearray(0x2000)
    before[0x1010:0x1013] = b"old"
    after[0x1010:0x1013] = b"new"
    assert list(differences(changed_pages(bytes(before), bytes(after)))) == [
        "page 00001000: 3 of 4,096 bytes differ",
        "- 00001010  6f 6c 64 00 00 00 00 00  00 00 00 00 00 00 00 00  |old.............|",
        "+ 00001010  6e 65 77 00 00 00 00 00  00 00 00 00 00 00 00 00  |new.............|",
    ]
