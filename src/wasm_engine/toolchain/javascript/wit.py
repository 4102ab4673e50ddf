"""The WIT that an interpreter is built against: packages together, names in full; worlds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wasm_engine.concepts.errors import Bug
from wasm_engine.toolchain import wit_text
from wasm_engine.toolchain.wit_text import Definition, Function, Reading, Use, World

__all__ = ["Definition", "Function", "Interface", "Packages", "Use", "World", "definition_of"]

_PACKAGE = re.compile(r"^package ([\w-]+:[\w-]+)@([\w.-]+);", re.MULTILINE)


@dataclass(slots=True)
class Interface(wit_text.Interface):
    """An interface with its package; what it uses it names in full.

    Attributes:
        package: Its package, without version: `wasi:io`.
        version: The package's.
    """

    package: str = ""
    version: str = ""

    @property
    def full(self) -> str:
        """Its name as components import and export it."""
        return f"{self.package}/{self.name}@{self.version}"

    @property
    def short(self) -> str:
        """Its name for the guest: `keyvalue/store`."""
        return f"{self.package.partition(':')[2]}/{self.name}"


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
        try:
            for texts in packages:
                named = next(filter(None, map(_PACKAGE.search, texts)))
                for text in texts:
                    self._read(_File(text, (named[1], named[2])))
        except ValueError as error:
            raise Bug(str(error)) from None
        for interface in self.interfaces.values():
            self._own(interface)

    def _read(self, file: _File) -> None:
        while not file.at_end():
            word, name = file.take(), file.take()
            if word == "package":
                file.expect(";")
            elif word == "interface":
                found = Interface(name, package=file.package, version=file.version)
                file.interface(found)
                self.interfaces[found.full] = found
            elif word == "world":
                self.worlds[file.source(name)] = self._world(file)
            else:
                raise ValueError(f"unexpected {word!r} in WIT")

    def _world(self, file: _File) -> World:
        world = World()
        file.expect("{")
        for word in file.until("}"):
            name = file.source(file.take())
            if word == "include":
                included = self.worlds[name]
                world.imports += included.imports
                world.exports += included.exports
            elif word in ("import", "export"):
                (world.imports if word == "import" else world.exports).append(name)
            else:
                raise ValueError(f"unexpected {word!r} in WIT")
            file.expect(";")
        return world

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


class _File(Reading):
    """One file being read, and the package that it belongs to."""

    def __init__(self, text: str, package: tuple[str, str]) -> None:
        super().__init__(text)
        self.package, self.version = package

    def source(self, written: str) -> str:
        """An interface's full name, however a file names it."""
        return written if "@" in written else f"{self.package}/{written}@{self.version}"


def definition_of(
    interfaces: Mapping[str, Interface], interface: Interface, name: str
) -> tuple[Interface, Definition]:
    """A named type as it stands in an interface: where it is defined, and how."""
    while name not in interface.types:
        interface = interfaces[interface.uses[name]]
    return interface, interface.types[name]
