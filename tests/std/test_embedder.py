"""A text's vector is the mean of its tokens', to the bit."""

from __future__ import annotations

import json
import math
import random
import struct

import pytest

from tests.std import vocabularies
from tests.std.bits import dot, f32
from tests.std.held import Held, Refused
from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.tables import (
    lexical_rows,
    main,
    read_npy,
    read_safetensors,
    table,
)

SIZE = 40


@pytest.fixture(scope="module")
def rows():
    draw = random.Random(2)
    count = vocabularies.wordpiece().get_vocab_size()
    some = [[f32(draw.gauss(0, 1)) for _ in range(SIZE)] for _ in range(97)]
    return [some[number % 97] for number in range(count)]


def embedder(data, **config):
    files = {"t": vocabularies.wordpiece().to_str().encode(), "w": data}
    given = {"tokenizer": "/model/t", "table": "/model/w"} | config
    return Held("embedder", given, files)


def mean(text, rows):
    """As the embedder's documentation has it: 32-bit numbers, one addition after another."""
    ids = vocabularies.wordpiece().encode(text, add_special_tokens=False).ids
    used = [rows[number] for number in ids if number != 1]
    sums = [0.0] * SIZE
    for row in used:
        sums = [f32(a + b) for a, b in zip(sums, row, strict=True)]
    sums = [f32(it / len(used)) for it in sums]
    length = f32(math.sqrt(dot(sums, sums)))
    return [f32(it / length) for it in sums]


def test_a_vector_has_the_bits_that_its_definition_gives(rows):
    ours = embedder(table(rows))
    texts = ["the with statement", "Exceptions, \u00e9l\u00e8ves, 42", "a"]
    assert ours.call("dimensions") == SIZE
    assert ours.call("embed", texts) == [mean(text, rows) for text in texts]
    assert ours.call("embed", ["", "\U00012345"]) == [[0.0] * SIZE] * 2


def test_a_small_table_gives_nearly_the_same_vectors(rows):
    large, small = embedder(table(rows)), embedder(table(rows, small=True))
    for text in ("the with statement", "a list of numbers"):
        (left,), (right,) = large.call("embed", [text]), small.call("embed", [text])
        assert math.fsum(a * b for a, b in zip(left, right, strict=True)) > 0.999


def test_spellings_that_are_alike_are_near():
    rows = lexical_rows(json.loads(vocabularies.wordpiece().to_str()), 32)
    ours = embedder(table(rows))
    a, b, c = ours.call("embed", ["raising exceptions", "raise an exception", "unicode text"])
    near = math.fsum(x * y for x, y in zip(a, b, strict=True))
    assert near > math.fsum(x * y for x, y in zip(a, c, strict=True)) + 0.1


GOLDEN = (
    "57452d5441424c450100000002000000030000000100000000000000000000000402813c7fc0000000000000"
    "00000000"
)


def test_the_format_of_a_table_stays_what_it_is():
    assert table([[2.0, -1.0, 0.0], [0.0, 0.0, 0.0]], small=True).hex() == GOLDEN
    assert table([[1.0, -2.0]])[32:] == struct.pack("<2f", 1, -2)


def damaged(rows):
    whole = table(rows)
    yield "no-such-file", None
    yield "bad-table", b""
    yield "bad-table", whole[:31]
    yield "bad-table", whole[:-1]
    yield "bad-table", whole + b"\0"
    yield "bad-table", b"we-table" + whole[8:]
    for at in (8, 20, 24, 28):
        yield "bad-table", whole[:at] + b"\x07" + whole[at + 1 :]
    for at in (12, 16):
        yield "bad-table", whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :]
        yield "bad-table", whole[:at] + bytes(4) + whole[at + 4 :]


def test_a_damaged_table_is_refused(rows):
    for code, data in damaged(rows):
        ours = embedder(b"x", table="/model/none") if data is None else embedder(data)
        with pytest.raises(Refused) as refused:
            ours.call("embed", ["the"])
        assert refused.value.code == code
        ours.close()


def test_a_row_that_is_no_numbers_is_refused_when_it_is_used(rows):
    whole = bytearray(table(rows))
    number = vocabularies.wordpiece().token_to_id("the")
    struct.pack_into("<f", whole, 32 + number * SIZE * 4, float("nan"))
    ours = embedder(bytes(whole))
    assert ours.call("embed", ["of"])
    with pytest.raises(Refused) as refused:
        ours.call("embed", ["the"])
    assert refused.value.code == "bad-table"


def npy(descr, shape, data):
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


def safetensors(**tensors):
    head, data = {}, b""
    for name, (kind, shape, part) in tensors.items():
        head[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data + part)]}
        data += part
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_tables_come_of_files_of_numbers(tmp_path):
    numbers = [0.5, -1.0, 2.0, 0.0, 1.5, 3.0]
    rows = [numbers[:3], numbers[3:]]
    for descr, code in (("<f2", "e"), ("<f4", "f"), ("<f8", "d")):
        found = read_npy(npy(descr, (2, 3), struct.pack(f"<6{code}", *numbers)))
        assert [list(row) for row in found] == rows
    found = read_safetensors(
        safetensors(
            embeddings=("F32", [2, 3], struct.pack("<6f", *numbers)),
            mapping=("I64", [3], struct.pack("<3q", 1, 0, 1)),
            weights=("F64", [3], struct.pack("<3d", 1, 2, 3)),
        )
    )
    assert [list(row) for row in found] == [[0.0, 1.5, 3.0], [1.0, -2.0, 4.0], [0.0, 4.5, 9.0]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY\x01\x00",
        npy("<f4", (2, 3), b"\0" * 23),
        npy(">f4", (1, 1), b"\0" * 4),
        npy("<f4", (6,), b"\0" * 24),
        npy("<f4", (0, 0), b""),
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"[[[[",
    ],
)
def test_files_that_are_no_numbers_are_refused(data):
    with pytest.raises(Misuse):
        read_npy(data)
    with pytest.raises(Misuse):
        read_safetensors(data)


@pytest.mark.parametrize(
    "rows", [[], [[]], [[1.0], [1.0, 2.0]], [[math.inf]], [[1e39]], [[0.0] * 4097]]
)
def test_rows_that_make_no_table_are_refused(rows):
    for small in (False, True):
        with pytest.raises(Misuse):
            table(rows, small=small)


@pytest.mark.parametrize(
    "tokenizer",
    [
        {},
        {"model": {"vocab": []}},
        {"model": {"vocab": {"a": 1 << 20}}},
        {"model": {"vocab": {"a": -1}}},
    ],
)
def test_a_vocabulary_that_is_none_is_refused(tokenizer):
    with pytest.raises(Misuse):
        lexical_rows(tokenizer)


def test_the_command_writes_a_table(tmp_path, monkeypatch, capsys):
    source, out = tmp_path / "t.json", tmp_path / "words.table"
    source.write_text(vocabularies.wordpiece().to_str())
    options = ["--lexical", str(source), "--dimensions", "8", "--out", str(out), "--small"]
    monkeypatch.setattr("sys.argv", ["tables", *options])
    assert main() == 0
    count = vocabularies.wordpiece().get_vocab_size()
    assert len(out.read_bytes()) == 32 + count * (4 + 8)
    monkeypatch.setattr("sys.argv", ["tables", str(source), "--out", str(out)])
    assert main() == 1
    assert "safetensors" in capsys.readouterr().err
