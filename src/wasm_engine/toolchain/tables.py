"""Makes tables for the standard embedder, of the vectors of a tokenizer's tokens.

    python -m wasm_engine.toolchain.tables model.safetensors --out words.table [--small]
    python -m wasm_engine.toolchain.tables vectors.npy --out words.table
    python -m wasm_engine.toolchain.tables --lexical tokenizer.json --out words.table

Version 1 of the format, little-endian: `WE-TABLE`, u32 version, rows, dimensions, kind (0: f32;
1: i8), two zeros; then the rows: f32 each; or an f32 scale, i8 each, and zeros up to a multiple of
four bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import EngineError, Misuse

MAGIC, VERSION = b"WE-TABLE", 1
MAX_ROWS, MAX_DIMENSIONS = 1 << 20, 4096
_HEAD = struct.Struct("<8s6I")
_NUMBERS = {"F16": ("e", 2), "F32": ("f", 4), "F64": ("d", 8), "I8": ("b", 1), "I32": ("i", 4),
            "I64": ("q", 8)}  # fmt: skip
_NPY = {"<f2": "F16", "<f4": "F32", "<f8": "F64", "|i1": "I8"}
_NPY_HEAD = re.compile(r"'descr': '([^']+)', 'fortran_order': False, 'shape': \((\d+), (\d+)\)")
_WRONG = (
    ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError,
    struct.error,
)  # fmt: skip
"""What comes of reading what is no such file."""
_LARGEST = (2 - 2**-23) * 2.0**127
_MARKS = "##", "\u0120", "\u2581"
"""What tokens have before them to say how they begin."""

Rows = Sequence[Sequence[float]]


def table(rows: Rows, *, small: bool = False) -> bytes:
    """The bytes of a table.

    Args:
        rows: The vector of each token, by the token's id.
        small: Whether a number takes a byte, to a 127th of the largest of its row.

    Raises:
        Misuse: There are no rows, too many, or they are not alike or not finite.
    """
    size = len(rows[0]) if rows else 0
    if not 0 < len(rows) <= MAX_ROWS or not 0 < size <= MAX_DIMENSIONS:
        raise Misuse(f"a table has 1 to {MAX_ROWS} rows of 1 to {MAX_DIMENSIONS} numbers")
    if any(len(row) != size for row in rows):
        raise Misuse("the rows of a table are equally long")
    parts = [_HEAD.pack(MAGIC, VERSION, len(rows), size, int(small), 0, 0)]
    for row in rows:
        if not all(abs(number) <= _LARGEST for number in row):
            raise Misuse("the numbers of a table are finite, and fit into 32 bits")
        parts.append(_small_row(row) if small else struct.pack(f"<{size}f", *row))
    return b"".join(parts)


def _small_row(row: Sequence[float]) -> bytes:
    scale = max(map(abs, row)) / 127
    small = [round(number / scale) if scale else 0 for number in row]
    padding = b"\0" * (-len(row) % 4)
    return struct.pack(f"<f{len(row)}b", scale, *small) + padding


def read_npy(data: bytes) -> Rows:
    """The rows of a NumPy file: two dimensions, little-endian, in C order.

    Raises:
        Misuse: It is none.
    """
    try:
        start = 10 if data[6] == 1 else 12
        end = start + int.from_bytes(data[8:start], "little")
        head = _NPY_HEAD.search(data[:end].decode("latin-1"))
        if data[:6] == b"\x93NUMPY" and head is not None and head[1] in _NPY:
            rows, size = int(head[2]), int(head[3])
            return _cut(_numbers(data[end:], _NPY[head[1]], rows * size), size)
    except _WRONG:
        pass
    raise Misuse("no NumPy file of two dimensions of floating point numbers in C order")


def read_safetensors(data: bytes) -> Rows:
    """The rows of static embeddings as Model2Vec keeps them.

    They are `embeddings`; where these are there, a `mapping` of tokens to rows, and `weights`.

    Raises:
        Misuse: It has none.
    """
    try:
        size = int.from_bytes(data[:8], "little")
        head: Mapping[str, Any] = json.loads(data[8 : 8 + size])
        found = {
            name: _tensor(data[8 + size :], about)
            for name, about in head.items()
            if name != "__metadata__"
        }
        shape, numbers = found.get("embeddings") or found["embedding.weight"]
        rows = _cut(numbers, shape[1])
        if "mapping" in found:
            rows = [rows[int(number)] for number in found["mapping"][1]]
        if "weights" in found:
            weights = found["weights"][1]
            pairs = zip(rows, weights, strict=True)
            rows = [[number * weight for number in row] for row, weight in pairs]
    except _WRONG:
        message = "no safetensors file with `embeddings`"
        raise Misuse(message) from None
    return rows


def _tensor(data: bytes, about: Mapping[str, Any]) -> tuple[list[int], Sequence[float]]:
    start, end = about["data_offsets"]
    shape = about["shape"]
    return shape, _numbers(data[start:end], about["dtype"], math.prod(shape))


def _numbers(data: bytes, kind: str, count: int) -> Sequence[float]:
    code, size = _NUMBERS[kind]
    if len(data) != count * size:
        raise ValueError
    if code == "e" or sys.byteorder == "big":
        return struct.unpack(f"<{count}{code}", data)
    return array(code, data)


def _cut(numbers: Sequence[float], size: int) -> Rows:
    if size < 1:
        raise ValueError
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def lexical_rows(tokenizer: Mapping[str, Any], dimensions: int = 128) -> Rows:
    """Vectors of a tokenizer's tokens out of how they are spelled: near where spellings are alike.

    No language is learned: `cat` is near `cats`, and not near `kitten`. Each group of three letters
    of a token stands for a direction, which its SHA-256 draws; a token has the sum of its groups'.

    Args:
        tokenizer: The content of a `tokenizer.json`.
        dimensions: Numbers of a vector.

    Raises:
        Misuse: There is no vocabulary.
    """
    try:
        vocabulary = {name: int(number) for name, number in tokenizer["model"]["vocab"].items()}
    except _WRONG:
        raise Misuse("no tokenizer.json with a vocabulary") from None
    if any(not 0 <= number < MAX_ROWS for number in vocabulary.values()):
        raise Misuse(f"the ids of a vocabulary are from 0 to {MAX_ROWS - 1}")
    rows: list[list[float]] = [
        [0.0] * dimensions for _ in range(max(vocabulary.values(), default=-1) + 1)
    ]
    directions: dict[str, list[int]] = {}
    for name, number in vocabulary.items():
        for group in _groups(name):
            if group not in directions:
                directions[group] = _direction(group, dimensions)
            rows[number] = [a + b for a, b in zip(rows[number], directions[group], strict=True)]
    return [_of_length_one(row) for row in rows]


def _groups(token: str) -> Iterator[str]:
    for mark in _MARKS:
        token = token.removeprefix(mark)
    word = f"<{token.lower()}>"
    yield word
    yield from (word[at : at + 3] for at in range(len(word) - 2))


def _direction(group: str, dimensions: int) -> list[int]:
    bits = b"".join(sha256(f"{number}:{group}".encode()) for number in range(-(-dimensions // 256)))
    return [1 if bits[at // 8] >> at % 8 & 1 else -1 for at in range(dimensions)]


def _of_length_one(row: list[float]) -> list[float]:
    length = math.sqrt(math.fsum(number * number for number in row))
    return [number / length for number in row] if length else row


def _rows_of(options: argparse.Namespace) -> Rows:
    if options.lexical is not None:
        try:
            content = json.loads(options.lexical.read_bytes())
        except ValueError:
            raise Misuse(f"{options.lexical}: no JSON") from None
        return lexical_rows(content, options.dimensions)
    if options.file is None:
        raise Misuse("a file with vectors is needed, or --lexical")
    data = options.file.read_bytes()
    return read_npy(data) if options.file.suffix == ".npy" else read_safetensors(data)


def main() -> int:
    """Makes the table that was asked for."""
    arguments = argparse.ArgumentParser(description="Make a table for the standard embedder.")
    arguments.add_argument("file", nargs="?", type=Path, help="a .safetensors or .npy file")
    arguments.add_argument("--lexical", type=Path, help="a tokenizer.json, for spellings alone")
    arguments.add_argument("--dimensions", type=int, default=128, help="of a lexical table")
    arguments.add_argument("--small", action="store_true", help="a byte for a number")
    arguments.add_argument("--out", type=Path, required=True, help="where the table goes")
    options = arguments.parse_args()
    try:
        options.out.write_bytes(table(_rows_of(options), small=options.small))
    except (EngineError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
