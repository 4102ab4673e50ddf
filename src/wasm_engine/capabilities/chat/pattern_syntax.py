"""Regular expressions that can be looked for in linear time: read into a tree, and bounded.

They are written as Python writes them, without what needs backtracking: references to groups, and
looking ahead or behind.
"""

from __future__ import annotations

import string
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from wasm_engine.concepts.mistakes import Wrong

MOST_CHARACTERS: Final = 4096
"""Of a pattern."""
MOST_PARTS: Final = 1000
"""Of a pattern, each as often as it is to be there: `a{300}` has three hundred."""
_DEEPEST = 50
_MOST_TIMES = 1000
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CODED = {"x": 2, "u": 4, "U": 8}
_SPECIAL = frozenset("*+?{")

Class: TypeAlias = Literal["d", "D", "s", "S", "w", "W"]
Place: TypeAlias = Literal["begin", "end", "line begin", "line end", "last end", "edge", "inner"]


class One(Struct, frozen=True):
    """One character of a set, or of all others.

    Attributes:
        ranges: First and last of each range.
        classes: Digits, spaces, parts of words, or all that is none.
        others: Whether it is one that is not in the set.
        folded: Whether small and capital letters are the same.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[Class, ...] = ()
    others: bool = False
    folded: bool = False

    def takes(self, character: str) -> bool:
        """Whether it is this one."""
        forms = _forms(character) if self.folded else (character,)
        return any(self._has(form) for form in forms) != self.others

    def _has(self, character: str) -> bool:
        if any(first <= character <= last for first, last in self.ranges):
            return True
        return any(_is_of(character, it) for it in self.classes)


class At(Struct, frozen=True):
    """A place between two characters."""

    place: Place


class Chain(Struct, frozen=True):
    """One after another."""

    parts: tuple[Node, ...]


class Choice(Struct, frozen=True):
    """One of them."""

    parts: tuple[Node, ...]


class Repeat(Struct, frozen=True):
    """As often as from `least` to `most` times; None: without end."""

    part: Node
    least: int
    most: int | None


Node: TypeAlias = One | At | Chain | Choice | Repeat


def read_pattern(text: str) -> Node:
    """The tree of a regular expression.

    Raises:
        Wrong: It is none, or none that can be looked for in linear time.
    """
    if len(text) > MOST_CHARACTERS:
        raise Wrong(f"it has {len(text)} characters; there may be {MOST_CHARACTERS}")
    tree = _Reader(text).whole()
    size = _size(tree)
    if size > MOST_PARTS:
        raise Wrong(f"it has {size} parts, counting what is repeated; there may be {MOST_PARTS}")
    return tree


def is_word(character: str) -> bool:
    """Whether a character is part of words."""
    return character.isalnum() or character == "_"


def _is_of(character: str, kind: Class) -> bool:
    if kind in "dD":
        found = character.isdecimal()
    elif kind in "sS":
        found = character.isspace()
    else:
        found = is_word(character)
    return found != kind.isupper()


def _forms(character: str) -> set[str]:
    return {character, character.lower(), character.upper(), character.upper().lower()}


def _size(node: Node) -> int:
    """How many parts a matcher has to be made of; never much more than it takes to say so."""
    if isinstance(node, Chain | Choice):
        return 1 + sum(map(_size, node.parts))
    if isinstance(node, Repeat):
        times = node.least + 1 if node.most is None else node.most
        return (1 + _size(node.part)) * max(times, 1)
    return 1


class _Reader:
    """Reads a pattern from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._deep = 0
        self._flags: frozenset[str] = frozenset()

    def whole(self) -> Node:
        """All of it."""
        if self._skip("(?"):
            end = self._at
            while self._peek() and self._peek() in "ims":
                self._at += 1
            if self._at > end and self._skip(")"):
                self._flags = frozenset(self._text[end : self._at - 1])
            else:
                self._at = 0
        tree = self._choice()
        if self._at < len(self._text):
            raise self._wrong("`)` closes nothing")
        return tree

    def _peek(self, count: int = 1) -> str:
        return self._text[self._at : self._at + count]

    def _skip(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _next(self, of: str) -> str:
        found = self._peek()
        if not found:
            raise self._wrong(f"{of} does not end")
        self._at += 1
        return found

    def _wrong(self, text: str) -> Wrong:
        return Wrong(f"{text} (at character {self._at + 1})")

    def _choice(self) -> Node:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise self._wrong(f"groups within groups, more than {_DEEPEST} deep")
        parts = [self._chain()]
        while self._skip("|"):
            parts.append(self._chain())
        self._deep -= 1
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _chain(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            part = self._one()
            parts.append(self._repeated(part))
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        times = self._times()
        if times is None:
            return part
        if isinstance(part, At):
            raise self._wrong("there is nothing to repeat")
        if self._skip("+"):
            raise self._wrong("a repetition that gives nothing back (`+` behind it)")
        self._skip("?")  # as few as possible: found is the same
        if self._times() is not None:
            raise self._wrong("a repetition of a repetition")
        return Repeat(part, *times)

    def _times(self) -> tuple[int, int | None] | None:
        """How often, if that is what stands here."""
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._skip(sign):
                return times
        start = self._at
        if not self._skip("{") or self._peek() == "}":
            self._at = start
            return None
        low = self._digits()
        high = self._digits() if self._skip(",") else low
        if not self._skip("}"):
            self._at = start
            return None
        least, most = int(low or "0"), int(high) if high else None
        if max(least, most or 0) > _MOST_TIMES or (most is not None and most < least):
            raise self._wrong(f"a repetition is from few to many, at most {_MOST_TIMES}")
        return least, most

    def _digits(self) -> str:
        start = self._at
        while self._peek() and self._peek() in string.digits:
            self._at += 1
        return self._text[start : self._at]

    def _one(self) -> Node:
        """What is repeated, if anything: a character, a set, a place, a group."""
        if self._peek() in _SPECIAL and (self._peek() != "{" or self._times() is not None):
            raise self._wrong("there is nothing to repeat")
        character = self._next("the pattern")
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if character == "\\":
            return self._escaped()
        if character == ".":
            newline = () if "s" in self._flags else (("\n", "\n"),)
            return One(newline, others=True)
        if character == "^":
            return At("line begin" if "m" in self._flags else "begin")
        if character == "$":
            return At("line end" if "m" in self._flags else "last end")
        return self._literal(character)

    def _literal(self, *characters: str) -> One:
        return One(tuple((it, it) for it in characters), folded="i" in self._flags)

    def _group(self) -> Node:
        outer = self._flags
        if self._skip("?P<"):
            name = self._text[self._at : self._text.find(">", self._at)]
            if not name.isidentifier() or not self._skip(f"{name}>"):
                raise self._wrong("a group's name must be a word")
        elif self._skip("?") and not self._skip(":"):
            start = self._at
            while self._peek() and self._peek() in "ims":
                self._at += 1
            if start == self._at or not self._skip(":"):
                what = "looks ahead or behind" if self._peek() in ("=", "!", "<") else "is unknown"
                raise self._wrong(f"`(?{self._peek()}`: a group that {what}")
            self._flags |= frozenset(self._text[start : self._at - 1])
        found = self._choice()
        if not self._skip(")"):
            raise self._wrong("a group does not end")
        self._flags = outer
        # A group may be repeated, even one of a place alone.
        return Chain((found,)) if isinstance(found, At) else found

    def _escaped(self) -> Node:
        character = self._peek()
        places: dict[str, Place] = {"A": "begin", "Z": "end", "b": "edge", "B": "inner"}
        if character in places:
            self._at += 1
            return At(places[character])
        found = self._escape()
        if isinstance(found, One):
            return found
        return self._literal(found)

    def _escape(self) -> One | str:
        """What stands behind a backslash: a class, or a character."""
        character = self._next("the pattern: a backslash stands at its end, which")
        if character in "dDsSwW":
            return One(classes=(character,))  # type: ignore[arg-type]
        if character in _CODED:
            digits = self._peek(_CODED[character])
            if len(digits) < _CODED[character] or not set(digits) <= set(string.hexdigits):
                raise self._wrong(f"`\\{character}` takes {_CODED[character]} hexadecimal digits")
            number = int(digits, 16)
            if number > 0x10FFFF:
                raise self._wrong("there is no such character")
            self._at += len(digits)
            return chr(number)
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isascii() and character.isalnum():
            what = "refers to a group" if character in "123456789" else "means nothing"
            raise self._wrong(f"`\\{character}` {what}")
        return character

    def _set(self) -> One:
        others = self._skip("^")
        ranges: list[tuple[str, str]] = []
        classes: list[Class] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._of_set()
            high = low
            if self._peek() == "-" and self._peek(2) != "-]":
                self._at += 1
                high = self._of_set()
                if isinstance(low, One) or isinstance(high, One) or high < low:
                    raise self._wrong("a range goes from a character to a later one")
            if isinstance(low, One):
                classes += low.classes
            elif isinstance(high, str):
                ranges.append((low, high))
        self._at += 1
        return One(tuple(ranges), tuple(sorted(set(classes))), others, "i" in self._flags)

    def _of_set(self) -> One | str:
        character = self._next("a set")
        return self._escape() if character == "\\" else character
