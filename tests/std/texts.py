"""Texts of mixed scripts, the same ones each time: what tokenizers are compared on."""

from __future__ import annotations

import random
from pydoc_data.topics import topics

_RANGES = {
    "latin": [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)],
    "greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "cyrillic": [(0x400, 0x52F)],
    "armenian and hebrew": [(0x531, 0x5F4)],
    "arabic": [(0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF)],
    "devanagari and bengali": [(0x900, 0x9FF)],
    "thai": [(0xE00, 0xE7F)],
    "hangul": [(0x1100, 0x11FF), (0xAC00, 0xD7A3)],
    "kana": [(0x3040, 0x30FF), (0xFF00, 0xFFEF)],
    "ideographs": [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0xF900, 0xFAFF)],
    "emoji": [(0x1F300, 0x1FAFF), (0x2600, 0x27BF)],
    "marks": [(0x300, 0x36F), (0x1AB0, 0x1ACE), (0x20D0, 0x20F0), (0x1D165, 0x1D172)],
    "punctuation": [(0x2000, 0x206F), (0x3000, 0x303F), (0x21, 0x2F)],
    "numbers": [(0x30, 0x39), (0x660, 0x669), (0x2150, 0x218B), (0x2460, 0x24FF), (0xB2, 0xBE)],
    "control": [(0, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0xFFF9, 0xFFFD)],
    "far planes": [(0x10000, 0x10FFF), (0x1D400, 0x1D7FF), (0xE0000, 0xE01EF), (0xF0000, 0xF0FFF)],
    "anything": [(0x0, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)],
}
_FAMILY = ["\U0001f468", "\u200d", "\U0001f469", "\U0001f3fd", "\ufe0f", "\U0001f1e9\U0001f1ea"]
_SPACES = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\n\n   ", "\u00a0", "\u2003", "\u3000", ""]
_ENGLISH = ["don't", "WE'LL", "it's", "I'm", "they've", "[CLS]", "<|endoftext|>", "x" * 120]


def mixed_texts(count: int, seed: int = 0) -> list[str]:
    """Generated texts of up to some thirty words."""
    draw = random.Random(seed)
    words = sorted({word for text in topics.values() for word in text.split()})
    return [_text(draw, words) for _ in range(count)]


def real_texts() -> list[str]:
    """Paragraphs of Python's own documentation."""
    found = [part for _, text in sorted(topics.items()) for part in text.split("\n\n")]
    return [part for part in found if part.strip()]


def texts(count: int) -> list[str]:
    """As many texts: half of them real ones, as far as there are."""
    real = real_texts()[: count // 2]
    return [*real, *mixed_texts(count - len(real))]


def _text(draw: random.Random, words: list[str]) -> str:
    scripts = draw.sample(sorted(_RANGES), draw.randint(1, 4))
    parts: list[str] = []
    for _ in range(draw.randint(0, 24)):
        kind = draw.random()
        if kind < 0.3:
            parts.append(draw.choice(words))
        elif kind < 0.36:
            parts.append(draw.choice(_ENGLISH))
        elif kind < 0.42:
            parts.append("".join(draw.choice(_FAMILY) for _ in range(draw.randint(1, 5))))
        else:
            parts.append(_word(draw, draw.choice(scripts)))
        parts.append(draw.choice(_SPACES))
    return "".join(parts)


def _word(draw: random.Random, script: str) -> str:
    letters = []
    for _ in range(draw.randint(1, 9)):
        low, high = draw.choice(_RANGES[script])
        code = draw.randint(low, high)
        if not 0xD800 <= code <= 0xDFFF:
            letters.append(chr(code))
        if draw.random() < 0.1:
            letters.append(chr(draw.randint(0x300, 0x36F)))
    return "".join(letters)
