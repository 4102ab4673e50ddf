"""How the values of the contract lie in memory and on the stack: the canonical ABI."""

from __future__ import annotations

from dataclasses import dataclass, field

from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.wit_text import Function, Interface, Use

_WIDTHS = {1: "bool u8 s8", 2: "u16 s16", 4: "u32 s32 f32", 8: "u64 s64 f64"}
PRIMITIVES = {name: width for width, names in _WIDTHS.items() for name in names.split()}
"""The numbers and the truth value, and how many bytes each has."""
_SIZES = {**PRIMITIVES, "string": 8, "list": 8}
_FLAT = {
    name: [name if name in ("f32", "f64") else "i64" if width == 8 else "i32"]
    for name, width in PRIMITIVES.items()
}
MAX_FLAT_PARAMETERS = 16


@dataclass(frozen=True)
class Type:
    """A type, resolved.

    Attributes:
        form: A primitive's name, `string`, `list`, `tuple`, `record`, `option`, `result`, `variant`
            or `enum`.
        name: Of a named one.
        home: The interface that a named one is of.
        parts: Fields, cases, elements: a name (or nothing) and a type (or None) each.
    """

    form: str
    name: str = ""
    parts: tuple[tuple[str, Type | None], ...] = ()
    home: str = ""

    @property
    def item(self) -> Type:
        """What a list or an option holds."""
        found = self.parts[0][1]
        assert found is not None
        return found

    @property
    def is_bytes(self) -> bool:
        """Whether it is list<u8>."""
        return self.form == "list" and self.item.form == "u8"

    @property
    def is_plain_list(self) -> bool:
        """Whether it is a list of primitives, which lies in memory as every language has it."""
        return self.form == "list" and self.item.form in PRIMITIVES

    @property
    def tagged(self) -> bool:
        """Whether a number says which of several cases it is."""
        return self.form in ("option", "result", "variant", "enum")

    @property
    def cases(self) -> tuple[tuple[str, Type | None], ...]:
        """Of a tagged one, in the order of the tags."""
        return (("none", None), ("some", self.item)) if self.form == "option" else self.parts

    @property
    def align(self) -> int:
        """Of its place in memory, in bytes."""
        if self.form in ("string", "list"):
            return 4
        if self.form in _SIZES:
            return _SIZES[self.form]
        return max([1, *(part.align for _, part in self.parts if part)])

    @property
    def size(self) -> int:
        """In memory, in bytes."""
        if self.form in _SIZES:
            return _SIZES[self.form]
        if self.tagged:
            payload = max([0, *(part.size for _, part in self.cases if part)])
            return _aligned(self.payload_at + payload, self.align)
        at = 0
        for _, part in self.parts:
            assert part is not None
            at = _aligned(at, part.align) + part.size
        return _aligned(at, self.align)

    @property
    def payload_at(self) -> int:
        """Where the value of a tagged one begins."""
        return _aligned(1, max([1, *(part.align for _, part in self.cases if part)]))

    def fields(self) -> list[tuple[str, Type, int]]:
        """Name, type and place of each field of a record or tuple."""
        found, at = [], 0
        for name, part in self.parts:
            assert part is not None
            at = _aligned(at, part.align)
            found.append((name, part, at))
            at += part.size
        return found

    @property
    def flat(self) -> list[str]:
        """Its core types, where it is passed as arguments."""
        if self.form in _FLAT:
            return _FLAT[self.form]
        if self.form in ("string", "list"):
            return ["i32", "i32"]
        if not self.tagged:
            return [core for _, part in self.parts if part for core in part.flat]
        joined: list[str] = []
        for _, part in self.cases:
            for place, core in enumerate(part.flat if part else []):
                if place == len(joined):
                    joined.append(core)
                elif joined[place] != core:
                    joined[place] = "i64"
        return ["i32", *joined]

    def passed(self, part: Type | None) -> list[str]:
        """The core types of a case's value as an argument."""
        cores = part.flat if part else []
        if cores != self.flat[1 : 1 + len(cores)]:
            raise NotImplementedError("cases whose values are passed differently")
        return cores


@dataclass(frozen=True)
class Signature:
    """A function of the contract, resolved."""

    interface: str
    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type | None

    @property
    def flat(self) -> list[str]:
        """The core types of its arguments; a place for the result comes last where it needs one."""
        found = ["i32"] if self.spilled else self._cores
        return [*found, "i32"] if self.returns_in_memory else found

    @property
    def _cores(self) -> list[str]:
        return [core for _, part in self.parameters for core in part.flat]

    @property
    def spilled(self) -> Type | None:
        """What lies in memory instead of its arguments, where they are too many."""
        if len(self._cores) <= MAX_FLAT_PARAMETERS:
            return None
        return Type("record", "", self.parameters)

    @property
    def returns_in_memory(self) -> bool:
        """Whether the caller gives a place for the result."""
        return self.result is not None and len(self.result.flat) > 1

    @property
    def flat_result(self) -> str | None:
        """The core type of what it returns directly."""
        return self.result.flat[0] if self.result and not self.returns_in_memory else None


@dataclass
class Resolved:
    """A contract with its types resolved.

    Attributes:
        contract: What it was read from.
        types: The named types by interface and name, aliases among them.
    """

    contract: Contract
    types: dict[tuple[str, str], Type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for interface in self.contract.interfaces.values():
            for name in interface.types:
                self.types[interface.name, name] = self._named(interface, name)

    def signatures(self, interface: str) -> list[Signature]:
        """The functions of an interface."""
        found = self.contract.interfaces[interface]
        return [self._signature(found, name, it) for name, it in found.functions.items()]

    def own_types(self, interface: str) -> list[Type]:
        """The records, variants and enums that it defines."""
        return [it for (home, _), it in self.types.items() if home == interface and it.name]

    def _signature(self, home: Interface, name: str, function: Function) -> Signature:
        parameters = tuple((n, self._type(home, use)) for n, use in function.parameters)
        result = self._type(home, function.result) if function.result else None
        return Signature(home.name, name, parameters, result)

    def _named(self, home: Interface, name: str) -> Type:
        if name not in home.types:
            return self._named(self.contract.interfaces[home.uses[name]], name)
        definition = home.types[name]
        if definition.form == "alias":
            use = definition.members[0][1]
            assert use is not None
            return self._type(home, use)
        parts = tuple((n, self._type(home, use) if use else None) for n, use in definition.members)
        return Type(definition.form, name, parts, home.name)

    def _type(self, home: Interface, use: Use) -> Type:
        if use.head in _SIZES and not use.arguments:
            return Type(use.head)
        arguments = [self._type(home, it) if it else None for it in use.arguments]
        if use.head in ("list", "option", "tuple"):
            return Type(use.head, "", tuple(("", it) for it in arguments))
        if use.head == "result":
            ok, error = [*arguments, None, None][:2]
            return Type("result", "", (("ok", ok), ("error", error)))
        return self._named(home, use.head)


def _aligned(at: int, align: int) -> int:
    return (at + align - 1) & -align
