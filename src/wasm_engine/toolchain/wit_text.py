"""Reads what stands in WIT interfaces: types, functions, resources; values only, no streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\s+|//[^\n]*|(?P<token>->|[\w./@:%-]+(?<![:.])|.)")
_COMPOUND = ("record", "variant", "enum", "flags")


@dataclass(frozen=True, slots=True)
class Use:
    """A type as it is written: a primitive, a name, or `list<..>` and the like."""

    head: str
    arguments: tuple[Use | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A named type: alias, record, variant, enum, flags or resource; a case may have no payload."""

    form: str
    members: tuple[tuple[str, Use | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """Names and types of the parameters, and the result where there is one."""

    parameters: tuple[tuple[str, Use], ...]
    result: Use | None


@dataclass(slots=True)
class Interface:
    """What an interface holds.

    Attributes:
        name: Its own name.
        uses: By the name of a type that comes from elsewhere: the interface.
        types: Its own types, each after those that it needs.
        functions: By the name that components know: `get`, `[method]bucket.get`.
    """

    name: str
    uses: dict[str, str] = field(default_factory=dict)
    types: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """The interfaces that a component of this world may import and has to export."""

    imports: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)


class Reading:
    """One file being read, token by token.

    What is not expected is a ValueError; a file that ends too early, an IndexError.
    """

    def __init__(self, text: str) -> None:
        self._tokens = [m["token"] for m in _TOKEN.finditer(text) if m["token"]]
        self._at = 0

    def at_end(self) -> bool:
        """Whether all is read."""
        return self._at == len(self._tokens)

    def take(self) -> str:
        """The next token."""
        self._at += 1
        # A name that is also a word of the language is written with a percent sign.
        return self._tokens[self._at - 1].removeprefix("%")

    def next_is(self, token: str) -> bool:
        """Takes the token if it is the next one."""
        if self._tokens[self._at] != token:
            return False
        self._at += 1
        return True

    def expect(self, token: str) -> None:
        """Takes the token, which has to be there."""
        found = self.take()
        if found != token:
            raise ValueError(f"expected {token!r} in WIT, got {found!r}")

    def until(self, end: str) -> Iterator[str]:
        """Token by token up to one, which is taken, too."""
        while not self.next_is(end):
            yield self.take()

    def source(self, written: str) -> str:
        """The interface that `use` names, as `Interface.uses` shall have it."""
        return written

    def interface(self, made: Interface) -> None:
        """Reads what stands between the braces."""
        self.expect("{")
        for word in self.until("}"):
            if word == "use":
                source = self.source("".join(self.until("{")).removesuffix("."))
                made.uses |= dict.fromkeys((t for t in self.until("}") if t != ","), source)
                self.expect(";")
            elif word == "type":
                alias = self.take()
                self.expect("=")
                made.types[alias] = Definition("alias", (("", self._type()),))
                self.expect(";")
            elif word in _COMPOUND:
                own = self.take()
                made.types[own] = Definition(word, self._members(word))
            elif word == "resource":
                self._resource(made, self.take())
            else:
                self.expect(":")
                made.functions[word] = self._function()

    def _resource(self, made: Interface, name: str) -> None:
        made.types[name] = Definition("resource")
        if self.next_is(";"):
            return
        self.expect("{")
        for word in self.until("}"):
            self.expect(":")
            if self.next_is("static"):
                made.functions[f"[static]{name}.{word}"] = self._function()
            else:
                self_ = ("self", Use("borrow", (Use(name),)))
                made.functions[f"[method]{name}.{word}"] = self._function(self_)

    def _members(self, form: str) -> tuple[tuple[str, Use | None], ...]:
        members: list[tuple[str, Use | None]] = []
        self.expect("{")
        for name in self.until("}"):
            payload = None
            if form == "record":
                self.expect(":")
                payload = self._type()
            elif self.next_is("("):
                payload = self._type()
                self.expect(")")
            members.append((name, payload))
            self.next_is(",")
        return tuple(members)

    def _function(self, *first: tuple[str, Use]) -> Function:
        self.expect("func")
        self.expect("(")
        parameters = list(first)
        for name in self.until(")"):
            self.expect(":")
            parameters.append((name, self._type()))
            self.next_is(",")
        result = self._type() if self.next_is("->") else None
        self.expect(";")
        return Function(tuple(parameters), result)

    def _type(self) -> Use:
        head = self.take()
        if not self.next_is("<"):
            return Use(head)
        arguments: list[Use | None] = []
        while not self.next_is(">"):
            arguments.append(None if self.next_is("_") else self._type())
            self.next_is(",")
        return Use(head, tuple(arguments))
