"""Writes unicode_tables.c: what characters are, as Hugging Face's tokenizers sees them.

    python guests/std/lib/make_unicode.py

What characters are is asked of the package `tokenizers` itself, a code point at a time: its parts
have tables of several Unicode versions (punctuation and marks of 8, regular expressions of 16), and
what counts is to agree with it. Only the numbers of combining classes are Python's.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

TOKENIZERS, UNICODE = "0.23.3", "14.0.0"
OUT = Path(__file__).with_name("unicode_tables.c")
BLOCK = 128
CODES = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
LETTER, NUMBER, SPACE, PUNCTUATION, CONTROL, MARK, IDEOGRAPH, COMBINING = (1 << n for n in range(8))


def matching(pattern: str, between: str) -> set[int]:
    """The code points that a regular expression of the package matches."""
    found, replace = set(), normalizers.Replace(Regex(pattern), "")
    for start in range(0, len(CODES), 4096):
        chunk = [code for code in CODES[start : start + 4096] if chr(code) != between]
        left = replace.normalize_str(between.join(map(chr, chunk))).split(between)
        found |= {code for code, rest in zip(chunk, left, strict=True) if not rest}
    return found


def classes() -> dict[int, int]:
    """The classes of each code point that has any."""

    def bert(**which: bool) -> Callable[[str], str]:
        off = dict.fromkeys(("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"))
        return normalizers.BertNormalizer(**dict.fromkeys(off, False) | which).normalize_str

    clean, strip = bert(clean_text=True), bert(strip_accents=True)
    spread = bert(handle_chinese_chars=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    letters, numbers = matching(r"\p{L}", "\1"), matching(r"\p{N}", "x")
    spaces = matching(r"\s", "x")
    found = {}
    for code in CODES:
        between = f"a{chr(code)}b"
        pieces = len(split(between))
        bits = LETTER * (code in letters) | NUMBER * (code in numbers) | SPACE * (code in spaces)
        assert (pieces == 2) == (code in spaces), hex(code)
        bits |= PUNCTUATION * (pieces == 3) | CONTROL * (clean(between) == "ab")
        bits |= MARK * (strip(between) == "ab")
        bits |= IDEOGRAPH * (spread(between) == f"a {chr(code)} b")
        bits |= COMBINING * unicodedata.category(chr(code)).startswith("M")
        if bits:
            found[code] = bits
    return found


def mapped(change: Callable[[str], str]) -> dict[int, list[int]]:
    """What code points become that are changed."""
    pairs = ((code, change(chr(code))) for code in CODES if not 0xAC00 <= code <= 0xD7A3)
    return {code: list(map(ord, text)) for code, text in pairs if text != chr(code)}


def two_stages(values: dict[int, int]) -> tuple[list[int], list[int]]:
    """Blocks of values, each kept once, and the number of the block of each part."""
    blocks: dict[tuple[int, ...], int] = {}
    stage = []
    for start in range(0, 0x110000, BLOCK):
        block = tuple(values.get(code, 0) for code in range(start, start + BLOCK))
        stage.append(blocks.setdefault(block, len(blocks)))
    return stage, [value for block in blocks for value in block]


def array(kind: str, name: str, values: list[int]) -> str:
    lines, line = [f"const {kind} {name}[{len(values)}] = {{"], " "
    for value in values:
        if len(line) + len(word := f"{value},") > 100:
            lines.append(line)
            line = " "
        line += word
    return "\n".join([*lines, line, "};\n"])


def orders() -> dict[int, int]:
    """Canonical combining classes, of those characters for which the package knows one, too."""
    swap, found = normalizers.NFD().normalize_str, {}
    for code in CODES:
        order, own = unicodedata.combining(chr(code)), chr(code)
        pair = f"{own}\u0334" if order > 1 else f"\u0301{own}"
        if order and swap(pair) != pair:
            found[code] = order
    return found


def mapping(name: str, mappings: dict[int, list[int]]) -> str:
    """Changed code points in their order, with where each one's text begins, and the texts."""
    starts, texts = [], []
    for text in mappings.values():
        starts.append(len(texts))
        texts += text
    starts.append(len(texts))
    return (
        f"const uint32_t {name}_count = {len(mappings)};\n"
        + array("uint32_t", f"{name}_codes", list(mappings))
        + array("uint16_t", f"{name}_starts", starts)
        + array("uint32_t", f"{name}_texts", texts)
    )


def main() -> int:
    if (tokenizers.__version__, unicodedata.unidata_version) != (TOKENIZERS, UNICODE):
        print(f"needs tokenizers {TOKENIZERS}, and Python with Unicode {UNICODE}", file=sys.stderr)
        return 1
    stage, blocks = two_stages(classes())
    lower = mapped(normalizers.Lowercase().normalize_str)
    apart = mapped(normalizers.NFD().normalize_str)
    order_stage, order_blocks = two_stages(orders())
    OUT.write_text(
        f"/* Written by make_unicode.py (tokenizers {TOKENIZERS}, Unicode {UNICODE}); "
        "do not edit. */\n"
        '#include "unicode.h"\n\n'
        + array("uint16_t", "class_stage", stage)
        + array("uint8_t", "class_blocks", blocks)
        + array("uint16_t", "order_stage", order_stage)
        + array("uint8_t", "order_blocks", order_blocks)
        + mapping("lower", lower)
        + mapping("apart", apart)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
