"""Calls of exported functions: a `start` and a `finish` for each function type, made once."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import Code, needs_delete
from wasm_engine.runtime._wasmtime.entry import enter
from wasm_engine.runtime._wasmtime.lift import Lifting
from wasm_engine.runtime._wasmtime.lower import Lowering
from wasm_engine.runtime._wasmtime.polled import Finished


class CallPlan(NamedTuple):
    """How functions of one type are called.

    Attributes:
        start: `start(slot, function, args) -> future`; nothing of the guest runs yet.
        finish: `finish(slot) -> value` of a call that is over; raises what it failed with.
        run: `run(slot, function, args) -> Finished | None`: all at once, None where the call is
            not over. `slot.future` holds the future from when it was made, OVER once it is gone.
    """

    start: Callable[[Any, int, tuple[Any, ...]], int]
    finish: Callable[[Any], Any]
    run: Callable[[Any, int, tuple[Any, ...]], Finished | None]


DONE = Finished(None)
OVER = -1
"""In place of a future: the call it stood for is over."""


@functools.lru_cache(maxsize=4096)
def call_plan(ty: wit.FuncType) -> CallPlan:
    """The plan for a function type, compiled the first time it is asked for."""
    code = Code(
        call_async=capi.call_async,
        delete=capi.val_delete,
        delete_future=capi.future_delete,
        enter=enter,
        Finished=Finished,
        DONE=DONE,
        OVER=OVER,
    )
    lower, call = _lowered(code, ty)
    lift = _lifted(code, ty.result)
    started = ["slot.future = future = " + call, "if not enter(future): return None"]
    ended = ["slot.future = OVER", "delete_future(future)"]
    if ty.params:
        ended.append("slot.keep = None")
    value = lift[-1].removeprefix("return ")
    finished = "return DONE" if ty.result is None else f"return Finished({value})"
    return CallPlan(
        _define(code, "start(slot, function, args)", [*lower, f"return {call}"]),
        _define(code, "finish(slot)", [*lift]),
        _define(
            code, "run(slot, function, args)", [*lower, *started, *ended, *lift[:-1], finished]
        ),
    )


def _define(code: Code, head: str, body: list[str]) -> Callable[..., Any]:
    return code.define(head.partition("(")[0], [f"def {head}:", *[f"    {line}" for line in body]])


def _lowered(code: Code, ty: wit.FuncType) -> tuple[list[str], str]:
    """Statements that lower the arguments, and the expression that makes the future."""
    lowering = Lowering(code)
    body: list[str] = []
    layout, parts = "", []
    names = [code.symbol("a") for _ in ty.params]
    for name, (_, param) in zip(names, ty.params, strict=True):
        inner_layout, inner_parts = lowering.write(param, name, body, "")
        layout += inner_layout
        parts += inner_parts
    lines = [f"{', '.join(names)}, = args" if names else "() = args"]
    if body:
        lines += ["keep = slot.keep = []", *body]
    if names:
        lines.append(f"blob = {code.packer(layout)}({', '.join(parts)})")
        lines.append("keep.append(blob)" if body else "slot.keep = blob")
    blob = "id(blob)+DATA" if names else "0"
    result = "slot.result, 1" if ty.result is not None else "0, 0"
    return lines, (
        f"call_async(function, slot.context, {blob}, {len(names)}, {result}, slot.error)"
    )


def _lifted(code: Code, ty: wit.Type | None) -> list[str]:
    """Statements that read how a call ended; the last one returns its value."""
    if ty is None:
        return ["if slot.failed: slot.fail(slot.failed.value)", "return None"]
    layout, names, value = Lifting(code).read(ty)
    unpack = code.bind(struct.Struct(f"<{layout}Q").unpack_from)
    lines = [f"{', '.join(names)}, error = {unpack}(slot.data)", "if error: slot.fail(error)"]
    if not needs_delete(ty):
        return [*lines, f"return {value}"]
    return [
        *lines,
        "try:",
        f"    value = {value}",
        "finally:",
        "    delete(slot.result)",
        "    slot.data[0] = 0",
        "return value",
    ]
