"""A linear memory as people look at it: pages, where two of them differ, and the text in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

PAGE = 4096
"""Bytes of a page, as dumps and differences count them. (Guests grow by 16 of them.)"""
MIN_TEXT = 4
"""Fewest characters of a text that is looked for: less is noise."""
MAX_TEXT = 4096


class Page(NamedTuple):
    """A piece of a memory, at most a page and never across the end of one.

    Attributes:
        address: Of its first byte.
        data: What it holds.
        before: What it held at the step that it is compared with, if it is.
    """

    address: int
    data: bytes
    before: bytes | None = None


class Text(NamedTuple):
    """Printable text in a memory: where it begins, and what it says."""

    address: int
    text: str


def used_pages(data: bytes, address: int = 0) -> Iterator[Page]:
    """The pages with anything in them but zeros; `address` is that of the first byte."""
    for start, piece in _pieces(data, address):
        if piece.count(0) != len(piece):
            yield Page(start, piece)


def changed_pages(before: bytes, data: bytes, address: int = 0) -> Iterator[Page]:
    """The pages that differ. What a memory did not have yet counts as the zeros it began as."""
    for start, piece in _pieces(data, address):
        offset = start - address
        old = before[offset : offset + len(piece)]
        if piece != old:
            old = old.ljust(len(piece), b"\0")
            if piece != old:
                yield Page(start, piece, old)


def texts(data: bytes, least: int, address: int = 0) -> Iterator[Text]:
    """Runs of at least so many printable ASCII characters (tabs among them)."""
    for found in re.finditer(rb"[\x20-\x7e\t]{%d,}" % least, data):
        yield Text(address + found.start(), found[0].decode("ascii"))


def _pieces(data: bytes, address: int) -> Iterator[tuple[int, bytes]]:
    """The data cut at the ends of pages."""
    start, end = address, address + len(data)
    while start < end:
        stop = min((start // PAGE + 1) * PAGE, end)
        yield start, data[start - address : stop - address]
        start = stop
