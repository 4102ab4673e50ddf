"""Whatever spelling a server says a secret in, it does not come in."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.policy.scrubbing import INSTEAD, Scrubber

PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=40)
SPELLINGS = {
    "itself": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, all escaped": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "json, slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "url": lambda text: quote(text, safe=""),
    "url, small digits": lambda text: "".join(f"%{ord(char):02x}" for char in text),
    "form": quote_plus,
    "html": html.escape,
    "html, numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, large": lambda text: text.encode().hex().upper(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(value=PRINTABLE, before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_every_spelling_is_found(spelling, value, before, after):
    data = before + SPELLINGS[spelling](value).encode() + after
    clean = Scrubber([value]).bytes(data)
    # Backslashes before it may be its own: JSON within JSON has several.
    assert clean.replace(b"\\", b"") == (before + INSTEAD + after).replace(b"\\", b"")


@given(value=PRINTABLE, before=st.text(max_size=9), after=st.text(max_size=9), safe=st.booleans())
def test_base64_is_found_wherever_it_stands_in_what_was_encoded(value, before, after, safe):
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    data = encode((before + value + after).encode())
    clean = Scrubber([value]).bytes(data)
    assert INSTEAD in clean
    # What is left of it is at most the digits at its ends, which other bytes have a part in.
    core = encode(value.encode())[4:-4]
    assert len(core) < 8 or core not in clean


@given(data=st.binary(max_size=200), value=PRINTABLE)
def test_nothing_grows_and_what_holds_no_secret_stays(data, value):
    clean = Scrubber([value]).bytes(data)
    assert len(clean) <= len(data)
    if clean != data:
        assert INSTEAD in clean


def test_a_secret_within_another_is_no_trouble():
    scrubber = Scrubber(["abcdefgh", "abcdefgh-ijkl"])
    assert scrubber.bytes(b"abcdefgh-ijkl abcdefgh") == INSTEAD + b" " + INSTEAD


def test_headers_and_their_names():
    response = (200, [("x-abcdefgh", "abcdefgh \xe9")], b"abcdefgh\xff")
    assert Scrubber(["abcdefgh"]).response(response) == (
        200, [("x-[secret]", "[secret] \xe9")], b"[secret]\xff",
    )  # fmt: skip


def test_without_secrets_all_stays():
    response = (200, [("a", "b")], b"c")
    assert Scrubber([]).response(response) == response
