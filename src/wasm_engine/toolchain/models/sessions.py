"""A model computed as worlds compute it, to look at what it gives and how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypeAlias

import numpy as np
import onnxruntime

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.onnx_runtime import session_options
from wasm_engine.host.stopwatch import elapsed

Feed: TypeAlias = Mapping[str, "np.ndarray[Any, Any]"]
"""What a model is given, by name."""
Results: TypeAlias = "list[np.ndarray[Any, Any]]"
Device: TypeAlias = Literal["auto", "cpu", "cuda"]

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def opened(file: Path, device: Device = "cpu", how: Any = None) -> Any:
    """A session of a model.

    Args:
        file: Its `.onnx` file.
        device: Where it is to compute; `auto`: where it can be done fastest.
        how: Options other than the usual ones.

    Raises:
        Misuse: It cannot be computed, or not there.
    """
    here = onnxruntime.get_available_providers()
    if device == "cuda" and _CUDA not in here:
        raise Misuse("no CUDA device can compute models here", code="no-device")
    wished = [it for it in (_CUDA, _CPU) if it in here and (it == _CPU or device != "cpu")]
    try:
        session = onnxruntime.InferenceSession(
            str(file),
            how if how is not None else session_options(1),
            providers=wished,
            enable_fallback=False,  # it tells of its second try on standard output
        )
    except Exception as error:  # noqa: BLE001 (the library has a dozen classes for it)
        said = first_line(error)
        raise Misuse(f"{file}: cannot be computed: {said}", code="bad-model") from None
    if device == "cuda" and _CUDA not in session.get_providers():
        # The library would go over to the processor, and say so in a warning at most.
        raise Misuse(f"{file}: CUDA does not take it", code="no-device")
    return session


def device_of(session: Any) -> str:
    """Where a session computes."""
    return "cuda" if _CUDA in session.get_providers() else "cpu"


def computed(session: Any, feed: Feed) -> Results:
    """What a model gives.

    Raises:
        Misuse: It does not take this.
    """
    try:
        return [np.asarray(it) for it in session.run(None, dict(feed))]
    except Exception as error:  # noqa: BLE001 (the library has a dozen classes for it)
        raise Misuse(
            f"the model does not take the sample: {first_line(error)}",
            code="bad-sample", hint="give one that it takes, an .npz file, by --samples",
        ) from None  # fmt: skip


def first_line(error: Exception) -> str:
    """The first line of what the library says, without its own prefix."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line.rpartition(" : ")[2][:300] or line[:300]


def seconds(session: Any, feed: Feed) -> float:
    """How long one run takes now."""
    begun = elapsed()
    computed(session, feed)
    return elapsed() - begun


def ratio(one: Any, other: Any, feed: Feed, runs: int = 9) -> float:
    """How many times as long one session takes as another, run in turns; of the medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for session in (one, other):
        computed(session, feed)
    for _ in range(runs):
        times[0].append(seconds(one, feed))
        times[1].append(seconds(other, feed))
    return median(times[0]) / max(median(times[1]), 1e-9)


def largest(results: Sequence[Any]) -> float:
    """The largest number of a run, without sign; those that are none do not count."""
    held = [it for it in results if it.dtype.kind in "fiub" and it.size]
    sizes = (np.nan_to_num(np.abs(it.astype(np.float64)), nan=0.0) for it in held)
    return max((float(np.max(it)) for it in sizes), default=0.0)


def largest_difference(ones: Sequence[Any], others: Sequence[Any]) -> float:
    """Of all numbers that two runs gave; infinite where one is none and the other is."""
    worst = 0.0
    for one, other in zip(ones, others, strict=True):
        if one.shape != other.shape:
            return float("inf")
        if one.dtype.kind not in "fiub" or not one.size:
            continue
        a, b = one.astype(np.float64), other.astype(np.float64)
        if not np.array_equal(np.isnan(a), np.isnan(b)):
            return float("inf")
        same = (a == b) | np.isnan(a)
        with np.errstate(invalid="ignore"):  # infinite less infinite: they are the same
            worst = max(worst, float(np.max(np.where(same, 0.0, np.abs(a - b)))))
    return worst
