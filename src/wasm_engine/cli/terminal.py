"""Text of guests on a terminal: shown, never obeyed."""

from __future__ import annotations

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    r"""One line that a terminal shows and does not obey.

    Controls (ANSI sequences begin with one), marks that turn or hide text (bidirectional,
    zero-width), line separators and lone surrogates become visible escapes such as `\x1b`. What is
    printable stays as it is, in any script.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def escape_lines(text: str) -> str:
    """Like `escape`, but line breaks stay line breaks and tabs become spaces."""
    return "\n".join(escape(line.expandtabs(4)) for line in text.split("\n"))


def shorten(text: str, width: int) -> str:
    """The text, cut to a width in characters, with `...` where something is missing."""
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."


def counted(number: int, noun: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _escaped(char: str) -> str:
    number = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
