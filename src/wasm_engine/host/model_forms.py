"""Prepared forms of models: made once by `model warm`, loaded several times as fast afterwards.

Below the cache folder, in a folder of ours alone: for each digest of a model and each release of
ONNX Runtime a folder with the optimised graph, its weights beside it as they are mapped into
memory, and how both looked when they were written.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.model_files import MAIN, looks_of

WEIGHTS = "model.data"
"""The file of a form's weights."""
_LOOKS = ".looks"


def form_of(digest: str, release: str) -> Path | None:
    """The `.onnx` file of a model's prepared form, to be computed without further optimisation.

    Args:
        digest: Of the model's `.onnx` file, or of the folder that it is kept as.
        release: The version of ONNX Runtime that is to load it.

    Returns:
        None where there is none, or it does not look as it was written.
    """
    folder = _place(digest, release)
    try:
        written: Any = msgspec.json.decode((folder / _LOOKS).read_bytes())
        return folder / MAIN if written == looks_of(folder) else None
    except (OSError, Misuse, msgspec.MsgspecError):
        return None


def new_form(digest: str, release: str) -> Path:
    """An empty folder to write a form into; `finish` makes it one. Those for other releases go.

    Raises:
        HostFault: It cannot be made.
    """
    drop(digest)
    folder = _place(digest, release)
    try:
        PrivateFolder(folder)
    except OSError as error:
        raise HostFault(f"{folder}: cannot be made: {error.strerror}") from None
    return folder


def finish(folder: Path) -> None:
    """What was written into the folder is a form from now on."""
    PrivateFolder(folder).write(_LOOKS, msgspec.json.encode(looks_of(folder)))


def drop(digest: str) -> None:
    """Removes a model's forms; they can be made again."""
    for folder in sorted(_root().glob(f"{digest}-*")):
        shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    return places.cache_folder() / "models"


def _place(digest: str, release: str) -> Path:
    return _root() / f"{digest}-{release}"
