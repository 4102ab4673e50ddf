"""Captures an instance at rest, makes one equal to an image, and takes one back to it in place.

What an instance is: its memories, its mutable globals, its table of handles, and which data has
been copied. Tables of functions are as instantiating makes them, or `rewrite` has said otherwise.
All of the guest's own functions are left alone: what is called here was added to the component.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Protocol

from wasm_engine.concepts.errors import NotCapturable
from wasm_engine.host import mappings
from wasm_engine.host.mappings import PAGE
from wasm_engine.host.written_pages import PAGES, faults_here
from wasm_engine.runtime._wasmtime import handles
from wasm_engine.runtime._wasmtime.image import Image, Parts, differing
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory
from wasm_engine.runtime.resources import Give, ResourceTable

FUEL: Final = 1 << 40
"""For the functions that were added; more than they can take."""
COPIED: Final = 512
"""Pages up to which those that were written are copied back: to drop them and have them made again
takes several times as long. More are dropped, for an instance that waits should not keep them."""


class Instance(Protocol):
    """What is needed of an instance, which is built upon this."""

    fuel: int
    _linked: Any
    _slot: Any

    @property
    def at_rest(self) -> bool:
        """Whether it is alive, and no call is in progress."""

    def inside(self, function: str, *args: Any) -> Any:
        """Calls one of the functions that were added to the component."""


def capture(instance: Instance) -> Image:
    """An image of an instance; afterwards the instance lies over it, and can be taken back to it.

    Raises:
        NotCapturable: It cannot be captured.
    """
    keeping = instance._linked.keeping
    _check(instance, "" if keeping.rewritten else keeping.capture)
    fuel, instance.fuel = instance.fuel, FUEL
    image = Image(instance._slot.memories, list(_values(instance)))
    instance.fuel = fuel
    adopt(instance, image)
    return image


def adopt(instance: Instance, image: Image) -> None:
    """Lays an instance over an image that it is equal to."""
    for number, memory in enumerate(instance._slot.memories):
        image.lay(number, memory.address)
        memory.laid, memory.written = image, None
    fuel, instance.fuel = instance.fuel, FUEL
    instance.inside("we-save")
    instance.fuel = fuel


def difference(instance: Instance, image: Image) -> Parts:
    """How an instance differs from an image.

    Raises:
        NotCapturable: It cannot be captured.
    """
    _check(instance, instance._linked.keeping.capture)
    fuel, instance.fuel = instance.fuel, FUEL
    memories = instance._slot.memories
    saved = all(memory.laid is image for memory in memories) and bool(memories)
    values: list[tuple[int, int]] = []
    if not saved or instance.inside("we-changed"):
        pairs = zip(_values(instance), image.values, strict=True)
        values = [(number, now) for number, (now, then) in enumerate(pairs) if now != then]
    instance.fuel = fuel
    sizes = [memory.size for memory in memories]
    return Parts(sizes, values, differing(memories, image))


def settle(instance: Instance, image: Image, parts: Parts | None) -> None:
    """Makes a new instance, whose memories lie over an image, what the image and the parts are."""
    instance.fuel = FUEL
    linked = instance._linked
    initial = linked.initial
    if initial is None:
        initial = linked.initial = tuple(_values(instance))
    pairs = zip(initial, image.values, strict=True)
    _set(instance, ((n, value) for n, (first, value) in enumerate(pairs) if value != first))
    instance.inside("we-save")
    resources: Any = instance._slot.guest.resources
    if resources.places:
        _move(instance, ResourceTable().moves(resources))
    if parts is not None:
        _set(instance, parts.values)
        _write(instance._slot.memories, parts.pages)


def _write(memories: list[LinearMemory], pages: list[tuple[int, int, bytes]]) -> None:
    """Writes pages; those that lie side by side at once."""
    views = [mappings.view(memory.address, memory.size) for memory in memories]
    at, run = (-1, -1), list[bytes]()
    for number, page, content in [*pages, (-1, -1, b"")]:
        if (number, page) == (at[0], at[1] + len(run)):
            run.append(content)
            continue
        if run:
            start, whole = at[1] * PAGE, b"".join(run)
            views[at[0]][start : start + len(whole)] = whole
        at, run = (number, page), [content]


def rollback(instance: Instance, image: Image, guest: Any) -> bool:
    """Takes an instance back to the image that it lies over; see `Instance.rollback`."""
    if instance._linked.keeping.rollback or not instance.at_rest:
        return False
    slot = instance._slot
    for memory, size in zip(slot.memories, image.sizes, strict=True):
        if memory.laid is not image or memory.size != size:
            return False
    instance.fuel = FUEL
    faults, slot.faults = slot.faults, None
    unchanged = faults is not None and faults == faults_here()
    for number, memory in enumerate(slot.memories):
        _take_back(memory, image, number, unchanged=unchanged)
    if image.values:
        instance.inside("we-restore")
    if guest is not None:
        _move(instance, slot.guest.resources.moves(guest.resources))
        slot.guest = guest
    return True


def _take_back(memory: LinearMemory, image: Image, number: int, *, unchanged: bool) -> None:
    """Makes a memory hold what that of the image holds.

    Args:
        memory: The instance's.
        image: What it is to be.
        number: Which memory it is.
        unchanged: Whether no other pages can have been written than before it was last taken back.
    """
    written = memory.written if unchanged else None
    if written is None:
        written = memory.written = PAGES.written(memory.address, memory.size)
    if written is None or sum(count for _, count in written) > COPIED:
        memory.written = None
        image.lay_again(number, memory.address)
        return
    content, own = image.content(number), memory.view
    if own is None:
        own = memory.view = mappings.view(memory.address, memory.size)
    for first, count in written:
        start, end = first * PAGE, (first + count) * PAGE
        own[start:end] = content[start:end]


def _check(instance: Instance, reason: str) -> None:
    if reason:
        raise NotCapturable(reason)
    if not instance.at_rest:
        raise NotCapturable("a call is in progress")


def _slots(instance: Instance) -> Iterator[tuple[int, int]]:
    for number, count in enumerate(instance._linked.keeping.slots):
        for index in range(count):
            yield number, index


def _values(instance: Instance) -> Iterator[int]:
    """The values of all slots of the globals."""
    for number, index in _slots(instance):
        yield instance.inside(f"we-get-{number}", index)


def _set(instance: Instance, values: Any) -> None:
    places: list[tuple[int, int]] = []
    for number, value in values:
        places = places or list(_slots(instance))
        which, index = places[number]
        instance.inside(f"we-set-{which}", index, value)


def _move(instance: Instance, moves: list[Any]) -> None:
    """Changes the instance's own table of handles; see `ResourceTable.moves`."""
    numbers = instance._linked.resource_numbers
    for move in moves:
        number = numbers[move.resource] if move.resource else next(iter(numbers.values()))
        if isinstance(move, Give):
            instance.inside(f"we-give-{number}", handles.Numbered(move.rep))
        else:
            instance.inside(f"we-drop-{number}", move.at + handles.FIRST)
