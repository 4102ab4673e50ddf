"""Passing over a component's types, to find which resources its imported instances have."""

from __future__ import annotations

from wasm_engine.runtime._wasmtime.rewrite.module import OURS
from wasm_engine.runtime._wasmtime.rewrite.reading import NotKept, Reader, Unreadable

_DEEPEST = 40
_PRIMITIVES = range(0x73, 0x80)
RESOURCE, _FUNCTION, _COMPONENT, _INSTANCE = 0x3F, 0x40, 0x41, 0x42
_RECORD, _VARIANT, _LIST, _TUPLE, _FLAGS, _ENUM = 0x72, 0x71, 0x70, 0x6F, 0x6E, 0x6D
_OPTION, _RESULT, _OWN, _BORROW = 0x6B, 0x6A, 0x69, 0x68
FUNC, VALUE, TYPE, COMPONENT, INSTANCE = range(1, 6)
CORE_MODULE = 0x11
_CORE, _OUTER = 1, 2


def read_type(reader: Reader, depth: int = 0) -> tuple[bytes, ...]:
    """Passes over a type.

    Returns:
        Of an instance's type: the names of the resources that it brings. Else nothing.
    """
    kind = reader.byte()
    if kind in _PRIMITIVES:
        return ()
    if kind == RESOURCE:
        reader.byte()
        _optional(reader)
    elif kind == _FUNCTION:
        _function(reader)
    elif kind in (_COMPONENT, _INSTANCE):
        return _declarations(reader, depth + 1)
    else:
        _value(reader, kind)
    return ()


def extern_name(reader: Reader) -> bytes:
    """The name of an import or export."""
    if reader.byte() > 1:
        raise Unreadable("a name of a kind that is off here")
    return reader.name()


def extern(reader: Reader) -> tuple[int, int, bool]:
    """What an import or export is: kind, number of its type, whether a new resource."""
    kind = reader.byte()
    if kind == 0:
        if reader.byte() != CORE_MODULE:
            raise Unreadable("an import of an unknown kind")
        return CORE_MODULE, reader.number(), False
    if kind == TYPE:
        if reader.byte():
            return kind, -1, True
        return kind, reader.number(), False
    if kind in (FUNC, COMPONENT, INSTANCE):
        return kind, reader.number(), False
    raise Unreadable("an import or export of a kind that is off here")


def alias_target(reader: Reader) -> tuple[int, int]:
    """What an alias names: its kind, and of a core item which one."""
    found = sort(reader)
    whose = reader.byte()
    reader.number()
    if whose == _OUTER:
        reader.number()
    elif whose > _OUTER:
        raise Unreadable("an alias of an unknown kind")
    elif reader.name().startswith(OURS) and whose == _CORE:
        raise NotKept("it has core names that begin with we.")
    return found


def sort(reader: Reader) -> tuple[int, int]:
    """A kind of item, and of a core item which one."""
    kind = reader.byte()
    if kind > INSTANCE or kind == VALUE:
        raise Unreadable("an item of an unknown kind")
    return kind, reader.byte() if kind == 0 else -1


def _declarations(reader: Reader, depth: int) -> tuple[bytes, ...]:
    if depth > _DEEPEST:
        raise Unreadable("types that are nested too deep")
    resources = []
    for _ in range(reader.count()):
        kind = reader.byte()
        if kind == 1:
            read_type(reader, depth)
        elif kind == 2:
            alias_target(reader)
        elif kind in (3, 4):
            named = extern_name(reader)
            _, _, new = extern(reader)
            if new and kind == 4:
                resources.append(named)
        else:
            raise Unreadable("a declaration of an unknown kind")
    return tuple(resources)


def _function(reader: Reader) -> None:
    for _ in range(reader.count()):
        reader.name()
        reader.skip_leb()
    if reader.byte() == 0:
        reader.skip_leb()
    elif reader.byte() != 0:
        raise Unreadable("a function of an unknown kind")


def _value(reader: Reader, kind: int) -> None:
    if kind in (_LIST, _OPTION, _OWN, _BORROW):
        reader.skip_leb()
    elif kind == _RESULT:
        _optional(reader)
        _optional(reader)
    elif kind in (_RECORD, _VARIANT, _TUPLE, _FLAGS, _ENUM):
        for _ in range(reader.count()):
            if kind != _TUPLE:
                reader.name()
            if kind in (_RECORD, _TUPLE):
                reader.skip_leb()
            elif kind == _VARIANT:
                _optional(reader)
                reader.byte()
    else:
        raise Unreadable("a type of a kind that is off here")


def _optional(reader: Reader) -> None:
    if reader.byte():
        reader.skip_leb()
