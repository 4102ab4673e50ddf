"""Components rewritten before they are compiled, so that their instances can be kept.

Wasmtime shows an instance's memories to who provides them, and nothing else of it. What else an
instance is (mutable globals, handles, which data has been copied) is reached through exports that
are added here. Nothing that is there is renumbered or changed, so calls take the same fuel.

The root exports that are added:

    we-begin: func()                     what instantiating does not do any more: fills memory, and
                                         runs start functions, instance by instance
    we-save: func()                      keeps the values of all mutable globals, in the instance
    we-restore: func()                   takes them back
    we-changed: func() -> bool           whether any differs from what was kept
    we-get-K: func(i: u32) -> u64        one slot of the globals of the K-th instance that has any
    we-set-K: func(i: u32, v: u64)
    we-give-N: func(h: own<R>) -> u32    puts a handle in the instance's table; answers its index
    we-drop-N: func(h: u32)              drops the handle of that index

K counts core instances with mutable globals, in order of instantiation. N counts the resources that
the component imports, in order of import. Pure: bytes to bytes.
"""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.runtime._wasmtime.rewrite import shadow
from wasm_engine.runtime._wasmtime.rewrite.conductor import Conductor
from wasm_engine.runtime._wasmtime.rewrite.outer import HEADER, MODULE, NotKept, Outer
from wasm_engine.runtime._wasmtime.rewrite.reading import Unreadable
from wasm_engine.runtime._wasmtime.rewrite.writing import Piece, section

__all__ = ["Rewritten", "rewrite"]


class Rewritten(NamedTuple):
    """A component, and what can be done with its instances.

    Attributes:
        wasm: Its bytes: those that were given, if neither can be done.
        capture: Why an instance cannot be captured and made again elsewhere; "" if it can.
        rollback: Why an instance cannot be taken back to what it was; "" if it can.
        slots: How many slots `we-get-K` has, for each K.
        resources: For each N of `we-give-N`, the interface (with version, "" for a resource that is
            imported by itself) and the name of the resource.
    """

    wasm: bytes
    capture: str
    rollback: str
    slots: tuple[int, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()


def rewrite(component: bytes) -> Rewritten:
    """A component with what lets its instances be kept.

    Never raises: of bytes that are no component, or one with what is off here, nothing is changed.
    """
    if component[: len(HEADER)] != HEADER:
        return _unchanged(component, "not a component")
    try:
        root = Outer(component)
        _check_starts(root)
        pieces = _pieces(root)
    except NotKept as reason:
        return _unchanged(component, str(reason))
    except (Unreadable, UnicodeDecodeError) as reason:
        return _unchanged(component, f"it cannot be read: {reason}")
    capture = ""
    modules = list(root.modules.values())
    if any(it.type in shadow.REFERENCES for each in modules for it in each.mutable):
        capture = "a mutable reference global"
    mutable = (modules[number].mutable for _, number in root.core_instances)
    slots = tuple(shadow.slots(it) for it in mutable if it)
    resources = tuple((it.interface, it.name) for it in root.resources)
    return Rewritten(b"".join(pieces), capture, "", slots, resources)


def _unchanged(component: bytes, reason: str) -> Rewritten:
    return Rewritten(component, reason, reason)


def _check_starts(root: Outer) -> None:
    """Refuses start functions that would see tables that later instances fill.

    Instances are made before any start function runs; as it was, those of earlier instances ran
    before the tables were filled.
    """
    modules, started = list(root.modules.values()), False
    for _, number in root.core_instances:
        if started and modules[number].fills_tables:
            raise NotKept("a start function runs before all tables are filled")
        started = started or modules[number].start >= 0


def _pieces(root: Outer) -> list[Piece]:
    view = memoryview(root.data)
    pieces: list[Piece] = [HEADER]
    for at in root.sections:
        if at.kind == MODULE and (module := root.modules[at.head]).names:
            pieces += section(MODULE, module.rewritten())
        else:
            pieces.append(view[at.head : at.end])
    return [*pieces, *Conductor(root).sections()]
