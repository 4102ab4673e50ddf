"""Rankings are those of the formulas, and equal ones have an order."""

from __future__ import annotations

import math
import random
import re

import pytest

from tests.std.bits import dot, f32
from tests.std.held import Held, Refused
from tests.std.texts import real_texts

NEAR = 1e-12


@pytest.fixture(scope="module")
def ranker():
    made = Held("ranker")
    yield made
    made.close()


def bm25(query, texts, k1, b):
    """Okapi's BM25, as it is in books."""
    words = [re.findall(r"[a-z0-9]+", text.lower()) for text in texts]
    asked = dict.fromkeys(re.findall(r"[a-z0-9]+", query.lower()))
    with_it = {word: sum(word in own for own in words) for word in asked}
    usual = sum(map(len, words)) / len(words)
    scores = []
    for own in words:
        score = 0.0
        for word in asked:
            rarity = math.log(1 + (len(words) - with_it[word] + 0.5) / (with_it[word] + 0.5))
            found, slow = own.count(word), k1 * (1 - b + b * len(own) / usual)
            score += rarity * found * (k1 + 1) / (found + slow) if found else 0.0
        scores.append(score)
    return scores


@pytest.mark.parametrize("weights", [None, (0.9, 0.4), (0.0, 1.0), (2.0, 0.0)])
def test_scores_by_words_are_those_of_the_formula(ranker, weights):
    texts = [
        text.encode("ascii", "ignore").decode().replace("_", " ") for text in real_texts()[:300]
    ]
    for query in ("the with statement and an exception", "lambda lambda", "yield from 3", "zebra"):
        scores = bm25(query, texts, *(weights or (1.2, 0.75)))
        expected = sorted(
            ((i, score) for i, score in enumerate(scores) if score), key=lambda it: (-it[1], it[0])
        )
        found = ranker.call("by-words", query, texts, weights)
        assert [it[0] for it in found[:20]] == [it[0] for it in expected[:20]]
        assert len(found) == len(expected)
        for (_, got), (_, want) in zip(found, expected, strict=True):
            assert got == pytest.approx(want, rel=NEAR)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("naive arger", "NA\u00cfVE \u00c4rger"),
        ("\u03ac\u03c3\u03bf\u03c2", "\u0391\u03a3\u039f\u03c2"),
        ("\u6587", "\u4e2d\u6587\u5b57"),
        ("\u30e0", "\u30b3\u30fc\u30d2\u30e0"),
        ("\u0441\u043b\u043e\u0432\u043e", "\u0421\u041b\u041e\u0412\u041e!"),
        ("42", "x=42;"),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_script(ranker, query, text):
    assert [it[0] for it in ranker.call("by-words", query, ["other", text], None)] == [1]


def nearness(metric, left, right):
    if metric == "euclidean":
        return -sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
    product = math.fsum(a * b for a, b in zip(left, right, strict=True))
    lengths = math.hypot(*left) * math.hypot(*right)
    return product if metric == "dot" else product / lengths if lengths else 0.0


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("size", [1, 3, 16, 50])
def test_the_nearest_vectors_are_found(ranker, metric, size):
    draw = random.Random(size)
    vectors = [[draw.gauss(0, 1) for _ in range(size)] for _ in range(40)]
    query = vectors.pop()
    order = sorted(range(len(vectors)), key=lambda i: -nearness(metric, query, vectors[i]))
    found = ranker.call("nearest", query, vectors, metric, 5)
    if size > 1 or metric != "cosine":
        assert [it[0] for it in found] == order[:5]
    for index, score in found:
        assert score == pytest.approx(nearness(metric, query, vectors[index]), abs=1e-5, rel=1e-5)


def test_a_score_has_the_bits_that_its_definition_gives(ranker):
    draw = random.Random(5)
    query, *vectors = [[f32(draw.gauss(0, 1)) for _ in range(50)] for _ in range(41)]
    found = dict(ranker.call("nearest", query, vectors, "dot", 40))
    assert found == {i: dot(query, vector) for i, vector in enumerate(vectors)}


def test_equally_near_vectors_come_in_their_order(ranker):
    found = ranker.call("nearest", [1.0, 0.0], [[2.0, 0.0]] * 9, "cosine", 4)
    assert [it[0] for it in found] == [0, 1, 2, 3]
    assert ranker.call("nearest", [], [[], []], "dot", 9) == [(0, 0.0), (1, 0.0)]


def test_numbers_whose_squares_are_none_keep_their_directions(ranker):
    found = ranker.call("nearest", [1e30, 0.0], [[1e-30, 1e-30], [3e38, 0.0]], "cosine", 2)
    assert [it[0] for it in found] == [1, 0]
    assert found[1][1] == pytest.approx(math.sqrt(0.5), abs=1e-6)


def test_ranks_are_fused_by_their_reciprocals(ranker):
    found = dict(ranker.call("fuse-ranks", [["a", "b", "c"], ["c", "a"]], None))
    assert found == {"a": 1 / 61 + 1 / 62, "c": 1 / 63 + 1 / 61, "b": 1 / 62}
    ties = ranker.call("fuse-ranks", [["b"], ["a"], ["\u00e9"]], 0.0)
    assert ties == [("a", 1.0), ("b", 1.0), ("\u00e9", 1.0)]


def test_scores_are_fused_with_weights_after_they_were_made_alike(ranker):
    rankings = [(1.0, [("a", 30.0), ("b", 10.0), ("c", 20.0)]), (0.5, [("b", -1.0), ("d", -2.0)])]
    found = ranker.call("fuse-scores", rankings)
    assert found == [("a", 1.0), ("b", 0.5), ("c", 0.5), ("d", 0.0)]
    assert ranker.call("fuse-scores", [(2.0, [("only", 7.0)])]) == [("only", 2.0)]


def relevance(query, vectors, count, balance):
    """Maximal marginal relevance, as it is in the paper."""
    chosen = []
    while len(chosen) < count:
        left = [i for i in range(len(vectors)) if i not in chosen]

        def score(i):
            like = [nearness("cosine", vectors[i], vectors[k]) for k in chosen]
            near = nearness("cosine", query, vectors[i])
            return balance * near - (1 - balance) * max(like, default=0.0)

        chosen.append(max(left, key=score))
    return chosen


@pytest.mark.parametrize("balance", [1.0, 0.7, 0.2])
def test_what_is_diversified_is_that_of_maximal_marginal_relevance(ranker, balance):
    draw = random.Random(3)
    query, *vectors = [[draw.gauss(0, 1) for _ in range(8)] for _ in range(30)]
    found = ranker.call("diversify", query, vectors, 10, balance)
    assert [it[0] for it in found] == relevance(query, vectors, 10, balance)


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("nearest", [1.0], [[1.0, 2.0]], "dot", 1), "dimensions"),
        (("nearest", [NAN], [], "dot", 1), "bad-number"),
        (("nearest", [1.0], [[INFINITE]], "cosine", 1), "bad-number"),
        (("diversify", [1.0], [[NAN]], 1, 0.5), "bad-number"),
        (("diversify", [1.0], [[1.0]], 1, 1.5), "bad-number"),
        (("diversify", [1.0], [[1.0]], 1, NAN), "bad-number"),
        (("by-words", "a", ["a"], (-1.0, 0.5)), "bad-number"),
        (("by-words", "a", ["a"], (1.0, NAN)), "bad-number"),
        (("fuse-ranks", [["a"]], -1.0), "bad-number"),
        (("fuse-scores", [(NAN, [("a", 1.0)])]), "bad-number"),
        (("fuse-scores", [(1.0, [("a", INFINITE)])]), "bad-number"),
    ],
)
def test_numbers_that_are_none_are_refused(ranker, call, code):
    with pytest.raises(Refused) as refused:
        ranker.call(*call)
    assert refused.value.code == code


def test_nothing_is_ranked_where_there_is_nothing(ranker):
    assert ranker.call("by-words", "", [], None) == []
    assert ranker.call("nearest", [1.0], [], "dot", 3) == []
    assert ranker.call("fuse-ranks", [], None) == []
    assert ranker.call("fuse-scores", [(1.0, [])]) == []
    assert ranker.call("diversify", [1.0], [], 3, 0.5) == []
