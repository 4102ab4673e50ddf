"""Reads the WIT that an interpreter is built against: interfaces, resources, worlds; no streams."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wasm_engine.concepts.errors import Bug

_TOKEN = re.compile(r"\s+|//[^\n]*|(?P<token>->|[\w./@:%-]+(?<![:.])|.)")
_PACKAGE = re.compile(r"^package ([\w-]+:[\w-]+)@([\w.-]+);", re.MULTILINE)
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
        package: Its package, without version: `wasi:io`.
        name: Its own name.
        version: The package's.
        uses: By the name of a type that comes from elsewhere: the full name of the interface.
        types: Its own types, each after those that it needs.
        functions: By the name that components know: `get`, `[method]bucket.get`.
    """

    package: str
    name: str
    version: str
    uses: dict[str, str] = field(default_factory=dict)
    types: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)

    @property
    def full(self) -> str:
        """Its name as components import and export it."""
        return f"{self.package}/{self.name}@{self.version}"

    @property
    def short(self) -> str:
        """Its name for the guest: `keyvalue/store`."""
        return f"{self.package.partition(':')[2]}/{self.name}"


@dataclass(slots=True)
class World:
    """Full names of the interfaces that a component of this world imports and exports."""

    imports: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)


class Packages:
    """WIT packages, read together.

    Args:
        packages: The files of each; one of them names it. What is included comes first.

    Attributes:
        interfaces: By full name.
        worlds: By full name.
    """

    def __init__(self, packages: Iterable[Sequence[str]]) -> None:
        self.interfaces: dict[str, Interface] = {}
        self.worlds: dict[str, World] = {}
        for texts in packages:
            named = next(filter(None, map(_PACKAGE.search, texts)))
            for text in texts:
                _File(text, self, (named[1], named[2]))
        for interface in self.interfaces.values():
            self._own(interface)

    def _own(self, interface: Interface) -> None:
        """Says of each resource that stands alone that it is handed over, as WIT means it."""

        def whole(use: Use | None) -> Use | None:
            if use is None or use.head in ("own", "borrow"):
                return use
            if use.arguments:
                return Use(use.head, tuple(whole(it) for it in use.arguments))
            if use.head not in interface.types and use.head not in interface.uses:
                return use
            _, definition = definition_of(self.interfaces, interface, use.head)
            return Use("own", (use,)) if definition.form == "resource" else use

        for name, it in interface.types.items():
            members = tuple((member, whole(use)) for member, use in it.members)
            interface.types[name] = Definition(it.form, members)
        for name, function in interface.functions.items():
            parameters = tuple((named, whole(use) or use) for named, use in function.parameters)
            interface.functions[name] = Function(parameters, whole(function.result))

    def world(self, name: str) -> World:
        """A world with all that it includes; types that its interfaces need come first."""
        return self._ordered(self.worlds[name])

    def _ordered(self, world: World) -> World:
        order: dict[str, None] = {}

        def add(full: str) -> None:
            for source in self.interfaces[full].uses.values():
                add(source)
            order.setdefault(full)

        for full in (*world.imports, *world.exports):
            add(full)
        exports = [full for full in order if full in world.exports]
        return World([full for full in order if full not in world.exports], exports)


class _File:
    """One file being read."""

    def __init__(self, text: str, into: Packages, package: tuple[str, str]) -> None:
        self._tokens = [m["token"] for m in _TOKEN.finditer(text) if m["token"]]
        self._at = 0
        self._into = into
        self._package = package
        while self._at < len(self._tokens):
            word, name = self._take(), self._take()
            if word == "package":
                self._expect(";")
            elif word == "interface":
                found = self._interface(name)
                into.interfaces[found.full] = found
            elif word == "world":
                into.worlds[self._full(name)] = self._world()
            else:
                raise _unexpected(word)

    def _full(self, name: str) -> str:
        """An interface's full name, however a file names it."""
        if "@" in name:
            return name
        return f"{self._package[0]}/{name}@{self._package[1]}"

    def _take(self) -> str:
        self._at += 1
        # A name that is also a word of the language is written with a percent sign.
        return self._tokens[self._at - 1].removeprefix("%")

    def _next_is(self, token: str) -> bool:
        """Takes the token if it is the next one."""
        if self._tokens[self._at] != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        found = self._take()
        if found != token:
            raise _unexpected(found)

    def _until(self, end: str) -> Iterator[str]:
        while not self._next_is(end):
            yield self._take()

    def _world(self) -> World:
        world = World()
        self._expect("{")
        for word in self._until("}"):
            name = self._full(self._take())
            if word == "include":
                included = self._into.worlds[name]
                world.imports += included.imports
                world.exports += included.exports
            elif word in ("import", "export"):
                (world.imports if word == "import" else world.exports).append(name)
            else:
                raise _unexpected(word)
            self._expect(";")
        return world

    def _interface(self, name: str) -> Interface:
        made = Interface(self._package[0], name, self._package[1])
        self._expect("{")
        for word in self._until("}"):
            if word == "use":
                source = self._full("".join(self._until("{")).removesuffix("."))
                made.uses |= dict.fromkeys((t for t in self._until("}") if t != ","), source)
                self._expect(";")
            elif word == "type":
                alias = self._take()
                self._expect("=")
                made.types[alias] = Definition("alias", (("", self._type()),))
                self._expect(";")
            elif word in _COMPOUND:
                own = self._take()
                made.types[own] = Definition(word, self._members(word))
            elif word == "resource":
                self._resource(made, self._take())
            else:
                self._expect(":")
                made.functions[word] = self._function()
        return made

    def _resource(self, made: Interface, name: str) -> None:
        made.types[name] = Definition("resource")
        if self._next_is(";"):
            return
        self._expect("{")
        for word in self._until("}"):
            self._expect(":")
            if self._next_is("static"):
                made.functions[f"[static]{name}.{word}"] = self._function()
            else:
                self_ = ("self", Use("borrow", (Use(name),)))
                made.functions[f"[method]{name}.{word}"] = self._function(self_)

    def _members(self, form: str) -> tuple[tuple[str, Use | None], ...]:
        members: list[tuple[str, Use | None]] = []
        self._expect("{")
        for name in self._until("}"):
            payload = None
            if form == "record":
                self._expect(":")
                payload = self._type()
            elif self._next_is("("):
                payload = self._type()
                self._expect(")")
            members.append((name, payload))
            self._next_is(",")
        return tuple(members)

    def _function(self, *first: tuple[str, Use]) -> Function:
        self._expect("func")
        self._expect("(")
        parameters = list(first)
        for name in self._until(")"):
            self._expect(":")
            parameters.append((name, self._type()))
            self._next_is(",")
        result = self._type() if self._next_is("->") else None
        self._expect(";")
        return Function(tuple(parameters), result)

    def _type(self) -> Use:
        head = self._take()
        if not self._next_is("<"):
            return Use(head)
        arguments: list[Use | None] = []
        while not self._next_is(">"):
            arguments.append(None if self._next_is("_") else self._type())
            self._next_is(",")
        return Use(head, tuple(arguments))


def definition_of(
    interfaces: Mapping[str, Interface], interface: Interface, name: str
) -> tuple[Interface, Definition]:
    """A named type as it stands in an interface: where it is defined, and how."""
    while name not in interface.types:
        interface = interfaces[interface.uses[name]]
    return interface, interface.types[name]


def _unexpected(token: str) -> Bug:
    return Bug(f"unexpected {token!r} in WIT")
