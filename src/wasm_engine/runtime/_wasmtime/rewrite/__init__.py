"""Components rewritten before they are compiled, so that their instances can be kept.

Wasmtime shows an instance's memories to who provides them, and nothing else of it. What else an
instance is (mutable globals, handles, which data has been copied) is reached through exports that
are added here, by core modules at the end of the component. Nothing that is there is renumbered or
changed, so calls take the same fuel; and nothing is added that code which is there could name.

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
from wasm_engine.runtime._wasmtime.rewrite.additions import rewritten
from wasm_engine.runtime._wasmtime.rewrite.ending import Ending
from wasm_engine.runtime._wasmtime.rewrite.filler import Filler
from wasm_engine.runtime._wasmtime.rewrite.module import Module
from wasm_engine.runtime._wasmtime.rewrite.outer import HEADER, MODULE, Outer
from wasm_engine.runtime._wasmtime.rewrite.reading import NotKept, Unreadable
from wasm_engine.runtime._wasmtime.rewrite.walk import walk
from wasm_engine.runtime._wasmtime.rewrite.writing import Piece, section

__all__ = ["Rewritten", "rewrite"]
_CALL = 2
"""Fuel for a call: the instruction, and the function's entry."""


class Rewritten(NamedTuple):
    """A component, and what can be done with its instances.

    Attributes:
        wasm: Its bytes: those that were given, if neither can be done.
        capture: Why an instance cannot be captured and made again elsewhere; "" if it can.
        rollback: Why an instance cannot be taken back to what it was; "" if it can.
        slots: How many slots `we-get-K` has, for each K.
        resources: For each N of `we-give-N`, the interface (with version, "" for a resource that is
            imported by itself) and the name of the resource.
        surplus: Fuel that beginning an instance (making it, and `we-begin`) takes of these bytes,
            beyond what it took of the original ones while memories were mapped copy on write: what
            a guest is not charged for, and must be given on top of its limit. 0 where the bytes
            could not be read, or have nested code.
    """

    wasm: bytes
    capture: str
    rollback: str
    slots: tuple[int, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    surplus: int = 0


def rewrite(component: bytes) -> Rewritten:
    """A component with what lets its instances be kept.

    Never raises: of bytes that are no component, or one with what is off here, nothing is changed.
    """
    if component[: len(HEADER)] != HEADER:
        return Rewritten(component, "not a component", "not a component")
    try:
        root = Outer(component)
        return _rewritten(root)
    except NotKept as found:
        reason = str(found)
    except (Unreadable, UnicodeDecodeError) as found:
        reason = f"it cannot be read: {found}"
    except MemoryError:
        reason = "there is no memory to rewrite it"
    return Rewritten(component, reason, reason)


def _rewritten(root: Outer) -> Rewritten:
    modules = list(root.modules.values())
    instances = [modules[number] for _, number in root.core_instances]
    reason = _reason(root, modules)
    if reason:
        surplus = sum(each.fuel_as_it_is() - each.fuel_as_it_was() for each in instances)
        return Rewritten(root.data, reason, reason, surplus=surplus)
    # Those that nothing is made of stay as they are: nothing would check what is added to them.
    fillers = {number: Filler(modules[number]) for _, number in root.core_instances}
    return Rewritten(
        wasm=b"".join(_pieces(root, fillers)),
        capture="",
        rollback="",
        slots=tuple(shadow.slots(each.mutable) for each in instances if each.mutable),
        resources=tuple((each.interface, each.name) for each in root.resources),
        surplus=1 + sum(_surplus(modules[n], fillers[n]) for _, n in root.core_instances),
    )


def _surplus(module: Module, filler: Filler) -> int:
    """What `we-begin` takes for an instance of the module, beyond what making it took."""
    fill = _CALL + filler.fuel if filler.used else 0
    start = 1 if module.start >= 0 else 0
    return fill + start - module.fuel_as_it_was()


def _reason(root: Outer, modules: list[Module]) -> str:
    """Why instances can be neither captured nor rolled back; "" if they can."""
    if root.defines_resources:
        return "it defines resources"
    for number, module in enumerate(modules):
        if module.references:
            return f"a mutable reference global: module {number}"
        if module.code is not None:
            found = walk(root.data, module.code, module.imported_functions, module.active)
            if found.change:
                return f"{found.change}: module {number}, function {found.function}"
    return ""


def _pieces(root: Outer, fillers: dict[int, Filler]) -> list[Piece]:
    view, number = memoryview(root.data), 0
    pieces: list[Piece] = [HEADER]
    for at in root.sections:
        if at.kind == MODULE and number in fillers:
            pieces += section(MODULE, rewritten(root.modules[at.head], fillers[number]))
        else:
            pieces.append(view[at.head : at.end])
        number += at.kind == MODULE
    used = {number: each for number, each in fillers.items() if each.used}
    return [*pieces, *Ending(root, used).sections()]
