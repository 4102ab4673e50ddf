"""The little of the binary format that is needed: core modules, their imports, one constant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.wasm_binary import CUSTOM, read_leb, section, sections

_TYPE, _IMPORT, _GLOBAL, _EXPORT = 1, 2, 6, 7
_CORE_MODULE, _COMPONENT = 1, 4  # sections of a component
_FUNC_TYPE = 0x60
_VALUES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}
_FUNC, _TABLE, _MEMORY, _GLOBAL_KIND = 0, 1, 2, 3


class CoreImport(NamedTuple):
    """One import: a memory's smallest size in pages, a function's parameters and results."""

    module: str
    name: str
    pages: int | None = None
    parameters: tuple[str, ...] | None = None
    results: tuple[str, ...] = ()

    @property
    def signature(self) -> str | None:
        """The type of a function as text."""
        if self.parameters is None:
            return None
        result = f"(result {' '.join(self.results)})" if self.results else ""
        return f"(param {' '.join(self.parameters)}) {result}"


def join(header: bytes, parts: Iterator[tuple[int, bytes]]) -> bytes:
    """A module or component out of its 8 bytes of header and its sections."""
    return header + b"".join(section(kind, body) for kind, body in parts)


def _name(data: bytes, at: int) -> tuple[str, int]:
    size, at = read_leb(data, at)
    return data[at : at + size].decode(), at + size


def _limits(data: bytes, at: int) -> tuple[int, int]:
    bounded = data[at] & 1
    low, at = read_leb(data, at + 1)
    return (low, read_leb(data, at)[1]) if bounded else (low, at)


def _values(data: bytes, at: int) -> tuple[tuple[str, ...], int]:
    count, at = read_leb(data, at)
    found = []
    for byte in data[at : at + count]:
        if byte not in _VALUES:
            raise ValueError("a function of the module takes or gives what is no number")
        found.append(_VALUES[byte])
    return tuple(found), at + count


def _function_types(core: bytes) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Parameters and results of each function type of a core module."""
    found = []
    for data in (body for kind, body in sections(core) if kind == _TYPE):
        count, at = read_leb(data, 0)
        for _ in range(count):
            if data[at] != _FUNC_TYPE:
                raise ValueError("the module has types that are no functions")
            parameters, at = _values(data, at + 1)
            results, at = _values(data, at)
            found.append((parameters, results))
    return found


def core_imports(core: bytes) -> list[CoreImport]:
    """What a core module imports, in its order.

    Raises:
        ValueError: It uses types beyond numbers.
    """
    types = _function_types(core)
    found: list[CoreImport] = []
    for data in (body for kind, body in sections(core) if kind == _IMPORT):
        count, at = read_leb(data, 0)
        for _ in range(count):
            module, at = _name(data, at)
            name, at = _name(data, at)
            kind, at = data[at], at + 1
            if kind == _FUNC:
                index, at = read_leb(data, at)
                found.append(CoreImport(module, name, None, *types[index]))
                continue
            pages = None
            if kind == _TABLE:
                _, at = _limits(data, at + 1)
            elif kind == _MEMORY:
                pages, at = _limits(data, at)
            else:
                at += 2
            found.append(CoreImport(module, name, pages))
    return found


def core_exports(core: bytes) -> dict[str, tuple[int, int]]:
    """Kind and index of each export of a core module."""
    found = {}
    for data in (body for kind, body in sections(core) if kind == _EXPORT):
        count, at = read_leb(data, 0)
        for _ in range(count):
            name, at = _name(data, at)
            index, end = read_leb(data, at + 1)
            found[name] = (data[at], index)
            at = end
    return found


def exported_constant(core: bytes, name: str) -> int:
    """The value of an exported i32 global, of a module that imports none."""
    kind, index = core_exports(core)[name]
    if kind != _GLOBAL_KIND:
        raise ValueError(f"{name} is not a global")
    data = next(body for kind, body in sections(core) if kind == _GLOBAL)
    at = read_leb(data, 0)[1]
    # Each global is: type, mutability, `i32.const` and its signed number, `end`.
    for _ in range(index + 1):
        at += 3
        value, at = read_leb(data, at)
        at += 1
    return value


def splice(component: bytes, marker: bytes, core: bytes) -> bytes:
    """The component with the one core module that holds the marker replaced.

    Raises:
        Bug: None has it, or several have.
    """
    parts = list(sections(component))
    marked = [n for n, (kind, body) in enumerate(parts) if kind == _CORE_MODULE and marker in body]
    if len(marked) != 1:
        raise Bug("the place of what is put in is not in the component, or not once")
    parts[marked[0]] = (_CORE_MODULE, core)
    return join(component[:8], iter(parts))


def taken(component: bytes, like: bytes, marker: bytes) -> bytes:
    """The core module that stands in a component where the marker stands in one like it.

    Raises:
        Bug: It stands nowhere there, or they are not alike.
    """
    cores = [body for kind, body in sections(like) if kind == _CORE_MODULE]
    places = [n for n, body in enumerate(cores) if marker in body]
    theirs = [body for kind, body in sections(component) if kind == _CORE_MODULE]
    if len(places) != 1 or len(theirs) != len(cores):
        raise Bug("the engine does not stand in the component where it should")
    return theirs[places[0]]


def stripped(data: bytes) -> bytes:
    """A module or component without names and other custom sections, all the way down."""
    is_component = data[6] != 0
    kept = []
    for kind, body in sections(data):
        if is_component and kind in (_CORE_MODULE, _COMPONENT):
            kept.append((kind, stripped(body)))
        elif kind != CUSTOM:
            kept.append((kind, body))
    return join(data[:8], iter(kept))
