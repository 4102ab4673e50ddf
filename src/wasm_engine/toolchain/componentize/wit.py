"""WIT of our own contracts: a package in one file, whose interfaces have short names; worlds."""

from __future__ import annotations

from wasm_engine.toolchain.wit_text import Interface, Reading, World


class Contract:
    """One WIT file, parsed.

    Attributes:
        package: Name of the package, without its version.
        version: Its version.
        interfaces: By name.
        beside: Interfaces of other packages that any component may import, or export: full names,
            by name.
        worlds: By name.
    """

    def __init__(self, text: str) -> None:
        reading = Reading(text)
        self.interfaces: dict[str, Interface] = {}
        self.beside: dict[str, str] = {}
        self.worlds: dict[str, World] = {}
        reading.expect("package")
        self.package, _, self.version = "".join(reading.until(";")).partition("@")
        while not reading.at_end():
            word, name = reading.take(), reading.take()
            if word == "interface":
                self.interfaces[name] = Interface(name)
                reading.interface(self.interfaces[name])
                _check(self.interfaces[name])
            elif word == "world":
                self.worlds[name] = _world(reading)
            else:
                raise ValueError(f"unexpected {word!r} in WIT")

    def full_name(self, interface: str) -> str:
        """The interface's name as components import and export it."""
        return self.beside.get(interface) or f"{self.package}/{interface}@{self.version}"

    def offered(self, world: str) -> dict[str, str]:
        """The interfaces that a component of a world may import: their names by full names."""
        names = [*self.worlds[world].imports, *self.beside]
        return {self.full_name(name): name for name in names}

    def add(self, text: str) -> None:
        """Another package, whose interfaces components may have besides: `package-interface`."""
        other, ours = Contract(text), {self.full_name(name): name for name in self.interfaces}
        for name, interface in other.interfaces.items():
            interface.name = f"{other.package.partition(':')[2]}-{name}"
            interface.uses = {it: ours.get(source, source) for it, source in interface.uses.items()}
            self.interfaces[interface.name] = interface
            self.beside[interface.name] = other.full_name(name)


def _check(interface: Interface) -> None:
    """Refuses what a component cannot be written around."""
    for name, it in interface.types.items():
        if it.form in ("resource", "flags"):
            raise ValueError(f"unexpected {it.form} {name} in WIT")


def _world(reading: Reading) -> World:
    world = World()
    reading.expect("{")
    for word in reading.until("}"):
        side = {"import": world.imports, "export": world.exports}[word]
        side.append(reading.take())
        reading.expect(";")
    return world
