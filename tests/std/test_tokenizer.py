"""The standard tokenizer splits texts as the package `tokenizers` does."""

from __future__ import annotations

import json

import pytest
from tokenizers import AddedToken, Tokenizer

from tests.std import vocabularies
from tests.std.agreement import KINDS, differing, held
from tests.std.held import Held, Refused
from tests.std.texts import texts

FEWER = 300
"""`python -m tests.std.agreement 10000` compares as many as one likes."""
SAMPLES = {"WordPiece": 1000, "byte-level BPE": 1000}
NO_OPTIONS = None


@pytest.fixture(scope="module")
def words():
    made = held(vocabularies.wordpiece())
    yield made
    made.close()


@pytest.fixture(scope="module")
def pairs():
    made = held(vocabularies.byte_pairs())
    yield made
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_ids_tokens_offsets_and_decoded_texts_are_those_of_the_package(kind):
    tokenizer = KINDS[kind]()
    assert differing(tokenizer, held(tokenizer), texts(SAMPLES.get(kind, FEWER))) == []


def with_added(tokenizer: Tokenizer) -> Tokenizer:
    made = Tokenizer.from_str(tokenizer.to_str())
    made.add_tokens(
        [
            AddedToken("<left>", lstrip=True),
            AddedToken("<right>", rstrip=True),
            AddedToken("alone", single_word=True),
            AddedToken("Café", normalized=True),
            AddedToken("<le", normalized=False),
        ]
    )
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_added_tokens_are_found_as_the_package_finds_them(kind):
    tokenizer = with_added(KINDS[kind]())
    samples = [
        "a  <left> b <right>  c",
        "<left><left>  <right> <left>",
        "alone lonely alone2 _alone alone. alone",
        "CAFÉ café Cafe\u0301 cafés",
        "<le <left> <lef",
        "[CLS] x [SEP]<|endoftext|>  y",
    ]
    assert differing(tokenizer, held(tokenizer), samples) == []


def test_a_text_is_cut_to_a_length_with_what_belongs_around_it(words):
    tokenizer = Tokenizer.from_str(vocabularies.wordpiece().to_str())
    tokenizer.enable_truncation(7)
    text = "the quick brown fox jumps over the lazy dog"
    ids, _, _, attention = words.call("encode", text, (None, 7, None))
    assert ids == tokenizer.encode(text).ids
    assert attention == [1] * 7
    with pytest.raises(Refused) as refused:
        words.call("encode", text, (None, 1, None))
    assert refused.value.code == "too-short"


def test_a_bound_that_the_file_has_holds_unless_another_is_said(words):
    tokenizer = Tokenizer.from_str(vocabularies.wordpiece().to_str())
    tokenizer.enable_truncation(5)
    ours = held(tokenizer)
    text = "the quick brown fox jumps over the lazy dog"
    assert ours.call("encode", text, None)[0] == tokenizer.encode(text).ids
    assert len(ours.call("ids", [text], (None, 9, None))[0]) == 9


def test_a_text_is_filled_up_to_a_length_and_attention_says_with_what(words):
    ids, tokens, offsets, attention = words.call("encode", "the", (True, None, 6))
    assert (ids[:1], ids[2:], tokens[3:]) == ([2], [3, 0, 0, 0], ["[PAD]"] * 3)
    assert (attention, offsets[3:]) == ([1, 1, 1, 0, 0, 0], [(0, 0)] * 3)


def test_special_tokens_may_be_left_out(words):
    text = "the quick brown fox"
    plain = vocabularies.wordpiece().encode(text, add_special_tokens=False)
    assert words.call("encode", text, (False, None, None))[0] == plain.ids
    assert words.call("count", text) == len(plain.ids)


def test_many_texts_at_once_are_the_same_as_one_after_another(pairs):
    samples = texts(40)
    one_by_one = [pairs.call("encode", text, None) for text in samples]
    assert pairs.call("encode-all", samples, None) == one_by_one
    assert pairs.call("ids", samples, None) == [it[0] for it in one_by_one]


def test_half_a_character_is_decoded_as_the_package_decodes_it(pairs):
    tokenizer = vocabularies.byte_pairs()
    ids = tokenizer.encode("\U0001f468\u200d\U0001f469 \u4e2d\u6587 \u00e9").ids
    for start in range(len(ids)):
        for end in range(start, len(ids) + 1):
            part = ids[start:end]
            assert pairs.call("decode", part, True) == tokenizer.decode(part)


def changed(**parts: object) -> bytes:
    content = json.loads(vocabularies.byte_pairs().to_str())
    return json.dumps(content | parts).encode()


REFUSED = {
    "no JSON": (b"{", "bad-tokenizer"),
    "no model": (b"{}", "bad-tokenizer"),
    "no UTF-8": (b'{"model": {"type": "\xff"}}', "bad-tokenizer"),
    "too deep": (b"[" * 100_000, "bad-tokenizer"),
    "half a pair": (b'{"model": "\\ud800"}', "bad-tokenizer"),
    "an id beyond all": (b'{"model": {"vocab": {"a": 4294967295}}}', "bad-tokenizer"),
    "an id that is none": (b'{"model": {"vocab": {"a": -1}}}', "bad-tokenizer"),
    "no unknown token": (
        b'{"model": {"type": "WordPiece", "vocab": {}, "unk_token": "?"}}',
        "bad-tokenizer",
    ),
    "another model": (b'{"model": {"type": "Unigram", "vocab": {}}}', "unsupported"),
    "a merge of nothing": (
        b'{"model": {"type": "BPE", "vocab": {}, "merges": ["a b"]}}',
        "bad-tokenizer",
    ),
    "few bytes": (b'{"model": {"type": "BPE", "vocab": {}, "merges": []}}', "unsupported"),
    "a normalizer": (changed(normalizer={"type": "NFC"}), "unsupported"),
    "a pre-tokenizer": (changed(pre_tokenizer={"type": "Metaspace"}), "unsupported"),
    "a decoder": (changed(decoder={"type": "CTC"}), "unsupported"),
    "a template without a text": (
        changed(post_processor={"type": "TemplateProcessing", "single": []}),
        "bad-tokenizer",
    ),
    "added tokens without ids": (changed(added_tokens=[{"content": "x"}]), "bad-tokenizer"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_tokenizer_of_ours_is_refused_by_name(what):
    data, code = REFUSED[what]
    ours = Held("tokenizer", {"tokenizer": "/model/t"}, {"t": data})
    for call in (("encode", "a", None), ("count", "a"), ("decode", [1], True), ("ids", [], None)):
        with pytest.raises(Refused) as refused:
            ours.call(*call)
        assert refused.value.code == code
    ours.close()


def test_without_a_tokenizer_it_says_so():
    for config, code in (({}, "no-tokenizer"), ({"tokenizer": "/model/x"}, "no-such-file")):
        with pytest.raises(Refused) as refused:
            Held("tokenizer", config).call("count", "a")
        assert refused.value.code == code


def test_a_tokenizer_may_stand_in_the_configuration():
    tokenizer = vocabularies.wordpiece()
    ours = Held("tokenizer", {"tokenizer": json.loads(tokenizer.to_str())})
    assert ours.call("ids", ["the fox"], None) == [tokenizer.encode("the fox").ids]


def test_a_text_of_nothing_but_marks_takes_no_longer_than_any_other(words):
    """They stand in the wrong order, and each used to be carried past all before it."""
    wrong, right = ("a" + marks * 10_000 for marks in ("\u0301\u0323", "\u0323\u0323"))
    spent = []
    for text in (right, wrong):
        before = words.fuel
        words.call("encode", text, NO_OPTIONS)
        spent.append(words.fuel - before)
    assert spent[1] < 2 * spent[0]
    many = ["e\u0301\u0323\u0327", "\u0323\u0301\u0323\u0301" * 40 + "x", "\u0301" * 300 + "\u0323"]
    for kind in KINDS.values():
        tokenizer = kind()
        assert differing(tokenizer, held(tokenizer), many) == []
