# ruff: noqa: SLF001  (the floor is measured beneath the public surface)
"""What crossing the boundary costs, beside the floor measured in the same run.

The floor of a call is the C calls themselves (make the future, poll it, delete it) from a Python
loop with arguments made beforehand; that of a host call is a callback that does nothing. CPU time,
the least of several repeats.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import component as stock

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.host import signals
from wasm_engine.runtime._wasmtime import capi, codegen
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.component import Component, Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.instance import Instance, Limits
from wasm_engine.runtime._wasmtime.types import FuncType
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.gate import gated
from wasm_engine.runtime.guest import Guest

LIMITS = Limits(fuel=10**15, memory=64 << 20, slice=10**14)
WAT = Path(__file__).with_name("binding.wat")
TEXT, BLOCK = "x" * 64, bytes(range(256)) * 256
Loop = Callable[[int], None]


def best(*loops: tuple[Loop, int], repeats: int = 9) -> list[float]:
    """Microseconds of CPU time for each loop; they take turns, so that noise hits all alike."""
    least = [float("inf")] * len(loops)
    for _ in range(repeats):
        for i, (loop, count) in enumerate(loops):
            began = time.process_time()
            loop(count)
            least[i] = min(least[i], (time.process_time() - began) / count * 1e6)
    return least


def new_guest() -> Guest:
    guest = Guest(config="{}", epoch=0, entropy=Entropy(0, "bench"), work=10**18, wasi=None)
    guest.in_init = False
    return guest


def instance_of(component: Component, define: Callable[[str, str, FuncType], Import]) -> Instance:
    return component.link(define).instantiate(new_guest(), LIMITS)


def ours(instance: Instance, function: str, *args: Any) -> Loop:
    call = instance.call

    def loop(count: int) -> None:
        for _ in range(count):
            call("", function, args)

    return loop


def in_two_steps(instance: Instance, function: str, *args: Any) -> Loop:
    begin, poll = instance.begin, instance.poll

    def loop(count: int) -> None:
        for _ in range(count):
            begin("", function, args)
            poll()

    return loop


def raw(instance: Instance, function: str, text: bytes | None = None) -> Loop:
    """The C calls of a call, and nothing else."""
    _, address, *_ = instance._find("", function)
    slot, context = instance._slot, instance._context
    value, count, result = None, 0, None
    if text is not None:
        packed = struct.pack("<B7xQQ8x", codegen.STRING, len(text), id(text) + codegen.DATA)
        block = ctypes.create_string_buffer(packed, len(packed))
        value, count, result = ctypes.addressof(block), 1, slot.result
    make, poll, delete = capi.call_async, capi.future_poll, capi.future_delete
    delete_value = capi.val_delete

    def loop(times: int) -> None:
        for _ in range(times):
            future = make(address, context, value, count, result, count, slot.error)
            poll(future)
            delete(future)
            if result is not None:
                delete_value(result)
                slot.data[0] = 0
        assert text is None or block

    return loop


def idle_host(component: Component) -> Instance:
    """Linked to callbacks that do nothing at all: the floor of a host call."""
    nothing = capi.FUNCTION(lambda *_: 0)
    linked = component.link(lambda *_: Import(lambda *_: None))
    linker = capi.linker_new(component.engine.pointer)
    root = capi.linker_root(linker)
    out = ctypes.c_void_p()
    capi.add_instance(root, b"bench:host/api", 14, ctypes.addressof(out))
    for name in (b"text", b"sink"):
        capi.add_func(out.value, name, len(name), capi.address(nothing), None, None)
    capi.linker_instance_delete(out.value)
    capi.linker_instance_delete(root)
    capi.linker_delete(linked._linker)
    linked._linker = linker
    linked._kept.append(nothing)
    return linked.instantiate(new_guest(), LIMITS)


def through_the_gate(_interface: str, name: str, ty: FuncType) -> Import:
    return Import(gated(HostFunction(f"bench:host/api#{name}", lambda *_: None), ty))


def recording(instance: Instance, loop: Loop) -> Loop:
    """What the gate records goes with its segment; here, with each round."""

    def rounds(count: int) -> None:
        for _ in range(count // 1000):
            loop(1)
            instance.guest.next_segment()

    return rounds


def stock_loops(wasm: bytes) -> tuple[Loop, Loop]:
    """The same through the binding that the wheel brings: a list echoed, a list to the host."""
    engine = wasmtime.Engine()
    component, linker = stock.Component(engine, wasm), stock.Linker(engine)
    with linker.root() as root, root.add_instance("bench:host/api") as host:
        host.add_func("text", lambda *_: None)
        host.add_func("sink", lambda *_: None)
    store = wasmtime.Store(engine)
    instance = linker.instantiate(store, component)
    echo, sink = (instance.get_func(store, name) for name in ("bytes", "sink"))
    assert echo is not None
    assert sink is not None

    def echoes(count: int) -> None:
        for _ in range(count):
            echo(store, BLOCK)

    return echoes, lambda count: sink(store, count, len(BLOCK))


def rows() -> list[tuple[str, float, float, str]]:
    """Name, floor, ours, and the ratio that is wanted."""
    wasm = bytes(wasmtime.wat2wasm(WAT.read_text(encoding="utf-8")))
    (component,) = Compiler(Engine()).load_many([("binding.wat", wasm)])
    plain = instance_of(component, lambda *_: Import(lambda *_: None))
    metered = instance_of(component, through_the_gate)
    idle = idle_host(component)
    text = TEXT.encode()
    found = []
    floor, call, steps = best(
        (raw(plain, "nop"), 10_000),
        (ours(plain, "nop"), 10_000),
        (in_two_steps(plain, "nop"), 10_000),
    )
    found.append(("empty call", floor, call, "<= 1.5"))
    found.append(("empty call, begin and poll", floor, steps, ""))
    floor, call = best((raw(plain, "echo", text), 5_000), (ours(plain, "echo", TEXT), 5_000))
    found.append(("string echo, 64 B", floor, call, "<= 3"))
    each = 1000
    floor, bare, gate = best(
        *((ours(i, "text", each), 10) for i in (idle, plain)),
        (recording(metered, ours(metered, "text", each)), 10_000),
    )
    found.append(("host call (string)->(), binding alone", floor / each, bare / each, ""))
    found.append(("host call (string)->(), metered", floor / each, gate, "<= 1.8 us"))
    stock_echo, stock_sink = stock_loops(wasm)
    mine, theirs = best((ours(plain, "bytes", BLOCK), 5), (stock_echo, 1), repeats=4)
    found.append(("list<u8> echo, 64 KiB (floor: stock)", theirs, mine, "<= 0.1"))
    mine, theirs = best((ours(plain, "sink", 5, len(BLOCK)), 1), (stock_sink, 5), repeats=4)
    found.append(("list<u8> to the host, 64 KiB (stock)", theirs, mine / 5, "<= 0.1"))
    return found


def main() -> None:
    """Prints the table."""
    with signals.deferred():
        table = rows()
    print(f"{'boundary':40}{'floor us':>12}{'ours us':>12}{'ratio':>8}  wanted")
    for name, floor, mine, wanted in table:
        print(f"{name:40}{floor:12.2f}{mine:12.2f}{mine / floor:8.2f}  {wanted}")


if __name__ == "__main__":
    sys.exit(main())
