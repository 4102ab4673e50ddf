"""A model as it was found on this machine: its files, hashed and looked through, to be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.portable import is_portable
from wasm_engine.concepts.references import Reference
from wasm_engine.concepts.straight import is_straight
from wasm_engine.host import model_store
from wasm_engine.host.cpu import computes_portably
from wasm_engine.host.file_digests import Hashed, hashed
from wasm_engine.host.model_files import Part, digest_of, external_of, look_into, onnx_of, parts_of


class FoundModel(NamedTuple):
    """A model of tensors, or of vectors.

    Attributes:
        place: Its file, or its folder.
        graph: Its `.onnx` file.
        digest: SHA-256 of all of it.
        portable: Whether it is marked as portable, and is, and the CPU of this machine is one of
            those on which such models agree.
        alone: Whether its graph has all of its weights in itself.
        straight: Whether it takes no longer than its size lets expect; see `is_straight`.
        size: Bytes of all of it.
        parts: Its files as they were hashed; none of a kept one, whose store is ours alone.
    """

    place: Path
    graph: Path
    digest: bytes
    portable: bool
    alone: bool
    straight: bool
    size: int
    parts: tuple[Hashed, ...]

    def require_unchanged(self) -> None:
        """Lets it pass if nobody has changed it since it was hashed.

        Raises:
            Misuse: Somebody has.
        """
        for part in self.parts:
            part.require_unchanged()

    def read(self) -> bytes:
        """The bytes of its graph, which are those that were hashed.

        Raises:
            Misuse: They cannot be read, or are not.
        """
        try:
            data = self.graph.read_bytes()
        except OSError as error:
            message = f"{self.graph}: cannot be read: {error.strerror}"
            raise Misuse(message, code="bad-model") from None
        for part in self.parts:
            if part.path == self.graph:
                part.require_same(data)
        return data


def _require_within(home: Path, weights: list[str]) -> None:
    """Lets weights pass that lie where they seem to: a model could tell what any file holds."""
    for name in weights:
        if not (home / name).resolve().is_relative_to(home.resolve()):
            message = f"{home / name}: weights that a link leads out of the folder of their model"
            raise Misuse(message, code="bad-model")


def find_model(named: str, place: Path) -> FoundModel:
    """Finds a model, hashes it, and looks into it.

    Args:
        named: As the manifest names it: a path, or a kept model.
        place: Where that path is.

    Raises:
        Misuse: It is none, cannot be read, or says that it is portable and is not.
    """
    reference = Reference.parse(named)
    if reference is not None:
        place = model_store.verify(reference)
    graph = onnx_of(place)
    model = look_into(graph)
    try:
        portable = is_portable(model) and computes_portably()
    except Wrong as wrong:
        message = f"{graph}: {wrong}"
        raise Misuse(message, code="bad-model") from None
    beside = external_of(model)
    parts: tuple[Hashed, ...] = ()
    if reference is not None:
        digest, size = reference.digest, sum(part.size for part in parts_of(place))
    else:
        names = [it.path for it in parts_of(place)] if place.is_dir() else [graph.name, *beside]
        home = place if place.is_dir() else place.parent
        _require_within(home, beside)
        parts, rows = _hashed(home, names)
        folder = place.is_dir() or len(rows) > 1
        digest, size = digest_of(rows, folder=folder), sum(row.size for row in rows)
    straight, alone = is_straight(model), not beside
    return FoundModel(place, graph, bytes.fromhex(digest), portable, alone, straight, size, parts)


def folder_digest(named: str, place: Path) -> str:
    """The digest of a folder, whatever is in it, as it is now; of a kept one as it was added.

    Raises:
        Misuse: It cannot be read, or what is kept was changed.
    """
    reference = Reference.parse(named)
    if reference is not None:
        model_store.verify(reference)
        return reference.digest
    _, rows = _hashed(place, [it.path for it in parts_of(place)])
    return digest_of(rows, folder=True)


def _hashed(home: Path, names: list[str]) -> tuple[tuple[Hashed, ...], list[Part]]:
    """Files of a model with what they are known by, in the order of a listing."""
    ordered = sorted(names, key=str.encode)
    parts = tuple(hashed(home / name) for name in ordered)
    rows = [
        Part(name, part.look[2], part.digest.hex())
        for name, part in zip(ordered, parts, strict=True)
    ]
    return parts, rows
