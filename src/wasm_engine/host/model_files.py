"""The files of a model on this machine: read, hashed, and held to lie where they belong."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

import msgspec

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


class _Decoder(msgspec.Struct):
    filename: str


class _Decodes(msgspec.Struct):
    decoder: _Decoder


class _Generates(msgspec.Struct):
    model: _Decodes


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
    return _hashed(place if place.is_dir() else place.parent, parts_of(place), progress)


def with_weights(file: Path, progress: Progress = unheard) -> tuple[str, list[Part]]:
    """The digest and the files of a model that is named by its `.onnx` file alone.

    Where weights lie beside it, it is known as a folder of just these files would be.

    Raises:
        Misuse: It cannot be read, or is none.
    """
    named = [file.name, *external_of(look_into(file))]
    try:
        parts = [
            Part(it, (file.parent / it).stat().st_size) for it in sorted(named, key=str.encode)
        ]
    except OSError as error:
        raise _unreadable(file, error) from None
    found = _hashed(file.parent, parts, progress)
    return digest_of(found, folder=len(found) > 1), found


def _hashed(folder: Path, parts: list[Part], progress: Progress) -> list[Part]:
    total, done = sum(part.size for part in parts), 0
    found = []
    for part in parts:
        path = folder / part.path
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


def looks_of(place: Path) -> list[list[int | str]]:
    """How the files of a model look from outside: whoever writes to one changes that.

    Path, size, device, inode, and the times of the last change of content and of anything, each in
    nanoseconds; the last of them nobody can set.

    Raises:
        OSError: One is not there.
    """
    rows: list[list[int | str]] = []
    for part in parts_of(place):
        status = (place / part.path if place.is_dir() else place).stat()
        times = [status.st_mtime_ns, status.st_ctime_ns]
        rows.append([part.path, part.size, status.st_dev, status.st_ino, *times])
    return rows


def onnx_of(place: Path) -> Path:
    """The `.onnx` file of a model: itself, or of a folder the one that stands for it.

    That is `model.onnx`, the only one there, or what `genai_config.json` calls the decoder.

    Raises:
        Misuse: There is none, or there are several.
    """
    if not place.is_dir():
        return place
    named = [part.path for part in parts_of(place) if part.path.endswith(".onnx")]
    for main in (MAIN, _decoder(place), *named[: len(named) == 1]):
        if main in named:
            return place / main
    said = f"holds several: {', '.join(named[:4])}" if named else "holds none"
    raise Misuse(
        f"{place}: a folder needs a file {MAIN}, or one .onnx; it {said}",
        code="bad-model",
        hint="of a language model it has a genai_config.json, too; what is served elsewhere, as "
        "GGUF by llama.cpp or Ollama, a manifest names by `server`",
    )


def _decoder(folder: Path) -> str:
    """What the folder of a language model calls the file that writes its tokens."""
    try:
        said = msgspec.json.decode((folder / "genai_config.json").read_bytes(), type=_Generates)
    except (OSError, msgspec.MsgspecError):
        return ""
    return said.model.decoder.filename


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
    # What is no file, a pipe say, would be waited for.
    with open(file, "rb", opener=lambda path, how: os.open(path, how | os.O_NONBLOCK)) as opened:
        if not os.fstat(opened.fileno()).st_size:
            raise Wrong("no ONNX file: it is empty")
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))


def _unreadable(path: Path, error: OSError) -> Misuse:
    return Misuse(f"{path}: cannot be read: {error.strerror}", code="bad-model")
