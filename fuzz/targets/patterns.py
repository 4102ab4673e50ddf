"""Patterns of scripts: the reader, and the search that has to end whatever they are."""

from __future__ import annotations

from wasm_engine.capabilities.chat.pattern_search import Purse, TooMuch, found
from wasm_engine.capabilities.chat.pattern_syntax import read_pattern
from wasm_engine.concepts.mistakes import Wrong

FORMS = ("text",)
REFUSES = (Wrong,)
WORDS = (
    b"a", b"b", b".", b"\\w", b"\\b", b"\\B", b"\\d", b"^", b"$", b"\\A", b"\\Z", b"[^a-c]",
    b"[]-]", b"(", b")", b"(?:", b"(?i:", b"(?P<n>", b"|", b"*", b"+", b"?", b"{2,3}", b"{,9}",
    b"{30}", b"\\x41", b"\\u00e9", b"(?ims)", b"\n",
)  # fmt: skip
_TEXTS = ("", "\n", "aaab_ 1\n", "b" * 40)
_COST = 1_000_000


def check(data: bytes) -> None:
    """What is taken is looked for at a cost that is the same each time, and within the purse."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    tree = read_pattern(text)
    for looked_at in (*_TEXTS, text):
        purses = Purse(_COST), Purse(_COST)
        try:
            answers = {found(tree, looked_at, purse) for purse in purses}
        except TooMuch:
            continue
        assert len(answers) == 1
        assert purses[0].left == purses[1].left >= 0


def seeds() -> list[bytes]:
    """Some of each kind."""
    return [
        rb"(?i)weather in ([A-Z]\w+|ulm)\b", rb"^(a+)+$", rb"[^\d\n]{2,5}?x", rb"(?P<n>a|b)*c\Z",
        rb"(a?){30}a{30}", rb"\x41\u00e9|.*=", b"(a|b)*a(a|b){20}c",
    ]  # fmt: skip
