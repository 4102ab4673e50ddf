"""The files of a model on this machine: read, hashed, and held to lie where they belong."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.onnx_file import OnnxFile, read_onnx

MOST_FILES = 10_000
"""Of a folder."""
CHUNK = 4 << 20
"""Bytes that are read and hashed at a time."""
LISTING = b"wasm-engine model folder 1\n"
"""What the listing of a folder begins with, whose SHA-256 is the folder's digest."""
MAIN = "model.onnx"
"""The model of a folder that holds several."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""


class Part(NamedTuple):
    """A file of a model.

    Attributes:
        path: Where it is in the folder, with `/`; for a model that is one file, its name.
        size: Bytes.
        digest: SHA-256, hexadecimal; empty where it was not hashed.
    """

    path: str
    size: int
    digest: str = ""


def unheard(done: int, total: int) -> None:
    """Progress that nobody is told."""


def parts_of(place: Path) -> list[Part]:
    """The files of a model, by path, not hashed: one, or those of a folder.

    What begins with a dot is left out: it belongs to the tools that fetched the folder. Links to
    files count as the files that they lead to.

    Raises:
        Misuse: It cannot be read, or holds what is no file.
    """
    try:
        if place.is_dir():
            return _in_folder(place)
        if not place.is_file():
            said = "not a file" if place.exists() else "there is no such file or folder"
            raise Misuse(f"{place}: {said}", code="bad-model")
        return [Part(place.name, place.stat().st_size)]
    except OSError as error:
        raise _unreadable(place, error) from None


def _in_folder(folder: Path) -> list[Part]:
    found = []
    for above, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (Path(above) / name).is_symlink():
                raise Misuse(f"{Path(above) / name}: a link to a folder", code="bad-model")
        for name in files:
            path = Path(above) / name
            if name.startswith("."):
                continue
            if not path.is_file() or not str(path.relative_to(folder)).isprintable():
                raise Misuse(f"{str(path)!r}: is no file that can be kept", code="bad-model")
            found.append(Part(path.relative_to(folder).as_posix(), path.stat().st_size))
            if len(found) > MOST_FILES:
                raise Misuse(f"{folder}: more than {MOST_FILES:,} files", code="bad-model")
    return sorted(found, key=lambda part: part.path.encode())


def hashed(place: Path, progress: Progress = unheard) -> list[Part]:
    """The files of a model with their digests.

    Raises:
        Misuse: One cannot be read.
    """
    parts = parts_of(place)
    total, done = sum(part.size for part in parts), 0
    found = []
    for part in parts:
        path = place / part.path if place.is_dir() else place
        digest = hashlib.sha256()
        try:
            with path.open("rb", buffering=0) as file:
                while data := file.read(CHUNK):
                    digest.update(data)
                    done += len(data)
                    progress(done, total)
        except OSError as error:
            raise _unreadable(path, error) from None
        found.append(part._replace(digest=digest.hexdigest()))
    return found


def digest_of(parts: Iterable[Part], *, folder: bool) -> str:
    """What a model is known by: of one file its SHA-256, of a folder that of its listing.

    The listing is a line `digest size path` for each file, by path, after a line that says what
    it is.
    """
    rows = list(parts)
    if not folder:
        return rows[0].digest
    lines = [f"{part.digest} {part.size} {part.path}\n".encode() for part in rows]
    return hashlib.sha256(LISTING + b"".join(lines)).hexdigest()


def digest_at(place: Path, progress: Progress = unheard) -> str:
    """The digest of a model, of all its bytes as they are now.

    Raises:
        Misuse: It cannot be read.
    """
    return digest_of(hashed(place, progress), folder=place.is_dir())


def onnx_of(place: Path) -> Path:
    """The `.onnx` file of a model: itself, `model.onnx` of a folder, or the only one there.

    Raises:
        Misuse: There is none, or there are several.
    """
    if not place.is_dir():
        return place
    named = [part.path for part in parts_of(place) if part.path.endswith(".onnx")]
    if MAIN in named:
        return place / MAIN
    if len(named) == 1:
        return place / named[0]
    said = f"holds several: {', '.join(named[:4])}" if named else "holds none"
    raise Misuse(
        f"{place}: a folder needs a file {MAIN}, or one .onnx; it {said}", code="bad-model"
    )


def look_into(file: Path) -> OnnxFile:
    """A model's `.onnx` file, read without a library; its weights must lie beside it, or below.

    Raises:
        Misuse: It is none, is damaged or too new, or its weights lie elsewhere or are cut off.
    """
    try:
        model = read_onnx(_mapped(file))
        for tensor in model.all_tensors():
            if tensor.external is not None:
                location, offset, length = tensor.external
                _beside(file.parent, location, offset + max(length, 0))
    except OSError as error:
        raise _unreadable(file, error) from None
    except Wrong as wrong:
        raise Misuse(f"{file}: {wrong}", code="bad-model") from None
    return model


def external_of(model: OnnxFile) -> list[str]:
    """The files that hold weights of a model, as it names them."""
    named = (tensor.external.location for tensor in model.all_tensors() if tensor.external)
    return sorted(set(named))


def _beside(folder: Path, location: str, end: int) -> None:
    path = PurePosixPath(location)
    if path.is_absolute() or ".." in path.parts or "\\" in location or "\0" in location:
        raise Wrong(f"its weights are in {shown(location)}, which escapes its folder")
    try:
        size = (folder / path).stat().st_size
    except OSError:
        raise Wrong(f"its weights are in {shown(location)}, which is not there") from None
    if size < end:
        raise Wrong(f"its weights are in {shown(location)}, which ends too early")


def _mapped(file: Path) -> memoryview:
    """The bytes of a file, read as they are needed; they go with the last view of them."""
    with file.open("rb") as opened:
        if not os.fstat(opened.fileno()).st_size:
            raise Wrong("no ONNX file: it is empty")
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))


def _unreadable(path: Path, error: OSError) -> Misuse:
    return Misuse(f"{path}: cannot be read: {error.strerror}", code="bad-model")
