"""The searcher finds the passage that answers, and quotes it to the letter."""

from __future__ import annotations

import json
from pydoc_data.topics import topics

import pytest

from tests.guests.stock_world import StockWorld, fault, loaded

SHARDS = 4


@pytest.fixture(scope="module")
def component():
    return loaded("std/searcher/searcher.wasm")


@pytest.fixture
def shard(component):
    world = StockWorld(component)
    assert world.init() is None
    return world


@pytest.fixture(scope="module")
def reference(component):
    """The language reference, spread over shards as the demonstration does."""
    shards = [StockWorld(component) for _ in range(SHARDS)]
    for shard in shards:
        shard.init()
    for number, (name, text) in enumerate(sorted(topics.items())):
        title = text.partition("\n")[0]
        assert shards[number % SHARDS].handle("index", f"{name}\t{title}\n{text}") is None
    return shards


def search(shard, query):
    shard.calls.clear()
    shard.store.set_fuel(100_000_000)
    assert shard.handle("search", query, request=7) is None
    ((name, reply),) = shard.calls
    assert name == "reply"
    return json.loads(reply)


def search_all(shards, query):
    hits = [hit for shard in shards for hit in search(shard, query)]
    return sorted(hits, key=lambda hit: (-hit["score"], hit["doc"], hit["passage"]))


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("How do I write a lambda?", {"lambda"}),
        ("How does `global` work?", {"global"}),
        ("What does yield from do?", {"yield"}),
        ("operator precedence", {"operator-summary"}),
        ("how are default parameter values evaluated", {"function", "compound"}),
    ],
)
def test_the_best_passage_is_of_the_right_document(reference, question, documents):
    assert search_all(reference, question)[0]["doc"] in documents


def test_the_question_of_the_demonstration_finds_its_answer(reference):
    question = "What does the with statement do when an exception is raised in its body?"
    best = search_all(reference, question)[:4]
    assert any("__exit__" in hit["text"] and "suppressed" in hit["text"] for hit in best)


def test_every_passage_is_a_piece_of_its_document(reference):
    for query in ("exception", "class attribute", "string literal formatting", "`is` and `==`"):
        hits = search_all(reference, query)
        assert hits
        for hit in hits:
            assert hit["text"] in topics[hit["doc"]]
            assert hit["text"].strip("\n") == hit["text"]


def test_the_same_query_gives_the_same_bytes(reference, component):
    again = StockWorld(component)
    again.init()
    again.state = dict(reference[0].state)
    search(again, "exception handling")
    search(reference[0], "exception handling")
    assert again.calls == reference[0].calls


def test_a_document_of_the_same_name_takes_the_old_ones_place(shard):
    shard.handle("index", "d\tT\nabout apples")
    shard.handle("index", "d\tT\nabout pears")
    assert search(shard, "apples") == []
    assert search(shard, "pear")[0]["text"] == "about pears"


def test_a_document_may_come_in_pieces(shard):
    shard.handle("index", "d\tT\nfirst ")
    shard.handle("index-more", "d\tT\nsecond")
    (hit,) = search(shard, "second")
    assert (hit["doc"], hit["title"], hit["passage"], hit["text"]) == ("d", "T", 1, "first second")


def test_any_text_survives_as_json(shard):
    text = 'tab\t quote" back\\ bell\x07 café \U0001f40d end'
    shard.handle("index", f'n"\tT\\\n{text}')
    (hit,) = search(shard, "bell")
    assert (hit["doc"], hit["title"], hit["text"]) == ('n"', "T\\", text)


@pytest.mark.parametrize("query", ["", "the of and", "zebra", "\n\n", "когда"])
def test_nothing_found_is_an_empty_list(shard, query):
    shard.handle("index", "d\tT\n\n\n")
    shard.handle("index", "e\tT\nabout apples")
    assert search(shard, query) == []


def test_forms_of_a_word_are_one(shard):
    shard.handle("index", "d\tT\nStopped classes, raising exceptions.")
    for query in ("stop", "stopping", "class", "raise", "raised", "EXCEPTION"):
        assert len(search(shard, query)) == 1, query


def test_no_more_than_eight_passages_are_returned(shard):
    shard.handle("index", "d\tT\n" + "\n\n".join("apple " * 50 for _ in range(30)))
    assert len(search(shard, "apple")) == 8


@pytest.mark.parametrize("body", ["", "no tab", "\tno name\ntext", "name\tno newline", b"d\tT\nx"])
def test_what_is_no_document_is_refused(shard, body):
    assert shard.handle("index", body) == "bad-document"
    assert shard.state == {}


def test_a_refusal_by_the_host_is_passed_on(shard):
    shard.answers["reply"] = fault("no-request")
    assert shard.handle("search", "x") == "no-request"


def test_other_topics_are_of_no_concern(shard):
    assert shard.handle("noise", "x") is None
    assert shard.calls == []
