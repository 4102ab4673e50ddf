"""Texts are split where it is said, and each piece says where it is from."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.std import vocabularies
from tests.std.held import Held, Refused
from tests.std.texts import mixed_texts, real_texts

UNITS = ("characters", "tokens", "sentences", "paragraphs", "headings")
PAGE = """intro

# One

First sentence. Second one! "A third?" \u7b2c\u4e00\u3002\u7b2c\u4e8c\u3002

A paragraph
of two lines.

## Two
text
```
# no heading
```
# Three
"""


@pytest.fixture(scope="module")
def splitter():
    files = {"t": vocabularies.byte_pairs().to_str().encode()}
    made = Held("splitter", {"tokenizer": "/model/t"}, files)
    yield made
    made.close()


def split(splitter, text, unit, size, overlap=0):
    return splitter.call("split", text, (unit, size, overlap))


@pytest.mark.parametrize("unit", UNITS)
def test_every_piece_is_a_part_of_the_text_and_no_longer_than_said(splitter, unit):
    for text in [*mixed_texts(60, seed=5), *real_texts()[:60], "", " \n\n ", "x" * 900]:
        pieces = split(splitter, text, unit, 80, 20)
        for start, end, _, piece in pieces:
            assert text[start:end] == piece
            assert unit == "tokens" or 0 < end - start <= 80
        starts = [it[0] for it in pieces]
        assert starts == sorted(starts)
        between = "".join(text[end:start] for (_, end, _, _), (start, *_) in pairwise(pieces))
        assert not between.strip() or unit == "tokens"


def test_sentences_are_not_cut(splitter):
    pieces = [it[3] for it in split(splitter, PAGE, "sentences", 20)]
    assert '"A third?" \u7b2c\u4e00\u3002\u7b2c\u4e8c\u3002' in pieces
    assert "First sentence." in pieces


def test_paragraphs_stay_whole_where_they_fit(splitter):
    pieces = [it[3] for it in split(splitter, PAGE, "paragraphs", 60)]
    assert any(it.endswith("A paragraph\nof two lines.") for it in pieces)


def test_sections_have_their_headings_and_code_has_none(splitter):
    pieces = split(splitter, PAGE, "headings", 1000)
    assert [it[2] for it in pieces] == ["", "One", "Two", "Three"]
    assert pieces[2][3] == "## Two\ntext\n```\n# no heading\n```"


def test_a_piece_begins_with_the_end_of_the_one_before(splitter):
    first, second, *_ = split(splitter, "One. Two. Three. Four.", "sentences", 15, 5)
    assert (first[3], second[3]) == ("One. Two.", "Two. Three.")


def test_pieces_of_tokens_have_as_many_as_said(splitter):
    text = " ".join(real_texts()[:9])
    tokens = vocabularies.byte_pairs().encode(text).offsets
    pieces = split(splitter, text, "tokens", 10, 3)
    assert [it[:2] for it in pieces[:2]] == [
        (tokens[0][0], tokens[9][1]),
        (tokens[7][0], tokens[16][1]),
    ]


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (5, 5), (1, 4_294_967_295)])
def test_a_plan_that_cannot_be_followed_is_refused(splitter, size, overlap):
    with pytest.raises(Refused) as refused:
        split(splitter, "a b c", "sentences", size, overlap)
    assert refused.value.code == "bad-plan"


def test_only_pieces_of_tokens_need_a_tokenizer():
    plain = Held("splitter")
    assert split(plain, "a b", "characters", 2) == [(0, 2, "", "a "), (2, 3, "", "b")]
    with pytest.raises(Refused) as refused:
        split(plain, "a b", "tokens", 2)
    assert refused.value.code == "no-tokenizer"
