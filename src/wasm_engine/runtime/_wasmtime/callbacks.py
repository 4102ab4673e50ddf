"""Host functions as the library calls them: one guard, through which no exception passes.

Whatever a host function raises, KeyboardInterrupt included, is kept in the store's slot and raised
again outside; the guest gets a trap. What the guard cannot catch is an exception at the very entry
of a callback, before its first line: a signal handler's (see `host.signals`) or a RecursionError
(see `entry.enter`).
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from typing import Any

from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import Code, needs_delete
from wasm_engine.runtime._wasmtime.lift import Lifting
from wasm_engine.runtime._wasmtime.lower import Lowering
from wasm_engine.runtime._wasmtime.slot import LIVE, READY, misfit

_pack_pointer = struct.Struct("<Q").pack_into
_pack_continuation = struct.Struct("<QQQ").pack_into


FAILED = b"a host function failed"


def host_function(name: str, ty: wit.FuncType, call: Callable[..., Any]) -> Any:
    """The callback of a host function that answers at once."""
    return capi.FUNCTION(_maker(ty)(call, name))


def suspending_function(name: str, ty: wit.FuncType, call: Callable[..., Any]) -> Any:
    """The callback of a host function that may answer SUSPEND."""
    return capi.ASYNC_FUNCTION(_suspending_maker(ty)(call, name))


def _new_code(ty: wit.FuncType) -> Code:
    return Code(
        LIVE=LIVE,
        SUSPEND=SUSPEND,
        READY=READY,
        MAY_GO_ON=_MAY_GO_ON,
        AT_ONCE=_AT_ONCE,
        FAILED=FAILED,
        error_new=capi.error_new,
        misfit=misfit,
        pack_pointer=_pack_pointer,
        pack_continuation=_pack_continuation,
        clone=capi.val_clone,
        result=ty.result,
    )


def _call(code: Code, ty: wit.FuncType) -> list[str]:
    """Statements: the slot, the arguments lifted, the host function called."""
    lifting = Lifting(code)
    layout, names, values = "", [], []
    for _, param in ty.params:
        inner_layout, inner_names, value = lifting.read(param)
        layout += inner_layout
        names += inner_names
        values.append(value)
    lines = ["slot = LIVE[context]"]
    if names:
        lines.append(f"{', '.join(names)}, = {code.unpacker(layout)}(MEMORY, args)")
    return [*lines, f"x = call(slot.guest, {', '.join(values)})"]


def _answer(code: Code, ty: wit.FuncType) -> list[str]:
    """Statements: the value `x` lowered into memory that the library frees."""
    lowering = Lowering(code)
    if ty.result is None:
        return ["if x is not None: raise ValueError('the function has no result')"]
    body: list[str] = []
    layout, parts = lowering.write(ty.result, "x", body, "")
    if body:
        body.insert(0, "keep = []")
    if needs_delete(ty.result):
        body.append(f"value = {code.packer(layout)}({', '.join(parts)})")
        return [*body, "clone(id(value)+DATA, results)"]
    pack = code.bind(struct.Struct("<" + layout).pack_into)
    return [*body, f"{pack}(MEMORY, results, {', '.join(parts)})"]


@functools.lru_cache(maxsize=4096)
def _maker(ty: wit.FuncType) -> Callable[..., Any]:
    """`make(call, name)` of callbacks of one type."""
    code = _new_code(ty)
    lines = [
        "def make(call, name):",
        # The type and the number of results are not looked at: C leaves the rest to its caller.
        "    def guarded(_data, context, _ty, args, _count, results):",
        "        try:",
        *[f"            {line}" for line in _call(code, ty)],
        # The guard calls no Python function: there may be no room left for one.
        "        except BaseException as exception:",
        "            LIVE[context].failure = exception",
        "            return error_new(FAILED)",
        "        try:",
        *[f"            {line}" for line in _answer(code, ty)],
        "        except BaseException as exception:",
        "            slot.failure = exception",
        "            slot.misfit = (name, result)",
        "            return error_new(FAILED)",
        "        return 0",
        "    return guarded",
    ]
    return code.define("make", lines)


@functools.lru_cache(maxsize=4096)
def _suspending_maker(ty: wit.FuncType) -> Callable[..., Any]:
    """The same for functions that may suspend."""
    code = _new_code(ty)
    lines = [
        "def make(call, name):",
        "    def answer(slot, results, x):",
        "        try:",
        *[f"            {line}" for line in _answer(code, ty)],
        "        except Exception as exception:",
        "            raise misfit(exception, name, result)",
        "    def guarded(_data, context, _ty, args, _count, results, _n, error, continuation):",
        "        try:",
        *[f"            {line}" for line in _call(code, ty)],
        "            if x is SUSPEND:",
        "                slot.parked = (answer, results)",
        "                slot.data[READY] = 0",
        "                pack_continuation(MEMORY, continuation, MAY_GO_ON, slot.ready, 0)",
        "                return",
        "            answer(slot, results, x)",
        "        except BaseException as exception:",
        # The library looks at the error once, when this returns: later it is no longer there.
        "            LIVE[context].failure = exception",
        "            pack_pointer(MEMORY, error, error_new(FAILED))",
        "        pack_continuation(MEMORY, continuation, AT_ONCE, 1, 0)",
        "    return guarded",
    ]
    return code.define("make", lines)


def _drop(_data: int, context: int, rep: int) -> int:
    """The guest dropped its last handle of a host resource."""
    try:
        LIVE[context].guest.resources.drop(rep)
    except BaseException as exception:  # noqa: BLE001  (nothing passes)
        LIVE[context].failure = exception
        return capi.error_new(FAILED)  # type: ignore[no-any-return]
    return 0


# What the library asks, on the guest's fiber, is answered by functions of C, without a way through
# Python: labs(1) says "true"; strlen says whether the string at READY is not empty.
_C = ctypes.CDLL(None)
_AT_ONCE, _MAY_GO_ON = capi.address(_C.labs), capi.address(_C.strlen)
_drop_callback = capi.DESTRUCTOR(_drop)
DROP = capi.address(_drop_callback)
"""The destructor of every host resource."""
