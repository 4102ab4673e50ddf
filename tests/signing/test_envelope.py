"""The bytes that are signed, and the JSON that carries them: one reading, and no other."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.envelope import (
    MAX_BYTES,
    MOST_SIGNATURES,
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    pae,
)
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.statement import Statement

SIGNATURES = st.lists(
    st.builds(Signature, st.text(max_size=20), st.binary(max_size=64)), min_size=1, max_size=4
)
ENVELOPES = st.builds(
    Envelope, st.text(max_size=40), st.binary(max_size=200), SIGNATURES.map(tuple)
)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
STATEMENTS = st.builds(
    Statement,
    st.sampled_from(["file", "run"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    DIGESTS,
    st.dictionaries(st.text("abc", max_size=3), st.integers(0, 2**63) | st.none(), max_size=3),
)


def test_the_encoding_is_that_of_the_specification():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("ü", b"\xfc") == b"DSSEv1 2 \xc3\xbc 1 \xfc"


@given(st.text(max_size=20), st.binary(max_size=40), st.text(max_size=20), st.binary(max_size=40))
def test_different_things_are_never_signed_as_the_same_bytes(kind, data, other_kind, other):
    assert (pae(kind, data) == pae(other_kind, other)) == ((kind, data) == (other_kind, other))


@given(st.text(" 0123456789DSEv", max_size=12), st.binary(max_size=12))
def test_what_is_signed_can_be_read_in_one_way(kind, data):
    whole = pae(kind, data)
    word, length, rest = whole.split(b" ", 2)
    found, rest = rest[: int(length)], rest[int(length) + 1 :]
    size, _, body = rest.partition(b" ")
    assert (word, found, int(size), body) == (b"DSSEv1", kind.encode(), len(data), data)


@given(ENVELOPES)
def test_an_envelope_comes_back_as_it_was(envelope):
    assert Envelope.decode(envelope.encode()) == envelope


@given(STATEMENTS)
def test_a_statement_comes_back_as_it_was_and_is_about_one_thing_only(statement):
    envelope = Envelope(PAYLOAD_TYPE, statement.encode(), (Signature("k", b"s"),))
    assert Statement.of(envelope, statement.about) == statement
    with pytest.raises(Wrong, match="it says nothing about a"):
        Statement.of(envelope, "run" if statement.about == "file" else "file")


@given(st.binary(max_size=80) | ENVELOPES.map(Envelope.encode).flatmap(st.permutations).map(bytes))
def test_any_bytes_are_an_envelope_or_wrong(data):
    with contextlib.suppress(Wrong):
        Envelope.decode(data)


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), st.lists, max_leaves=5))
def test_any_statement_is_one_or_wrong(value):
    whole = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "wasm-engine:file/v1"}
    for key in ("subject", "predicate", "_type", "predicateType"):
        payload = json.dumps({**whole, key: value}).encode()
        with contextlib.suppress(Wrong):
            Statement.of(Envelope(PAYLOAD_TYPE, payload, ()), "file")


def test_an_envelope_of_another_program_is_read():
    payload = bytes(range(0xF0, 0x100))
    text = {
        "payload": base64.urlsafe_b64encode(payload).decode(),
        "payloadType": "x",
        "signatures": [{"sig": base64.urlsafe_b64encode(payload).decode(), "cert": "y"}],
        "more": 1,
    }
    read = Envelope.decode(json.dumps(text, indent=2).encode())
    assert read == Envelope("x", payload, (Signature("", payload),))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "no `payloadType`"),
        (b'{"payloadType": "x", "payloadType": "y"}', "a key stands in it twice"),
        (b'{"payloadType": "x", "signatures": []}', "it has 0 signatures"),
        (b'{"payloadType": "x", "signatures": [1], "payload": ""}', "is not an object"),
        (b'{"payloadType": "x", "signatures": [{}], "payload": ""}', "`sig` must be text"),
        (b'{"payloadType": "x", "signatures": [{"sig": "%"}], "payload": ""}', "not base64"),
        (b'{"payloadType": "x", "signatures": [{"sig": ""}], "payload": 1}', "`payload` must"),
        (b'{"payloadType":"x","signatures":[{"keyid":1,"sig":""}],"payload":""}', "`keyid`"),
        (b"[" * 5000, "not JSON"),
        (b" " * (MAX_BYTES + 1), "more than 65536 bytes"),
    ],
)
def test_what_is_no_envelope_is_refused_with_a_reason(data, why):
    with pytest.raises(Wrong, match=why):
        Envelope.decode(data)


def test_a_key_signs_once_and_an_envelope_has_an_end():
    envelope = Envelope("x", b"", ())
    for number in range(MOST_SIGNATURES):
        envelope = envelope.also(Signature(str(number), b"1"))
    assert envelope.also(Signature("3", b"2")).signatures[-1] == Signature("3", b"2")
    assert len(envelope.also(Signature("3", b"2")).signatures) == MOST_SIGNATURES
    with pytest.raises(Wrong, match="as many as may be"):
        envelope.also(Signature("new", b""))
