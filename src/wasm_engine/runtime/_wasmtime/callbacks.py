"""Host functions as the library calls them: one guard, through which no exception passes.

Whatever a host function raises, KeyboardInterrupt included, is kept in the store's slot and raised
again outside; the guest gets a trap. What the guard cannot catch is an exception at the very entry
of a callback, before its first line: a signal handler's (see `host.threads.deferred_signals`) or a
RecursionError (`Instance.poll` makes sure that there is room).
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from typing import Any

from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import VALUE, Code, needs_delete
from wasm_engine.runtime._wasmtime.lift import Lifting
from wasm_engine.runtime._wasmtime.lower import Lowering
from wasm_engine.runtime._wasmtime.slot import LIVE, Parked

_memmove = ctypes.memmove
_pack_pointer = struct.Struct("<Q").pack
_pack_continuation = struct.Struct("<QQQ").pack


def fail(context: int, exception: BaseException) -> int:
    """Keeps the exception in the store's slot; answers an error for the library."""
    slot = LIVE.get(context)
    if slot is not None and slot.failure is None:
        slot.failure = exception
    error: int = capi.error_new(b"a host function failed")
    return error


def fail_value(context: int, exception: BaseException, name: str, ty: wit.Type | None) -> int:
    """The same for a result that is not of its type: a fault of ours, not of the guest."""
    if isinstance(exception, Exception) and not isinstance(exception, Bug):
        reason = f"{type(exception).__name__}: {exception}"
        bug = Bug(f"{name} answered a value that is not {ty}: {reason}")
        bug.__cause__ = exception
        return fail(context, bug)
    return fail(context, exception)


@functools.lru_cache(maxsize=4096)
def _lifter(params: tuple[wit.Type, ...]) -> Callable[..., Any]:
    """`lift(slot, call, args)`: calls with the guest and the lifted arguments."""
    code = Code()
    lifting = Lifting(code)
    layout, names, values = "", [], []
    for param in params:
        inner_layout, inner_names, value = lifting.read(param)
        layout += inner_layout
        names += inner_names
        values.append(value)
    lines = ["def lift(slot, call, args):"]
    if params:
        unpack = code.unpacker(layout)
        lines.append(f"    {', '.join(names)}, = {unpack}(string_at(args, {VALUE * len(params)}))")
    lines.append(f"    return call(slot.guest, {', '.join(values)})")
    return code.define("lift", lines)


@functools.lru_cache(maxsize=4096)
def _answerer(ty: wit.Type | None) -> Callable[[Any, int, Any], None]:
    """`answer(slot, results, value)`: lowers a result into memory that the library frees."""
    code = Code(clone=capi.val_clone, memmove=_memmove)
    lines = ["def answer(slot, results, x):"]
    if ty is None:
        lines += ["    if x is not None: raise ValueError('the function has no result')"]
        return code.define("answer", lines)
    body: list[str] = []
    layout, parts = Lowering(code).write(ty, "x", body, "    ")
    if body:
        lines += ["    keep = []", *body]
    lines.append(f"    value = {code.packer(layout)}({', '.join(parts)})")
    lines.append(
        "    clone(id(value)+DATA, results)"
        if needs_delete(ty)
        else f"    memmove(results, value, {VALUE})"
    )
    return code.define("answer", lines)


def host_function(name: str, ty: wit.FuncType, call: Callable[..., Any]) -> Any:
    """The callback of a host function that answers at once."""
    lift = _lifter(tuple(param for _, param in ty.params))
    answer, result = _answerer(ty.result), ty.result

    def guarded(
        _data: int, context: int, _ty: int, args: int, _n: int, results: int, _m: int
    ) -> int:
        try:
            slot = LIVE[context]
            value = lift(slot, call, args)
        except BaseException as exception:
            return fail(context, exception)
        try:
            answer(slot, results, value)
        except BaseException as exception:
            return fail_value(context, exception, name, result)
        return 0

    return capi.FUNCTION(guarded)


def suspending_function(name: str, ty: wit.FuncType, call: Callable[..., Any]) -> Any:
    """The callback of a host function that may answer SUSPEND."""
    lift = _lifter(tuple(param for _, param in ty.params))
    answer, result = _answerer(ty.result), ty.result

    def lower(slot: Any, results: int, value: Any) -> None:
        try:
            answer(slot, results, value)
        except Exception as exception:
            fail_value(slot.context, exception, name, result)
            raise

    def guarded(
        _data: int, context: int, _ty: int, args: int, _n: int, results: int, _m: int,
        error: int, continuation: int,
    ) -> None:  # fmt: skip
        try:
            slot = LIVE[context]
            value = lift(slot, call, args)
            if value is SUSPEND:
                slot.parked = Parked(results, error, lower)
                _memmove(continuation, _pack_continuation(_READY, context, 0), 24)
                return
            lower(slot, results, value)
        except BaseException as exception:
            _memmove(error, _pack_pointer(fail(context, exception)), 8)
        _memmove(continuation, _AT_ONCE, 24)

    return capi.ASYNC_FUNCTION(guarded)


def _ready(context: int) -> bool:
    """Asked by the library, on the guest's fiber, whether a suspended function can go on."""
    try:
        slot = LIVE[context]
        if not slot.answered:
            return False
        parked, value = slot.parked, slot.answer
        slot.parked = slot.answer = None
        slot.answered = False
        try:
            parked.lower(slot, parked.results, value)
        except BaseException as exception:
            _memmove(parked.error, _pack_pointer(fail(context, exception)), 8)
    except BaseException as exception:
        fail(context, exception)
    return True


def _drop(_data: int, context: int, rep: int) -> int:
    """The guest dropped its last handle of a host resource."""
    try:
        LIVE[context].guest.resources.drop(rep)
    except BaseException as exception:
        return fail(context, exception)
    return 0


_ready_callback = capi.CONTINUATION(_ready)
_READY = capi.address(_ready_callback)
# Answered already: the C library's labs(1) says "true" without a way through Python.
_labs = ctypes.CDLL(None).labs
_AT_ONCE = _pack_continuation(capi.address(_labs), 1, 0)
_drop_callback = capi.DESTRUCTOR(_drop)
DROP = capi.address(_drop_callback)
"""The destructor of every host resource."""
