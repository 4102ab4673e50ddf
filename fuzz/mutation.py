"""Input that nobody wrote: bytes changed, pieces moved, words and values put in others' places."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from fuzz import plain_values

EDGES = [
    (sign * (1 << bits) + by) & ((1 << 64) - 1)
    for bits in (0, 7, 8, 15, 16, 31, 32, 53, 63, 64)
    for by in (-1, 0, 1)
    for sign in (1, -1)
]
"""Whole numbers at which something is often otherwise."""
_TOKEN = re.compile(
    rb'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_.+-]+|[ \t]+|[^\sA-Za-z0-9_]|\n', re.DOTALL
)
_TEXTS = (
    b'""', b'"\\u0000"', b'"\\ud800"', b'"/"', b'"*"', b'".."', b"-1", b"0", b"1e999", b"nan",
    b"inf",
    b"9223372036854775808", b"18446744073709551616", b"1" * 5000, b"true", b"null", b"[]", b"{}",
    b"[[]]", b"{a = 1}", b'{"a": 1}', b"2025-01-01", b"0001-01-01T00:00:00+23:59", b"\r", b"\xff",
    b"\xed\xa0\x80", b"\x00", b"#", b"//", b"\\", b'"', b"'", b'"""', "\u202e\U0001f600".encode(),
)  # fmt: skip
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"[[", b"]]"))
_DEPTHS = (3, 30, 300, 3000)

Step = Callable[[bytes, Sequence[bytes], random.Random], bytes]
"""Input, all that is known to be of use, and what decides; answers other input."""


def mutated(
    data: bytes,
    corpus: Sequence[bytes],
    forms: Sequence[str],
    words: Sequence[bytes],
    rng: random.Random,
    most: int,
) -> bytes:
    """One to five steps away from what it was.

    Args:
        data: Where to begin.
        corpus: From which pieces are taken.
        forms: See `Target`.
        words: See `Target`.
        rng: What decides.
        most: Bytes of what is answered.
    """
    steps = list(_BYTES)
    if "text" in forms:
        steps = [*_words(words), *_words(words), *_BYTES]
    if "msgpack" in forms and rng.random() < 0.9:
        steps = [_value]
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        data = rng.choice(steps)(data, corpus, rng)[:most]
    return data


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randint(0, len(data))


def _flip(data: bytes, _corpus: Sequence[bytes], rng: random.Random) -> bytes:
    if not data:
        return b"\0"
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _byte(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = _place(data, rng)
    return (
        data[:at]
        + bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))])
        + data[at + 1 :]
    )


def _number(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """A number at an edge, in either order of bytes, over what stood there."""
    at, size = _place(data, rng), rng.choice((1, 2, 4, 8))
    number = rng.choice(EDGES) & ((1 << 8 * size) - 1)
    return data[:at] + number.to_bytes(size, rng.choice(("little", "big"))) + data[at + size :]


def _cut(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def _without(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 8, 64)) :]


def _repeated(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = _place(data, rng)
    piece = data[at : at + rng.choice((1, 4, 16, 64))]
    return data[:at] + piece * rng.choice((1, 1, 2, 100)) + data[at:]


def _spliced(data: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(corpus)
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _inserted(data: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(corpus)
    start, at = _place(other, rng), _place(data, rng)
    return data[:at] + other[start : start + rng.choice((1, 4, 16, 64, 256))] + data[at:]


_BYTES: tuple[Step, ...] = (
    _flip, _byte, _number, _cut, _without, _repeated, _spliced, _inserted,
)  # fmt: skip


def _words(words: Sequence[bytes]) -> list[Step]:
    """Steps on text, which know what stands in it."""
    known = (*_TEXTS, *words)

    def other(data: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
        tokens = _TOKEN.findall(data) or [b""]
        at = rng.randrange(len(tokens))
        pool = tokens if rng.random() < 0.3 else _TOKEN.findall(rng.choice(corpus))
        put = rng.choice(known) if rng.random() < 0.5 or not pool else rng.choice(pool)
        tokens[at : at + rng.randrange(2)] = [put]
        return b"".join(tokens)

    def moved(data: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
        lines = data.split(b"\n")
        at, others = rng.randrange(len(lines)), rng.choice(corpus).split(b"\n")
        match rng.randrange(4):
            case 0:
                lines.insert(at, rng.choice(others))
            case 1:
                lines[at] = rng.choice(others)
            case 2:
                del lines[at]
            case _:
                lines.insert(rng.randrange(len(lines)), lines[at])
        return b"\n".join(lines)

    def nested(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
        tokens = _TOKEN.findall(data) or [b""]
        at, depth = rng.randrange(len(tokens)), rng.choice(_DEPTHS)
        begin, end = rng.choice(_BRACKETS)
        if words and rng.random() < 0.4:
            begin, end = rng.choice((*words, begin)) + b" ", b""
        tokens[at] = begin * depth + tokens[at] + end * rng.choice((depth, depth, 0))
        return b"".join(tokens)

    return [other, other, moved, nested]


def _value(data: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """Canonical bytes with a value in them replaced, moved or taken out; noise is left as it is."""
    value = plain_values.read(data)
    if value is None:
        return _flip(data, corpus, rng)
    other = plain_values.read(rng.choice(corpus))
    return plain_values.written(plain_values.changed(value, other, rng))
