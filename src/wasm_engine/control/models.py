"""The model store, as the operator uses it: add, list, show, remove."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.onnx_file import OnnxFile, Slot
from wasm_engine.concepts.portable import is_marked, is_portable, portability, trusted
from wasm_engine.concepts.references import Reference
from wasm_engine.control.reports import Report
from wasm_engine.host import model_store
from wasm_engine.host.cpu import computes_portably
from wasm_engine.host.model_files import (
    digest_of,
    external_of,
    hashed,
    look_into,
    onnx_of,
    unheard,
    with_weights,
)
from wasm_engine.host.model_store import Record, StoredModel, StoredSlot

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""
MOST_LICENCE = 1000
"""Characters of a note."""


@dataclass(frozen=True, slots=True)
class SlotRow(Report):
    """A tensor that a model takes or gives.

    Attributes:
        name: What it is called.
        element: What it is made of.
        shape: Its lengths: a number, or the name of one that may be any, or null; null where
            not even their number is said.
        optional: Whether it may be left out.
    """

    name: str
    element: str
    shape: tuple[int | str | None, ...] | None
    optional: bool


@dataclass(frozen=True, slots=True)
class ModelReport(Report):
    """A model: kept here, or a file that was looked at.

    Attributes:
        reference: `name@sha256:digest`, as manifests name it; null where it is not kept.
        name: What it is called here, or null.
        digest: SHA-256 of its file, or of its folder's listing.
        size: Bytes of all its files.
        origin: Where it came from.
        licence: What was noted about its licence.
        place: Its file or folder.
        files: How many there are.
        opset: The version of the ops that it is made of.
        portable: Whether its results are the same bits on each x86 CPU with AVX2, and it says so.
        inputs: What it takes.
        outputs: What it gives.
    """

    reference: str | None
    name: str | None
    digest: str
    size: int
    origin: str
    licence: str
    place: str
    files: int
    opset: int
    portable: bool
    inputs: tuple[SlotRow, ...]
    outputs: tuple[SlotRow, ...]

    @classmethod
    def of(cls, stored: StoredModel) -> ModelReport:
        """The report of a kept one."""
        reference, record = stored.reference, stored.record
        return cls(
            str(reference), reference.name, reference.digest, stored.size, record.origin,
            record.licence, str(model_store.path_of(reference)), len(record.files), record.opset,
            record.portable, tuple(map(_row, record.inputs)), tuple(map(_row, record.outputs)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownModel(Report):
    """A model, looked into.

    Attributes:
        model: What is known of it.
        reasons: Why its results may differ between CPUs; none of a model that could be marked.
        fits: Whether the CPU of this machine is one of those on which portable models agree.
        ops: How often it has each op.
    """

    model: ModelReport
    reasons: tuple[str, ...]
    fits: bool
    ops: dict[str, int]


@dataclass(frozen=True, slots=True)
class ModelsReport(Report):
    """The models that are kept here, by name and digest."""

    models: tuple[ModelReport, ...]


def add(
    place: Path, name: str = "", *, licence: str = "", progress: Progress = unheard
) -> ModelReport:
    """Keeps a model: an `.onnx` file, or a folder with one.

    Args:
        place: The file or folder.
        name: What it is called from now on; as the file or folder if not given.
        licence: A note.
        progress: Told of bytes.

    Raises:
        Misuse: It cannot be read, is none, or its name is none.
        HostFault: The machine failed.
    """
    called = name or _name_of(place.absolute().name)
    if not is_kind(called):
        rule = "small letters, digits and . _ -"
        raise Misuse(f"{shown(called)} cannot name a model: {rule}", hint="give one by --name")
    if len(licence) > MOST_LICENCE or not licence.isprintable():
        raise Misuse(f"a licence note is one line of {MOST_LICENCE} characters at most")
    model = look_into(onnx_of(place))
    others = external_of(model)
    if others and not place.is_dir():
        said = ", ".join(map(shown, others[:4]))
        raise Misuse(
            f"{place}: its weights are in other files ({said})",
            code="bad-model", hint="add the folder that has all of them",
        )  # fmt: skip
    portable = _portable(place, model)
    record = Record(
        model_store.VERSION, str(place.absolute()), licence, [], model.opset, portable,
        [_slot(it) for it in model.inputs()], [_slot(it) for it in model.outputs()],
    )  # fmt: skip
    return ModelReport.of(model_store.add(called, place, record, progress))


def listed() -> ModelsReport:
    """The models that are kept here."""
    return ModelsReport(tuple(map(ModelReport.of, model_store.listed())))


def show(text: str, progress: Progress = unheard) -> ShownModel:
    """Looks into a model: kept, or a file or folder.

    Raises:
        Misuse: There is none, or it cannot be used.
    """
    reference = find(text)
    place = Path(text) if reference is None else model_store.verify(reference, progress)
    model = look_into(onnx_of(place))
    if reference is not None:
        report = ModelReport.of(model_store.record_of(reference))
    else:
        report = _unkept(place, model, progress)
    trust = trusted(model) if is_marked(model) else frozenset[str]()
    nodes = [node for graph in model.graph.inner() for node in graph.nodes]
    names = sorted(f"{it.domain}.{it.op}" if it.domain else it.op for it in nodes)
    ops = {name: names.count(name) for name in dict.fromkeys(names)}
    return ShownModel(report, portability(model, trust), computes_portably(), ops)


def remove(text: str) -> ModelReport:
    """Keeps a model no longer.

    Args:
        text: `name@sha256:digest`, or a name that stands for just one.

    Raises:
        Misuse: There is no such model, or several are called so.
    """
    reference = find(text)
    if reference is None:
        raise model_store.not_kept(shown(text), [])
    report = ModelReport.of(model_store.record_of(reference))
    model_store.remove(reference)
    return report


def find(text: str) -> Reference | None:
    """The kept model that somebody means, by reference or by a name that stands for just one.

    Returns:
        None where it may be a path.

    Raises:
        Misuse: No model is kept under that reference, or several are called so.
    """
    reference = Reference.parse(text)
    if reference is not None:
        if not model_store.is_kept(reference):
            kept = [str(it.reference) for it in model_store.listed()]
            raise model_store.not_kept(str(reference), kept)
        return reference
    if not is_kind(text) or Path(text).exists():
        return None
    found = [it.reference for it in model_store.listed() if it.reference.name == text]
    if len(found) > 1:
        choices = "\n".join(f"  {it}" for it in found)
        raise Misuse(f"{len(found)} models are called {shown(text)}; say which:\n{choices}")
    return found[0] if found else None


def place_of(text: str, progress: Progress = unheard) -> Path:
    """The file or folder of a model that somebody means: kept and unchanged, or by its path.

    Raises:
        Misuse: It is not kept, was changed, or is not there.
    """
    reference = find(text)
    if reference is not None:
        return model_store.verify(reference, progress)
    if not Path(text).exists():
        message = f"there is no file, folder or kept model {shown(text)}"
        raise Misuse(message, code="no-such-model", hint="wasm-engine model list")
    return Path(text)


def _unkept(place: Path, model: OnnxFile, progress: Progress) -> ModelReport:
    if place.is_dir():
        parts = hashed(place, progress)
        digest = digest_of(parts, folder=True)
    else:
        digest, parts = with_weights(place, progress)
    return ModelReport(
        None, None, digest, sum(it.size for it in parts), str(place.absolute()), "", str(place),
        len(parts), model.opset, _portable(place, model),
        tuple(_row(_slot(it)) for it in model.inputs()),
        tuple(_row(_slot(it)) for it in model.outputs()),
    )  # fmt: skip


def _portable(place: Path, model: OnnxFile) -> bool:
    try:
        return is_portable(model)
    except Wrong as wrong:
        raise Misuse(f"{place}: {wrong}", code="not-portable") from None


def _slot(slot: Slot) -> StoredSlot:
    shape = None if slot.shape is None else list(slot.shape)
    return StoredSlot(slot.name, slot.element, shape, slot.optional)


def _row(slot: StoredSlot) -> SlotRow:
    shape = None if slot.shape is None else tuple(slot.shape)
    return SlotRow(slot.name, slot.element, shape, slot.optional)


def _name_of(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower().removesuffix(".onnx")).strip("._-")
