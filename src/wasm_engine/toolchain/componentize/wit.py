"""Reads the part of WIT that our own contracts use: interfaces of values and functions; worlds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\s+|//[^\n]*|(?P<token>->|[\w./@-]+|.)")


@dataclass(frozen=True)
class Use:
    """A type as it is written: a primitive, a name, or `list<..>` and the like."""

    head: str
    arguments: tuple[Use | None, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A named type: `form` is alias, record, variant or enum; cases without payload have None."""

    form: str
    members: tuple[tuple[str, Use | None], ...]


@dataclass(frozen=True)
class Function:
    """Names and types of the parameters, and the result where there is one."""

    parameters: tuple[tuple[str, Use], ...]
    result: Use | None


@dataclass
class Interface:
    """What an interface holds; `uses` maps a type's name to the interface it comes from."""

    name: str
    uses: dict[str, str] = field(default_factory=dict)
    types: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)


@dataclass
class World:
    """The interfaces that a component of this world may import and has to export."""

    imports: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)


class Contract:
    """One WIT file, parsed.

    Attributes:
        package: Name of the package, without its version.
        version: Its version.
        interfaces: By name.
        beside: Interfaces of other packages that any component may export: full names, by name.
        worlds: By name.
    """

    def __init__(self, text: str) -> None:
        self._tokens = [m["token"] for m in _TOKEN.finditer(text) if m["token"]]
        self._at = 0
        self.interfaces: dict[str, Interface] = {}
        self.beside: dict[str, str] = {}
        self.worlds: dict[str, World] = {}
        self._expect("package")
        colon = self._take_until(";")
        self.package, _, self.version = "".join(colon).partition("@")
        while self._at < len(self._tokens):
            word, name = self._take(), self._take()
            if word == "interface":
                self.interfaces[name] = self._interface(name)
            elif word == "world":
                self.worlds[name] = self._world()
            else:
                raise ValueError(f"unexpected {word!r} in WIT")

    def full_name(self, interface: str) -> str:
        """The interface's name as components import and export it."""
        return self.beside.get(interface) or f"{self.package}/{interface}@{self.version}"

    def add(self, text: str, *, imported: bool = False) -> None:
        """Another package, whose interfaces components may have besides: `package-interface`.

        Args:
            text: Its WIT.
            imported: Whether components of any world may import them; else they may export them.
        """
        other = Contract(text)
        own = {self.full_name(name): name for name in self.interfaces}
        for name, interface in other.interfaces.items():
            interface.name = f"{other.package.partition(':')[2]}-{name}"
            interface.uses = {it: own.get(home, home) for it, home in interface.uses.items()}
            self.interfaces[interface.name] = interface
            self.beside[interface.name] = other.full_name(name)
            for world in self.worlds.values() if imported else ():
                world.imports.append(interface.name)

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _next_is(self, token: str) -> bool:
        """Takes the token if it is the next one."""
        if self._tokens[self._at] != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        got = self._take()
        if got != token:
            raise ValueError(f"expected {token!r} in WIT, got {got!r}")

    def _take_until(self, end: str) -> list[str]:
        taken = []
        while not self._next_is(end):
            taken.append(self._take())
        return taken

    def _world(self) -> World:
        world = World()
        self._expect("{")
        while not self._next_is("}"):
            side = {"import": world.imports, "export": world.exports}[self._take()]
            side.append(self._take())
            self._expect(";")
        return world

    def _interface(self, own_name: str) -> Interface:
        interface = Interface(own_name)
        self._expect("{")
        while not self._next_is("}"):
            word = self._take()
            if word == "use":
                self._use(interface)
            elif word == "type":
                alias = self._take()
                self._expect("=")
                interface.types[alias] = Definition("alias", (("", self._type()),))
                self._expect(";")
            elif word in ("record", "variant", "enum"):
                name = self._take()
                interface.types[name] = Definition(word, self._members(word))
            else:
                interface.functions[word] = self._function()
        return interface

    def _use(self, interface: Interface) -> None:
        # The lexer keeps the dot with the name: `types.` and then `{`; of another package with its
        # version, `wasm-engine:agent/types@0.1.0.`.
        source = "".join(self._take_until("{")).rstrip(".")
        interface.uses |= dict.fromkeys((t for t in self._take_until("}") if t != ","), source)
        self._expect(";")

    def _members(self, form: str) -> tuple[tuple[str, Use | None], ...]:
        members: list[tuple[str, Use | None]] = []
        self._expect("{")
        while not self._next_is("}"):
            name = self._take()
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

    def _function(self) -> Function:
        self._expect(":")
        self._expect("func")
        self._expect("(")
        parameters = []
        while not self._next_is(")"):
            name = self._take()
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
