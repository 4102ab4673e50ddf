"""Tensors, and what a world knows of the models that take and give them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from wasm_engine.concepts import canonical
from wasm_engine.concepts.mistakes import shown
from wasm_engine.concepts.unchanging import Unchanging

WIDTHS: Final[Mapping[str, int]] = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "boolean": 1,
}
"""Bytes of an element by what it is; `text` has none of its own."""
TEXT: Final = "text"
MAX_RANK: Final = 32

Tensor: TypeAlias = tuple[str, str, list[int], bytes]
"""Name, element, shape, data in row-major order.

Numbers are little-endian, truth values a byte each, 0 or 1; texts are the canonical bytes of their
list.
"""


class Unfit(Exception):
    """A tensor that its model does not take; the text says what was expected, and what given."""


class Slot(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A tensor that a model takes or gives.

    Attributes:
        name: Its name.
        element: A key of `WIDTHS`, or `text`.
        shape: Lengths; None where any is taken.
        optional: Whether it may be left out.
    """

    name: str
    element: str
    shape: tuple[int | None, ...]
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.element} {_dims(self.shape)}"


class ModelFacts(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a world knows of a model from its beginning; its bytes are not in the run.

    Attributes:
        name: What the manifest calls it.
        form: `tensors`, or `texts` where it makes vectors of texts.
        digest: SHA-256 of what it is made of.
        portable: Whether its results follow from what it is given, on any machine.
        device: Where it computed when the world began: `cpu` or `cuda`.
        inputs, outputs: What it takes, and gives, in its order.
        dimensions: Of vectors: how many numbers one has; else 0.
        size: Bytes of all that it is made of; 0 where it never computes within a step: because it
            has loops, or because its run is from before models did.
    """

    name: str
    form: Literal["tensors", "texts"]
    digest: bytes
    portable: bool
    device: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    dimensions: int = 0
    size: int = 0


class Asked(NamedTuple):
    """What an effect on a model is to compute: its arguments, in their order.

    Attributes:
        form: `tensors` or `texts`; of a model that the guest has the bytes of `slots` or `given`.
        model: What the manifest calls it.
        digest: SHA-256 of the model.
        given: Tensors, or texts; `slots`: the bytes of the model; `given`: those, and tensors.
        timeout: Real time (ns) that it may take.
    """

    form: str
    model: str
    digest: bytes
    given: list[Any]
    timeout: int


def texts_of(data: bytes) -> list[str]:
    """The texts of a tensor's data.

    Raises:
        ValueError: It holds none.
    """
    texts = canonical.decode(data)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        message = "no list of texts"
        raise ValueError(message)
    return texts


def count_of(element: str, data: bytes) -> int:
    """How many elements a tensor's data has."""
    return len(texts_of(data)) if element == TEXT else len(data) // WIDTHS[element]


def size_of(tensors: Iterable[Tensor]) -> int:
    """Bytes of the data of tensors."""
    size = 0
    for tensor in tensors:
        size += len(tensor[3])
    return size


def check_inputs(slots: Sequence[Slot], given: Sequence[Tensor]) -> None:
    """Lets tensors pass that fit what a model takes.

    Raises:
        Unfit: One does not, is missing, or nobody asked for it.
    """
    known = {slot.name: slot for slot in slots}
    found: set[str] = set()
    for name, _, _, _ in given:
        if name not in known:
            raise Unfit(f"no input is called {shown(name)}; there are {_listed(known)}")
        if name in found:
            raise Unfit(f"input {shown(name)} is given twice")
        found.add(name)
    for slot in slots:
        if not slot.optional and slot.name not in found:
            raise Unfit(f"input {shown(slot.name)} is missing: {slot}")
    for tensor in given:
        _check(known[tensor[0]], tensor)


def _listed(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(map(shown, some[:8])) + (", ..." if len(some) > 8 else "")


def _check(slot: Slot, tensor: Tensor) -> None:
    name, element, shape, data = tensor
    if element != slot.element:
        raise Unfit(f"input {shown(name)}: expected {slot.element}, given {element}")
    fits = len(shape) == len(slot.shape)
    if fits:
        for want, have in zip(slot.shape, shape, strict=True):
            if want is not None and want != have:
                fits = False
    if not fits:
        expected = f"expected {_dims(slot.shape)}, given {_dims(shape)}"
        raise Unfit(f"input {shown(name)}: {expected}")
    count, wanted = count_of(element, data), prod(shape)
    if count != wanted:
        has = f"a shape of {_dims(shape)} has {wanted} elements, given {count}"
        raise Unfit(f"input {shown(name)}: {has}")


def _dims(shape: Sequence[int | None]) -> str:
    """A shape for people."""
    if len(shape) > MAX_RANK:
        return f"{len(shape)} dimensions"
    return f"[{', '.join('any' if n is None else str(n) for n in shape)}]"


class Models(Unchanging):
    """What a world knows of its models: a service that nothing changes.

    Args:
        facts: Of each model, by name.
        timeouts: Real time (ns) that a call of each may take.
        memory: Bytes of the tensors of one call of each.
        guests: Names of those that guests bring the bytes of.
    """

    def __init__(
        self,
        facts: Mapping[str, ModelFacts],
        timeouts: Mapping[str, int],
        memory: Mapping[str, int],
        guests: Sequence[str] = (),
    ) -> None:
        self._facts = facts
        self.guests = guests
        self.timeouts = timeouts
        self.memory = memory

    def find(self, name: str, form: str) -> ModelFacts | None:
        """The model of a name, if it is one of that form."""
        facts = self._facts.get(name)
        return facts if facts is not None and facts.form == form else None
