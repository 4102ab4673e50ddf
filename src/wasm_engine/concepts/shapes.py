"""Shapes of values in a manifest or a policy: each reads one value, and describes itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from wasm_engine.concepts import json_text
from wasm_engine.concepts.mistakes import Mistakes, Wrong, nearest, shown
from wasm_engine.concepts.quantities import Moment, Real, Size, Span, Whole, size_text
from wasm_engine.concepts.toml_source import KeyPath

__all__ = [
    "Choice",
    "FilePath",
    "Flag",
    "Json",
    "Labels",
    "Moment",
    "Real",
    "Script",
    "Several",
    "Shape",
    "Size",
    "Span",
    "Text",
    "Whole",
]


class Shape(Protocol):
    """What a value must look like."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """The value for the model; raises Wrong, or notes mistakes deeper in the value."""

    def takes(self) -> str:
        """What values it takes, for the manual."""

    def schema(self) -> dict[str, Any]:
        """The shape as JSON Schema."""


class Flag(Struct, frozen=True):
    """True or false."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> bool:
        """The flag."""
        del at, mistakes
        if not isinstance(value, bool):
            raise Wrong(f"must be true or false, not {shown(value)}")
        return value

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return "`true`, `false`"

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class Choice(Struct, frozen=True):
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> str:
        """The word."""
        del at, mistakes
        if value in self.words:
            return str(value)
        listed = " or ".join(map(shown, self.words))
        near = nearest(value, self.words) if isinstance(value, str) else ""
        raise Wrong(f"must be {listed}, not {shown(value)}{near if 'did you' in near else ''}")

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return ", ".join(f"`{word}`" for word in map(shown, self.words))

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"type": "string", "enum": list(self.words)}


class Text(Struct, frozen=True):
    """Text that keeps a rule.

    Attributes:
        rule: Whether a text is right; raises Wrong with a better message where it has one.
        says: What it must be, for people: "must be ...".
        pattern: The rule, as nearly as a regular expression can say it, for editors.
        parsed: What becomes of the text in the model.
    """

    rule: Callable[[str], bool]
    says: str
    pattern: str = ""
    parsed: Callable[[str], Any] = str

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """The text, parsed."""
        del at, mistakes
        if not isinstance(value, str) or not self.rule(value):
            raise Wrong(f"must be {self.says}, not {shown(value)}")
        return self.parsed(value)

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return self.says

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "pattern": self.pattern} if self.pattern else {"type": "string"}


class FilePath(Text, frozen=True):
    """The path of a file beside the manifest; a run file keeps its last part alone."""


class Script(Struct, frozen=True):
    """Text of several lines, as it is.

    Attributes:
        most: Bytes it may take.
    """

    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> str:
        """The text."""
        del at, mistakes
        if not isinstance(value, str) or not _whole(value) or "\0" in value:
            raise Wrong(f"must be text, not {shown(value)}")
        if len(value.encode()) > self.most:
            raise Wrong(f"takes {len(value.encode())} bytes; there may be {self.most}")
        return value

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"text, at most {size_text(self.most)}"

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


class Several(Struct, frozen=True):
    """An array of different values of one shape; in the model a sorted tuple."""

    each: Shape

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> tuple[Any, ...]:
        """The values, sorted; their order in the manifest means nothing."""
        if not isinstance(value, list | tuple):
            raise Wrong(f"must be an array, not {shown(value)}")
        items = set()
        for number, inner in enumerate(value):
            place = (*at, number)
            try:
                item = self.each.read(inner, place, mistakes)
            except Wrong as wrong:
                mistakes.add(place, str(wrong))
                continue
            if item in items:
                mistakes.add(place, f"{shown(inner)} is there twice")
            items.add(item)
        return tuple(sorted(items))

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"array; each {self.each.takes()}"

    def schema(self) -> dict[str, Any]:
        """An array of unique items."""
        return {"type": "array", "items": self.each.schema(), "uniqueItems": True}


class Json(Struct, frozen=True):
    """A table (or also an array, or text) that a guest gets as JSON.

    Attributes:
        most: Bytes it may take.
        body: Whether it is the body of a message: text as it is, bytes, a table or an array.
    """

    most: int
    body: bool = False

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """Canonical JSON text; for a body, with its tag."""
        del at, mistakes
        if self.body and isinstance(value, bytes):
            return "bytes", self._bounded(value)
        if self.body and not isinstance(value, str | Mapping | list | tuple):
            raise Wrong(f"must be text, a table or an array, not {shown(value)}")
        if not self.body and not isinstance(value, Mapping):
            raise Wrong(f"must be a table, not {shown(value)}")
        try:
            text = json_text.write(value)
        except ValueError as error:
            raise Wrong(f"cannot be JSON: {error}") from None
        text = value if isinstance(value, str) else text
        self._bounded(text.encode())
        return ("text", text) if self.body else text

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self.most:
            raise Wrong(f"takes {len(data)} bytes; there may be {self.most}")
        return data

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{'text, table or array' if self.body else 'table'}, at most {size_text(self.most)}"

    def schema(self) -> dict[str, Any]:
        """Whatever TOML can say."""
        return {"type": ["string", "object", "array"]} if self.body else {"type": "object"}


class Labels(Struct, frozen=True):
    """A table of texts: the headers of a message; in the model sorted pairs."""

    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> tuple[tuple[str, str], ...]:
        """The pairs, sorted by name."""
        if not isinstance(value, Mapping):
            raise Wrong(f"must be a table of texts, not {shown(value)}")
        pairs = []
        for name, inner in value.items():
            if not isinstance(name, str) or not _whole(name):
                mistakes.add(at, f"names must be text, not {shown(name)}")
            elif not isinstance(inner, str) or not _whole(inner):
                mistakes.add((*at, name), f"must be text, not {shown(inner)}")
            else:
                pairs.append((name, inner))
        size = sum(len(text.encode()) for pair in pairs for text in pair)
        if size > self.most:
            raise Wrong(f"take {size} bytes; there may be {self.most}")
        return tuple(sorted(pairs))

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"table of texts, at most {size_text(self.most)}"

    def schema(self) -> dict[str, Any]:
        """An object of strings."""
        return {"type": "object", "additionalProperties": {"type": "string"}}


def _whole(text: str) -> bool:
    """No half characters: a Python text may hold lone surrogates, UTF-8 may not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)
