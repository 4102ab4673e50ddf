"""Memories on a terminal: what was asked for, and no byte of a guest that it obeys."""

from __future__ import annotations

import io
import json

import pytest

from wasm_engine.cli.console import Console
from wasm_engine.cli.main import main
from wasm_engine.cli.memory_view import show_memory, write_memory
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.memory import Region, rows


def _shown(found, against=None):
    out = io.StringIO()
    show_memory(Console(out, io.StringIO(), json=False), tuple(found), against)
    return out.getvalue().splitlines()


def _memory(size, **at):
    memory = bytearray(size)
    for address, data in at.items():
        start = int(address.removeprefix("at"), 16)
        memory[start : start + len(data)] = data
    return bytes(memory)


NOW = _memory(0x3000, at1010=b"\x1b[2J greetings", at2000=b"same")
THEN = _memory(0x2000, at1010=b"before", at2000=b"")


def test_a_memory_is_dumped():
    first, *lines = _shown(rows("a", [NOW], None, None, None))
    assert first.startswith("  a  memory 0: 12,288 bytes, 2 of 3 pages in use, sha256 ")
    assert lines[2] == (
        "    00001010  1b 5b 32 4a 20 67 72 65  65 74 69 6e 67 73 00 00  |.[2J greetings..|"
    )
    assert [line[4:12] for line in lines] == [
        "00000000", "*", "00001010", "00001020", "*", "00002000", "00002010", "*", "00003000",
    ]  # fmt: skip


def test_a_part_is_dumped_at_its_addresses():
    found = rows("a", [NOW, b"other"], None, Region(0, 0x1014, 10), None)
    assert _shown(found)[1:] == [
        "    00001014  20 67 72 65 65 74 69 6e  67 73                    | greetings|",
        "    0000101e",
    ]


def test_differences_are_told_page_by_page():
    first, *lines = _shown(rows("a", [NOW], [THEN], None, None), against=3)
    assert first == (
        "  a  memory 0: 12,288 bytes (8,192 at step 3), 2 of 3 pages differ from step 3"
    )
    assert [line[4:18] for line in lines if "page" in line] == ["page 00001000:", "page 00002000:"]
    assert "    - 00001010  62 65 66 6f 72 65" in lines[1]


def test_texts_are_listed_with_their_addresses():
    assert _shown(rows("a", [NOW], None, None, 5))[1:] == ["    00001011  [2J greetings"]


def test_where_nobody_has_memory_that_is_said():
    assert _shown([]) == ["  no agent has memory then: none waits, and none lives between messages"]


def test_bytes_go_into_a_new_file(tmp_path):
    file = tmp_path / "memory.bin"
    assert write_memory(file, tuple(rows("a", [NOW], None, Region(0, 0x1015, 9), None))) == 9
    assert file.read_bytes() == b"greetings"
    with pytest.raises(FileExistsError):
        write_memory(file, tuple(rows("a", [NOW], None, None, None)))
    with pytest.raises(Misuse, match="2 memories"):
        write_memory(tmp_path / "two.bin", tuple(rows("a", [NOW, NOW], None, None, None)))


def test_a_part_that_is_not_there_is_refused():
    for region, message in (
        (Region(1), "has no memory 1; the last one is 0"),
        (Region(0, 0x3001, 0), "ends at 0x3000"),
        (Region(0, 0x2000, 0x1001), "is not in it"),
    ):
        with pytest.raises(Misuse, match=message):
            rows("a", [NOW], None, region, None)


def test_as_json_a_memory_is_its_pages():
    (row,) = rows("a", [NOW], [THEN], None, None)
    value = row.as_json()
    assert [page["address"] for page in value["pages"]] == [0x1000, 0x2000]
    assert bytes.fromhex(value["pages"][0]["before"]) == THEN[0x1000:0x2000]
    assert bytes.fromhex(value["pages"][1]["before"]) == bytes(0x1000)
    assert (value["size"], value["size_before"], value["strings"]) == (0x3000, 0x2000, None)
    (row,) = rows("a", [NOW], None, None, 4)
    assert row.as_json()["strings"] == [
        {"address": 0x1011, "text": "[2J greetings"},
        {"address": 0x2000, "text": "same"},
    ]
    (row,) = rows("a", [NOW], None, Region(0, 0x1FFE, 4), None)
    assert row.as_json()["pages"] == [{"address": 0x2000, "hex": b"sa".hex()}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--against", "3"], "--against wants --memory, too"),
        (["--memory", "--strings", "6"], "--strings wants --agent, too"),
        (["--memory", "--agent", "a", "--strings", "6", "--against", "1"], "exclude each other"),
        (["--memory", "--agent", "a", "--out", "f", "--against", "1"], "exclude each other"),
        (["--memory", "--agent", "a", "--range", "x"], "ADDRESS:LENGTH"),
        (["--memory", "--agent", "a", "--against", "23"], "no step 23"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_message(kept, capsys, words, message):
    assert main(["inspect", str(kept), *words, "--json"]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert json.loads(out)["exit"] == 2
