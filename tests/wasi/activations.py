"""The smallest activation that WASI's functions can be called by, and a driver of components."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.runtime._wasmtime.instance import SUSPENDED, Finished, Limits
from wasm_engine.runtime._wasmtime.linked import Linked
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
        self.waiting: tuple[dict[int, None], int | None, Callable[[Any], Any]] | None = None
        self.in_init = False
        self.agent = self
        self.purse = None
        self.denials = 0
        self.refused: Err | None = None
        self.http = HttpTerms(("http://server", "https://*.example.com"), 10**10, 1 << 20)
        self.serve: Callable[..., Any] = lambda *_: (200, [], b"")
        self.issued: dict[int, tuple[Any, ...]] = {}
        self.effects: dict[int, Any] = {}
        self.abandoned: list[int] = []
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

    def saw(self, mount):
        """Nothing here has a label, or is refused."""
        return True

    def authorize(self, action, target, context=None):
        """Everything is let pass."""

    def answered_by(self, effect, source):
        """Nothing here has a label."""

    def print(self, stream: str, data: bytes) -> None:
        self.printed[stream] += data

    def wait(
        self, requests: dict[int, None], deadline: int | None, answer: Callable[[Any], Any]
    ) -> Any:
        assert self.waiting is None
        self.waiting = (requests, deadline, answer)
        return SUSPEND

    def wake(self) -> Any:
        """An effect ends, if any is waited for, else world time comes; answers as the call does."""
        assert self.waiting is not None
        (requests, deadline, answer), self.waiting = self.waiting, None
        open_ones = [number for number in requests if self.effects[number] is None]
        if open_ones:
            self.effects[open_ones[0]] = self.serve(*self.issued[open_ones[0]])
        elif not requests:
            assert deadline is not None
            self.time = max(self.time, deadline)
        return answer(self)

    def effect(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        assert capability == "http"
        if self.refused is not None:
            return self.refused
        number = len(self.issued) + 1
        self.issued[number] = arguments
        self.effects[number] = None
        return number

    def observe(self, number: int) -> Any:
        return self.effects.get(number, Err(("unknown-request", "")))

    def abandon(self, number: int) -> None:
        self.abandoned.append(number)
        self.effects.pop(number, None)

    def forget(self, number: int) -> None:
        self.effects.pop(number, None)


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
