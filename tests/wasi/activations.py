"""The smallest activation that WASI's functions can be called by, and a driver of components."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.runtime._wasmtime.instance import SUSPENDED, Finished, Limits, Linked
from wasm_engine.runtime.resources import ResourceTable
from wasm_engine.runtime.wasi import GuestExit, Tree, WasiState, functions

EPOCH = 1_735_689_600 * 10**9
TICK = 1_000


class PlainGuest:
    """One activation in a world of its own: time jumps to whatever is waited for."""

    def __init__(self, wasi: WasiState, *, work: int = 10**12, epoch: int = EPOCH) -> None:
        self.wasi = wasi
        self.resources = ResourceTable()
        self.touched = False
        self.time = self._epoch = epoch
        self.work = work
        self.printed = {"stdout": bytearray(), "stderr": bytearray()}
        self.waiting: tuple[int, Callable[[], Any]] | None = None
        self._drawn = 0

    def now(self) -> int:
        self.time += TICK
        return self.time

    def epoch(self) -> int:
        return self._epoch

    def random_bytes(self, count: int) -> bytes:
        out = bytearray()
        while len(out) < count:
            self._drawn += 1
            out += blake2b(self._drawn.to_bytes(8, "little")).digest()
        return bytes(out[:count])

    def charge(self, work: int) -> None:
        assert work >= 0
        self.work -= work
        if self.work < 0:
            raise LimitExceeded("host-work")

    def print(self, stream: str, data: bytes) -> None:
        self.printed[stream] += data

    def sleep_until(self, deadline: int, answer: Callable[[], Any]) -> Any:
        assert self.waiting is None
        self.waiting = (deadline, answer)
        return SUSPEND

    def wake(self) -> Any:
        """World time comes to the deadline; answers what the suspended call answers."""
        assert self.waiting is not None
        (deadline, answer), self.waiting = self.waiting, None
        self.time = max(self.time, deadline)
        return answer()


FUNCTIONS = functions()


class Calls:
    """Calls host functions as a guest does, by short names: `calls("descriptor.stat", file)`."""

    def __init__(self, guest: PlainGuest) -> None:
        self.guest = guest
        self._names = {name.rpartition("#")[2].removeprefix("[method]"): name for name in FUNCTIONS}

    def __call__(self, name: str, *arguments: Any) -> Any:
        full = name if "#" in name else self._names[name]
        return FUNCTIONS[full].call(self.guest, *arguments)


def plain_guest(tree: Tree | None = None, **state: Any) -> PlainGuest:
    return PlainGuest(WasiState(tree=tree, **state))


def run_command(linked: Linked, guest: PlainGuest, *, fuel: int = 10**11) -> int:
    """Runs a component that exports wasi:cli/run; answers its exit status."""
    instance = linked.instantiate(guest, Limits(fuel, 256 << 20, 10**9))
    try:
        instance.begin("wasi:cli/run", "run", ())
        while True:
            polled = instance.poll()
            if isinstance(polled, Finished):
                return 0 if polled.value is None else 1
            if polled is SUSPENDED:
                instance.resume(guest.wake())
    except GuestExit as left:
        return left.status
    finally:
        instance.close()
