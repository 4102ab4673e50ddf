"""A model tried before it is needed: hashed, loaded, run once, and its fast form made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import onnxruntime

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host import model_forms
from wasm_engine.host.model_files import MAIN, external_of, look_into, onnx_of, parts_of
from wasm_engine.host.onnx_runtime import session_options, stored_options
from wasm_engine.host.stopwatch import elapsed
from wasm_engine.host.workers import Workers
from wasm_engine.toolchain.models.samples import made_up
from wasm_engine.toolchain.models.sessions import (
    Device,
    Feed,
    computed,
    device_of,
    opened,
    seconds,
)

_WORTH = 0.8
"""A form is kept that loads in less than this part of the time."""
_LARGE = 4 << 20
"""Bytes of a model below which no form is made: it is there at once."""


class Warmed(NamedTuple):
    """What was measured, in seconds.

    Attributes:
        digest: Of the model.
        device: Where it computes.
        hashing: To hash it, meanwhile it was loaded.
        loading: Until it could be asked.
        first: The first run.
        run: A later one.
        form: To load its prepared form; None where that would help nothing, or was refused.
    """

    digest: str
    device: str
    hashing: float
    loading: float
    first: float
    run: float
    form: float | None


def warm(
    place: Path, hashed: Callable[[], str], device: Device = "auto", sample: Feed | None = None
) -> Warmed:
    """Hashes and loads a model at the same time, runs it, and makes its form.

    Args:
        place: Its file or folder.
        hashed: Hashes it; answers its digest.
        device: Where it is to compute.
        sample: What it is run with; made up if None.

    Raises:
        Misuse: It cannot be computed, or not there.
    """
    file = onnx_of(place)
    (digest, hashing), (session, loading) = Workers(2).map(
        _timed, [hashed, lambda: opened(file, device)]
    )
    feed = sample if sample is not None else made_up(look_into(file))
    first, run = (seconds(session, feed) for _ in range(2))
    where = device_of(session)
    form = None
    if where == "cpu" and _size(place) >= _LARGE:
        form = _form(file, digest, session, feed)
    return Warmed(digest, where, hashing, loading, first, run, form)


def _size(place: Path) -> int:
    """Bytes of a model, with the weights that lie beside its file."""
    if place.is_dir():
        return sum(part.size for part in parts_of(place))
    others = external_of(look_into(place))
    return sum(path.stat().st_size for path in (place, *(place.parent / it for it in others)))


def _timed(do: Callable[[], Any]) -> tuple[Any, float]:
    begun = elapsed()
    done = do()
    return done, elapsed() - begun


def _form(file: Path, digest: str, session: Any, feed: Feed) -> float | None:
    """Makes a model's form; how long it takes to load, if it gives the same bits in less time."""
    release = onnxruntime.__version__
    known = model_forms.form_of(digest, release)
    if known is None:
        folder = model_forms.new_form(digest, release)
        _write(file, folder)
        known = folder / MAIN
    try:
        fast, loading = _timed(lambda: opened(known, "cpu", stored_options(1)))
        again, slow = _timed(lambda: opened(file, "cpu"))
    except Misuse:
        model_forms.drop(digest)
        return None
    same = _bits(fast, feed) == _bits(session, feed) == _bits(again, feed)
    if not same or loading > slow * _WORTH:
        model_forms.drop(digest)
        return None
    model_forms.finish(known.parent)
    return loading


def _write(file: Path, folder: Path) -> None:
    how = session_options(1)
    how.optimized_model_filepath = str(folder / MAIN)
    entry = "session.optimized_model_external_initializers_"
    how.add_session_config_entry(f"{entry}file_name", model_forms.WEIGHTS)
    how.add_session_config_entry(f"{entry}min_size_in_bytes", "1024")
    opened(file, "cpu", how)


def _bits(session: Any, feed: Feed) -> list[bytes]:
    results = computed(session, feed)
    return [repr(it.tolist()).encode() if it.dtype == object else it.tobytes() for it in results]
