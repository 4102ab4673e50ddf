"""Calls of exported functions: a `start` and a `finish` for each function type, made once."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import VALUE, Code, needs_delete
from wasm_engine.runtime._wasmtime.lift import Lifting
from wasm_engine.runtime._wasmtime.lower import Lowering


class CallPlan(NamedTuple):
    """How functions of one type are called.

    Attributes:
        start: `start(slot, function, args) -> future`; nothing of the guest runs yet.
        finish: `finish(slot) -> value` of a call that is over; raises what it failed with.
    """

    start: Callable[[Any, int, tuple[Any, ...]], int]
    finish: Callable[[Any], Any]


@functools.lru_cache(maxsize=4096)
def call_plan(ty: wit.FuncType) -> CallPlan:
    """The plan for a function type, compiled the first time it is asked for."""
    return CallPlan(_start(ty), _finish(ty.result))


def _start(ty: wit.FuncType) -> Callable[[Any, int, tuple[Any, ...]], int]:
    code = Code(call_async=capi.call_async)
    lowering = Lowering(code)
    body: list[str] = []
    layout, parts = "", []
    names = [code.symbol("a") for _ in ty.params]
    for name, (_, param) in zip(names, ty.params, strict=True):
        inner_layout, inner_parts = lowering.write(param, name, body, "    ")
        layout += inner_layout
        parts += inner_parts
    lines = ["def start(slot, function, args):"]
    lines.append(f"    {', '.join(names)}, = args" if names else "    () = args")
    if body:
        lines += ["    keep = slot.keep = []", *body]
    if names:
        lines.append(f"    blob = {code.packer(layout)}({', '.join(parts)})")
        lines.append("    keep.append(blob)" if body else "    slot.keep = blob")
    blob = "id(blob)+DATA" if names else "0"
    result = "slot.result, 1" if ty.result is not None else "0, 0"
    call = f"call_async(function, slot.context, {blob}, {len(names)}, {result}, slot.error)"
    return code.define("start", [*lines, f"    return {call}"])


def _finish(ty: wit.Type | None) -> Callable[[Any], Any]:
    code = Code(delete=capi.val_delete)
    lines = ["def finish(slot):"]
    if ty is None:
        code.names["unpack"] = struct.Struct(f"<{VALUE}xQ").unpack_from
        lines += ["    error, = unpack(slot.data)", "    if error: slot.fail(error)"]
        return code.define("finish", lines)
    layout, names, value = Lifting(code).read(ty)
    code.names["unpack"] = struct.Struct(f"<{layout}Q").unpack_from
    lines += [
        f"    {', '.join(names)}, error = unpack(slot.data)",
        "    if error: slot.fail(error)",
    ]
    if needs_delete(ty):
        lines += [
            "    try:",
            f"        return {value}",
            "    finally:",
            "        delete(slot.result)",
            "        slot.data[0] = 0",
        ]
    else:
        lines.append(f"    return {value}")
    return code.define("finish", lines)
