"""WIT types as plain data; `str(type)` is WIT text. Values look as `concepts.hostcall` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class _Plain:
    """A type without parts."""

    wit: ClassVar[str]

    def __str__(self) -> str:
        return self.wit


class Bool(_Plain):
    """`bool`."""

    __slots__ = ()
    wit = "bool"


class S8(_Plain):
    """`s8`."""

    __slots__ = ()
    wit = "s8"


class U8(_Plain):
    """`u8`."""

    __slots__ = ()
    wit = "u8"


class S16(_Plain):
    """`s16`."""

    __slots__ = ()
    wit = "s16"


class U16(_Plain):
    """`u16`."""

    __slots__ = ()
    wit = "u16"


class S32(_Plain):
    """`s32`."""

    __slots__ = ()
    wit = "s32"


class U32(_Plain):
    """`u32`."""

    __slots__ = ()
    wit = "u32"


class S64(_Plain):
    """`s64`."""

    __slots__ = ()
    wit = "s64"


class U64(_Plain):
    """`u64`."""

    __slots__ = ()
    wit = "u64"


class F32(_Plain):
    """`f32`."""

    __slots__ = ()
    wit = "f32"


class F64(_Plain):
    """`f64`."""

    __slots__ = ()
    wit = "f64"


class Char(_Plain):
    """`char`: a str of length 1, no surrogate."""

    __slots__ = ()
    wit = "char"


class String(_Plain):
    """`string`."""

    __slots__ = ()
    wit = "string"


@dataclass(frozen=True, slots=True)
class List:
    """`list<element>`; bytes where the element is `u8`."""

    element: Type

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class Packed:
    """`list<element>` of numbers or truth values that crosses as bytes: see `packed`."""

    element: Type

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class Record:
    """A record: a tuple of its fields, in their order."""

    fields: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return f"record {{ {', '.join(f'{name}: {ty}' for name, ty in self.fields)} }}"


@dataclass(frozen=True, slots=True)
class Tuple:
    """`tuple<...>`."""

    elements: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple<{', '.join(map(str, self.elements))}>"


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant: `(case, payload)`, the payload None where the case has none."""

    cases: tuple[tuple[str, Type | None], ...]

    def __str__(self) -> str:
        cases = (name if ty is None else f"{name}({ty})" for name, ty in self.cases)
        return f"variant {{ {', '.join(cases)} }}"


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum: the name of the case."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"enum {{ {', '.join(self.names)} }}"


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags: a frozenset of names."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"flags {{ {', '.join(self.names)} }}"


@dataclass(frozen=True, slots=True)
class Option:
    """`option<payload>`: None or the value; `(value,)` where the value itself may be None."""

    payload: Type

    @property
    def wrapped(self) -> bool:
        """Whether a value is `(value,)`."""
        return may_be_none(self.payload)

    def __str__(self) -> str:
        return f"option<{self.payload}>"


@dataclass(frozen=True, slots=True)
class Result:
    """`result<ok, err>`: the value, or `Err(payload)`; `(value,)` where the value may be an Err."""

    ok: Type | None
    err: Type | None

    @property
    def wrapped(self) -> bool:
        """Whether the ok value is `(value,)`."""
        return self.ok is not None and may_be_err(self.ok)

    def __str__(self) -> str:
        if self.err is None:
            return "result" if self.ok is None else f"result<{self.ok}>"
        return f"result<{'_' if self.ok is None else self.ok}, {self.err}>"


@dataclass(frozen=True, slots=True)
class Own:
    """`own<resource>`: `resource` is `interface#name` without version, or a bare name."""

    resource: str

    def __str__(self) -> str:
        return self.resource.rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Borrow:
    """`borrow<resource>`."""

    resource: str

    def __str__(self) -> str:
        return f"borrow<{self.resource.rpartition('#')[2]}>"


Type: TypeAlias = (
    Bool | S8 | U8 | S16 | U16 | S32 | U32 | S64 | U64 | F32 | F64 | Char | String
    | List | Packed | Record | Tuple | Variant | Enum | Flags | Option | Result | Own | Borrow
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FuncType:
    """The type of a function: named parameters, and a result or None."""

    params: tuple[tuple[str, Type], ...]
    result: Type | None

    def __str__(self) -> str:
        params = ", ".join(f"{name}: {ty}" for name, ty in self.params)
        return f"func({params})" + ("" if self.result is None else f" -> {self.result}")


def may_be_none(ty: Type) -> bool:
    """Whether None is a value of the type."""
    if isinstance(ty, Result):
        return ty.ok is None or (not ty.wrapped and may_be_none(ty.ok))
    return isinstance(ty, Option)


def may_be_err(ty: Type) -> bool:
    """Whether an `Err` is a value of the type."""
    if isinstance(ty, Option):
        return not ty.wrapped and may_be_err(ty.payload)
    return isinstance(ty, Result)


_PACKABLE = (Bool, S8, S16, U16, S32, U32, S64, U64, F32, F64)


def packed(ty: FuncType) -> FuncType:
    """The same type, but that lists of numbers and of truth values cross as bytes.

    Little-endian, one behind the other; a truth value is a byte, 0 or 1.
    """
    params = tuple((name, _packed(param)) for name, param in ty.params)
    return FuncType(params, None if ty.result is None else _packed(ty.result))


def _packed(ty: Type) -> Type:
    match ty:
        case List(element=element):
            return Packed(element) if isinstance(element, _PACKABLE) else List(_packed(element))
        case Record(fields=fields):
            return Record(tuple((name, _packed(it)) for name, it in fields))
        case Tuple(elements=elements):
            return Tuple(tuple(map(_packed, elements)))
        case Variant(cases=cases):
            return Variant(tuple((n, None if it is None else _packed(it)) for n, it in cases))
        case Option(payload=payload):
            return Option(_packed(payload))
        case Result(ok=ok, err=err):
            return Result(
                None if ok is None else _packed(ok), None if err is None else _packed(err)
            )
        case _:
            return ty
