"""Strangers' models compute in processes of their own: one for each call, which dies with it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any, Final

import msgspec

from wasm_engine.concepts import canonical, faults
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.tensors import TEXT, WIDTHS, Slot, Tensor, size_of, texts_of
from wasm_engine.host.child import ChildLimits, run_limited
from wasm_engine.host.onnx_values import LONGEST

_SOURCES: Final = Path(__file__).parents[2]
_BOOT: Final = """
import sys
sys.path.insert(0, sys.argv[1])
from wasm_engine.host.model_child import main
main()
"""
_ELEMENTS: Final = frozenset({TEXT, *WIDTHS})
_LIBRARY: Final = 4 << 30
"""Bytes of address space that the library takes by itself."""
_TIMES: Final = 8
"""Bytes that a call may take for each that its tensors may have."""
_RANK: Final = 64
"""Dimensions of what comes back: as many as a tensor can have there."""
_CODES: Final = frozenset(
    {faults.BAD_MODEL, faults.BAD_TENSOR, faults.MODEL_FAILED, faults.TIMEOUT, faults.TOO_LARGE}
)
"""Faults that it may answer."""
_DETAIL: Final = 1_000
"""Characters of what it says of one."""
_BESIDE: Final = 1 << 20
"""Bytes that it may answer beside tensors: names and shapes."""
_LATE: Final = 30
"""Seconds of real time that it may take beyond its time on the processor: it may wait for one."""
_BEGINNING: Final = 10
"""Seconds of processor time that it takes to begin."""


def slots_in_process(data: bytes, timeout: int, most: int) -> list[list[Slot]] | Err:
    """What a model of these bytes takes, and gives; or that it is none.

    Args:
        data: The bytes, of whomever.
        timeout: Nanoseconds that it may take.
        most: Bytes of the tensors of a call.
    """
    answer = _answer([data, None, timeout, most], timeout, most)
    if isinstance(answer, Err):
        return answer
    try:
        slots = msgspec.convert(answer, tuple[list[Slot], list[Slot]])
        return _lie() if any(it.element not in _ELEMENTS for it in slots[0]) else list(slots)
    except msgspec.ValidationError:
        return _lie()


def compute_in_process(
    data: bytes, given: Sequence[Tensor], timeout: int, most: int
) -> list[Tensor] | Err:
    """What a model of these bytes gives; see `Session.compute`."""
    answer = _answer([data, given, timeout, most], timeout, most)
    if isinstance(answer, Err):
        return answer
    try:
        tensors = msgspec.convert(answer, list[tuple[str, str, list[int], bytes]])
        for _, element, shape, held in tensors:
            count = len(texts_of(held)) if element == TEXT else len(held) // WIDTHS[element]
            if len(shape) > _RANK or any(not 0 <= n <= LONGEST for n in shape):
                return _lie()
            if count != prod(shape):
                return _lie()
    except (ValueError, LookupError, RecursionError):
        return _lie()
    if size_of(tensors) > most:
        return refusal(faults.TOO_LARGE, f"a call may have {most} bytes")
    return tensors


def _answer(asked: list[Any], timeout: int, most: int) -> Any:
    seconds = timeout // 10**9 + 1 + _BEGINNING
    done = run_limited(
        [sys.executable, "-I", "-c", _BOOT, str(_SOURCES)],
        stdin=canonical.encode(asked),
        limits=ChildLimits(_LIBRARY + _TIMES * most, seconds, 0),
        environment={"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
        most=2 * most + _BESIDE,
        seconds=seconds + _LATE,
    )
    if len(done.output) > 2 * most + _BESIDE:
        return _lie()
    if done.status in (-signal.SIGXCPU, -signal.SIGKILL):
        return refusal(faults.TIMEOUT, f"the model took longer than {timeout} ns")
    if done.status:
        how = done.signal_name or f"status {done.status}"
        return refusal(faults.MODEL_FAILED, f"the process that computed it died: {how}")
    try:
        match canonical.decode(done.output):
            case ["ok", value]:
                return value
            case ["err", str(code), str(detail)] if code in _CODES:
                return refusal(code, detail[:_DETAIL])
    except (ValueError, RecursionError):
        pass
    return _lie()


def _lie() -> Err:
    return refusal(faults.MODEL_FAILED, "the process that computed it answered what is no answer")
