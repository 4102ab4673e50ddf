"""The retriever finds passages, says where they are from, and loses none of them."""

from __future__ import annotations

import json
import math
import random
import struct

import pytest

from tests.std import vocabularies
from tests.std.kept import Kept
from wasm_engine.toolchain.tables import lexical_rows, table

GRAPH = {"vectors": {"search": "graph", "links": 8, "build": 60, "breadth": 60}}
FRUIT = {
    "apples": "Apples are red.\n\nPears are green, na\u00efve \u00c4rger.",
    "bananas": "Bananas are yellow.",
    "cherries": "Cherries are red, and small.",
}


@pytest.fixture
def fruit():
    made = Kept()
    for name, text in FRUIT.items():
        made.ask("add", {"id": name, "title": name.title(), "text": text})
    yield made
    made.close()


def found(kept, **asked):
    return [hit["doc"] for hit in kept.ask("search", asked)]


def code_of(answer):
    return answer["error"]["code"]


def test_a_passage_comes_with_its_source(fruit):
    (hit,) = fruit.ask("search", {"query": "arger"})
    assert (hit["doc"], hit["title"], hit["passage"]) == ("apples", "Apples", 0)
    assert FRUIT["apples"][hit["start"] : hit["end"]] == hit["text"]
    assert found(fruit, query="red") == ["cherries", "apples"]


def test_long_documents_are_split_and_positions_count_characters():
    kept = Kept({"split": {"by": "sentences", "size": 30, "overlap": 0}})
    text = "\U0001f34e\u00e9 first one. Second sentence here. \u4e2d\u6587 third."
    kept.ask("add", {"id": "a", "text": text})
    for query in ("first", "second", "third"):
        (hit,) = kept.ask("search", {"query": query})
        assert text[hit["start"] : hit["end"]] == hit["text"]
        assert query in hit["text"].lower()


def test_a_document_takes_the_place_of_one_of_its_id_and_may_be_removed(fruit):
    assert fruit.ask("add", {"id": "apples", "text": "nothing of the kind"})["documents"] == 3
    assert found(fruit, query="pears") == []
    assert fruit.ask("remove", {"id": "cherries"})["documents"] == 2
    assert found(fruit, query="red") == []
    assert code_of(fruit.ask("remove", {"id": "cherries"})) == "no-such-document"
    assert sorted(fruit.state) == ["doc/apples", "doc/bananas"]


def test_equal_passages_come_in_the_order_of_their_ids_however_they_were_added():
    names = [f"d{number}" for number in range(20)]
    for seed in range(3):
        random.Random(seed).shuffle(names)
        kept = Kept()
        for name in names:
            kept.ask("add", {"id": name, "text": "the same words", "vectors": [[1, 2]]})
        kept.ask("remove", {"id": names[3]})
        kept.ask("add", {"id": names[3], "text": "the same words", "vectors": [[1, 2]]})
        asked = {"query": "same", "vector": [1, 2], "count": 5}
        for by in ("words", "vector", "both"):
            assert found(kept, by=by, **asked) == sorted(names)[:5]
        kept.close()


@pytest.mark.parametrize("config", [{}, GRAPH])
def test_what_comes_and_goes_between_searches_is_found_and_is_not(config):
    kept = Kept(config)
    for name, row in (("b", [1, 0]), ("c", [0.9, 0.1]), ("a", [0.8, 0.2])):
        kept.ask("add", {"id": name, "text": f"same {name}", "vectors": [row]})
        assert name in found(kept, query="same")
        assert name in found(kept, vector=[1, 0], by="vector")
    kept.ask("remove", {"id": "b"})
    assert found(kept, query="same") == ["a", "c"]
    assert found(kept, vector=[1, 0], by="vector") == ["c", "a"]
    kept.ask("add", {"id": "b", "text": "same b", "vectors": [[1, 0]]})
    assert found(kept, vector=[1, 0], by="vector") == ["b", "c", "a"]
    kept.close()


def vectors(count, size, seed=0):
    draw = random.Random(seed)
    return [[round(draw.gauss(0, 1), 3) for _ in range(size)] for _ in range(count)]


def filled(config, rows):
    kept = Kept(config)
    for number, row in enumerate(rows):
        body = {"id": f"d{number:04}", "text": f"number {number}", "vectors": [row]}
        assert "error" not in kept.ask("add", body)
    return kept


def cosine(left, right):
    product = sum(a * b for a, b in zip(left, right, strict=True))
    return product / math.hypot(*left) / math.hypot(*right)


@pytest.fixture(scope="module")
def rows():
    return vectors(400, 16)


def best(rows, query, count):
    order = sorted(range(len(rows)), key=lambda i: -cosine(query, rows[i]))
    return [f"d{number:04}" for number in order[:count]]


def test_an_exact_search_finds_the_nearest(rows):
    kept = filled({}, rows)
    for query in vectors(10, 16, seed=1):
        assert found(kept, vector=query, by="vector", count=10) == best(rows, query, 10)
    kept.close()


def test_a_search_by_graph_finds_nearly_all_of_the_nearest(rows):
    kept, hits = filled(GRAPH, rows), 0
    for query in vectors(30, 16, seed=1):
        hits += len({*found(kept, vector=query, by="vector")} & {*best(rows, query, 8)})
    assert hits >= 0.95 * 30 * 8
    kept.close()


def test_what_was_removed_from_a_graph_is_found_no_more_and_the_rest_still_is(rows):
    kept = filled(GRAPH, rows)
    for number in range(300):
        kept.ask("remove", {"id": f"d{number:04}"})
    left, hits = rows[300:], 0
    for query in vectors(20, 16, seed=2):
        names = found(kept, vector=query, by="vector")
        assert all(int(name[1:]) >= 300 for name in names)
        wanted = {f"d{int(name[1:]) + 300:04}" for name in best(left, query, 8)}
        hits += len(wanted & {*names})
    assert hits >= 0.95 * 20 * 8
    assert kept.ask("count")["passages"] == 100
    kept.close()


@pytest.mark.parametrize("config", [{}, GRAPH])
def test_an_index_that_is_made_again_of_the_state_answers_the_same(rows, config):
    kept = filled(config, rows[:120])
    kept.ask("add", {"id": "d0007", "text": "other", "vectors": [rows[300]]})
    again = Kept(config, state=dict(kept.state))
    for query in vectors(5, 16, seed=3):
        asked = {"query": "number 7 other", "vector": query, "count": 20}
        assert again.ask("search", asked) == kept.ask("search", asked)
    assert again.ask("count") == kept.ask("count")
    kept.close()
    again.close()


def test_both_ways_are_fused_by_ranks():
    kept = filled({}, [[1, 0], [0, 1], [0.9, 0.1]])
    hits = kept.ask("search", {"query": "number 1", "vector": [1, 0]})
    assert [hit["doc"] for hit in hits] == ["d0000", "d0001", "d0002"]
    assert hits[0]["score"] == round(1 / 62 + 1 / 61, 6)
    assert "words" in hits[0]
    assert "vector" in hits[0]
    kept.close()


def test_hits_may_be_made_unlike_each_other():
    kept = filled({}, [[1, 0.01], [1, 0.02], [0.7, 0.7]])
    assert found(kept, vector=[1, 0], count=2) == ["d0000", "d0001"]
    assert found(kept, vector=[1, 0], count=2, diversify=0.4) == ["d0000", "d0002"]
    kept.close()


def test_the_table_gives_vectors_where_none_are_given():
    text = vocabularies.wordpiece().to_str()
    files = {"t": text.encode(), "w": table(lexical_rows(json.loads(text), 32), small=True)}
    kept = Kept({"tokenizer": "/model/t", "table": "/model/w"}, files)
    assert kept.begun is None
    kept.ask("add", {"id": "a", "text": "raising exceptions"})
    kept.ask("add", {"id": "b", "text": "a list of numbers"})
    assert kept.ask("count")["vectors"] == 2
    assert found(kept, query="exception raised", by="vector")[0] == "a"
    kept.close()


def exported(kept):
    parts, after = [], ""
    while True:
        part = kept.ask("export", {"after": after})
        if part[12:16] == bytes(4):
            return parts
        parts.append(part)
        last = part[16:-8]
        while last:
            size = int.from_bytes(last[:4], "little")
            after, last = last[4 : 4 + size].decode(), last[4 + size :]
            last = last[4 + int.from_bytes(last[:4], "little") :]


def test_an_exported_index_is_the_same_in_another_agent(fruit, rows):
    source = filled(GRAPH, rows[:40])
    for name in ("e1", "e2"):
        source.ask("add", {"id": name, "text": f"{name} " + "long " * 100_000})
    parts = exported(source)
    assert len(parts) == 2
    other = Kept(GRAPH)
    for part in parts:
        other.ask("import", part)
    asked = {"query": "number 3 long", "vector": rows[50]}
    assert other.ask("search", asked) == source.ask("search", asked)
    other.close()
    source.close()


EXPORTED = (
    "57452d494e44455801000000010000000100000061370000000100000000000000010000000200000001000000"
    "54020000006f6b00000000020000000000000002000000010000000000803f00000040"
)


def test_the_format_of_an_index_stays_what_it_is():
    kept = Kept({"vectors": {"metric": "dot"}})
    kept.ask("add", {"id": "a", "title": "T", "text": "ok", "vectors": [[1, 2]]})
    data = kept.ask("export")
    assert data[:-8].hex() == EXPORTED
    again = Kept({"vectors": {"metric": "dot"}})
    assert again.ask("import", data)["vectors"] == 1


def sealed(data):
    """The bytes with the hash that belongs to them, as anybody can make it."""
    mask, value = (1 << 64) - 1, 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 & mask
    value = value + 0x9E3779B97F4A7C15 & mask
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return data + struct.pack("<Q", value ^ value >> 31)


def test_damaged_bytes_are_refused_and_change_nothing(fruit):
    source = Kept()
    source.ask("add", {"id": "a", "title": "T", "text": "caf\u00e9 ok", "vectors": [[1, 2]]})
    body = source.ask("export")[:-8]
    assert fruit.ask("import", sealed(body))["documents"] == 4
    before, draw = dict(fruit.state), random.Random(7)
    for size in range(len(body)):
        assert code_of(fruit.ask("import", sealed(body[:size]))) == "bad-index"
    refused = 0
    for _ in range(300):
        changed = bytearray(body)
        for _ in range(draw.randint(1, 3)):
            changed[draw.randrange(len(changed))] = draw.choice([0, 1, 0x7F, 0x80, 0xFF])
        answer = fruit.ask("import", sealed(bytes(changed)))
        refused += "error" in answer
        fruit.ask("search", {"query": "caf\u00e9 ok red", "vector": [1, 2]})
    assert refused > 150
    for name in ("doc/apples", "doc/bananas"):
        assert fruit.state[name] == before[name]
    assert code_of(fruit.ask("import", "text")) == "bad-index"
    assert code_of(fruit.ask("import", sealed(body).replace(b"ok", b"no"))) == "bad-index"


@pytest.mark.parametrize(
    ("topic", "body", "code"),
    [
        ("add", "no JSON", "bad-request"),
        ("add", "[]", "bad-request"),
        ("add", {"text": "no id"}, "bad-document"),
        ("add", {"id": "x" * 401, "text": "a"}, "bad-document"),
        ("add", {"id": "a", "text": "b", "vectors": [[1], [2]]}, "bad-vectors"),
        ("add", {"id": "a", "text": "b", "vectors": [[]]}, "bad-vectors"),
        ("add", {"id": "a", "text": "b", "vectors": [["1"]]}, "bad-vectors"),
        ("add", '{"id": "a", "text": "b", "vectors": [[1e400]]}', "bad-request"),
        ("add", '{"id": "a", "text": "b", "vectors": [[1e39]]}', "bad-vectors"),
        ("add", {"id": "a", "text": "b", "vectors": [[1, 2, 3]]}, "dimensions"),
        ("search", {"vector": [1, 2, 3]}, "dimensions"),
        ("search", {"vector": []}, "bad-vectors"),
        ("search", {"query": "a", "by": "magic"}, "bad-request"),
        ("search", {"query": "a", "count": 0}, "bad-request"),
        ("search", {"query": "a", "count": 101}, "bad-request"),
        ("search", {"query": "a", "diversify": 2}, "bad-request"),
        ("index", {"folder": "/none"}, "no-such-folder"),
        ("index", {"folder": ""}, "no-such-folder"),
        ("index", {}, "no-such-folder"),
        ("shout", {"a": 1}, "unknown-topic"),
    ],
)
def test_what_is_wrong_with_a_request_is_answered(topic, body, code):
    kept = filled({}, [[1, 2]])
    before = dict(kept.state)
    assert code_of(kept.ask(topic, body)) == code
    assert kept.state == before
    assert found(kept, query="number") == ["d0000"]
    kept.close()


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"split": {"by": "magic"}}, "bad-config"),
        ({"split": {"size": 10, "overlap": 10}}, "bad-config"),
        ({"split": {"by": "tokens"}}, "bad-config"),
        ({"words": {"b": 2}}, "bad-config"),
        ({"vectors": {"metric": "magic"}}, "bad-config"),
        ({"vectors": {"search": "magic"}}, "bad-config"),
        ({"vectors": {"links": 1}}, "bad-config"),
        ({"table": "/model/w"}, "bad-config"),
        ({"tokenizer": "/model/t"}, "no-such-file"),
    ],
)
def test_what_is_wrong_with_its_configuration_is_said_as_it_begins(config, code):
    kept = Kept(config)
    assert kept.begun[0] == code
    kept.close()


@pytest.mark.parametrize("factor", [1e5, 1e6, 1e7, 2e7, 3e7])
def test_a_large_score_is_told_as_it_is(factor):
    """Six places of a number of more than 2^64 millionths do not fit into 64 bits."""
    kept = Kept({"vectors": {"metric": "dot"}})
    kept.ask("add", {"id": "a", "text": "ok", "vectors": [[factor, 0]]})
    for way in (1, -1):
        (hit,) = kept.ask("search", {"vector": [way * factor, 0], "by": "vector"})
        assert hit["score"] == pytest.approx(way * factor**2, rel=1e-6)
    kept.close()


def test_an_imported_document_without_vectors_says_nothing_of_their_length():
    """It did, after the memory was lost: vectors were read that were longer than they are."""
    source = Kept()
    source.ask("add", {"id": "z", "text": "ok"})
    body = bytearray(source.ask("export")[:-8])
    at = body.index(b"z") + 1 + 4 + 12  # behind its id: size, version, number, count of passages
    assert body[at : at + 4] == bytes(4)
    body[at : at + 4] = (4096).to_bytes(4, "little")
    kept = Kept()
    kept.ask("import", sealed(bytes(body)))
    kept.ask("add", {"id": "a", "text": "ok", "vectors": [[1, 2]]})
    again = Kept(state=kept.state)
    for one in (kept, again):
        (hit,) = one.ask("search", {"vector": [1, 2], "by": "vector"})
        assert (hit["doc"], hit["score"]) == ("a", 1)
        one.close()
    source.close()
