"""Models read and written with the library: whole, with their folder, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host.model_copy import remove_tree
from wasm_engine.host.model_files import MAIN, external_of, look_into, onnx_of, parts_of

MOST_BYTES = 2_000_000_000
"""Of a model that is one file: a message of protocol buffers has no more."""


def load(place: Path) -> onnx.ModelProto:
    """A model with all its weights, after it was looked at.

    Raises:
        Misuse: It cannot be used.
    """
    file = onnx_of(place)
    look_into(file)
    try:
        return onnx.load(str(file))
    except Exception as error:  # noqa: BLE001 (the library has no class of its own for it)
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Misuse(f"{file}: cannot be read: {said}", code="bad-model") from None


def save(model: onnx.ModelProto, file: Path) -> None:
    """Writes a model, the same bytes for the same model.

    Raises:
        Misuse: It is larger than one file may be.
        HostFault: It cannot be written.
    """
    if model.ByteSize() > MOST_BYTES:
        raise Misuse("the model is larger than one file may be (2 GB)", code="bad-model")
    try:
        file.write_bytes(model.SerializeToString(deterministic=True))
    except OSError as error:
        raise HostFault(f"{file}: cannot be written: {error.strerror}") from None


@contextmanager
def new_place(out: Path, *, folder: bool) -> Iterator[Path]:
    """Where to write a model that is to be at `out`: it is there when this ends well, or nothing.

    Raises:
        Misuse: Something is there already, or it has the wrong ending.
        HostFault: It cannot be written.
    """
    if out.exists() or out.is_symlink():
        raise Misuse(f"{out}: there is something already; give a path where nothing is")
    if not folder and out.suffix != ".onnx":
        raise Misuse(f"{out}: a model that is one file is called .onnx")
    made = out.with_name(f".{out.name}.new")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if made.exists():
            remove_tree(made)
        if folder:
            made.mkdir()
        yield made
        made.rename(out)
    except OSError as error:
        raise HostFault(f"{out}: cannot be written: {error.strerror}") from None
    finally:
        if made.exists():
            remove_tree(made)


def main_file(made: Path, *, folder: bool) -> Path:
    """Where the `.onnx` file of a new model is."""
    return made / MAIN if folder else made


def copy_rest(place: Path, made: Path) -> None:
    """Copies what lies in a model's folder beside the model and its weights: tokenizers, settings.

    Raises:
        Misuse: It cannot be read.
        HostFault: It cannot be written.
    """
    file = onnx_of(place)
    theirs = {(file.parent / it).resolve() for it in external_of(look_into(file))}
    for part in parts_of(place):
        source, goal = place / part.path, made / part.path
        if source == file or source.resolve() in theirs:
            continue
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, goal)
        except OSError as error:
            raise HostFault(f"{goal}: cannot be written: {error.strerror}") from None
