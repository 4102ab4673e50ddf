"""Carries effects out: threads that ask the outside, many at a time, and stall nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.errors import Bug, EngineError, HostFault
from wasm_engine.host.lanes import LaneOf, Lanes, no_lane

MOST = 64
"""Effects that are carried out at a time; others wait for their turn, and hold no thread."""
_PARTING = 2.0
"""Seconds that a thread may take to see that nobody wants its effect any more."""


class Cancellation:
    """Whether somebody still wants to know what becomes of an effect."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._hooks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether nobody does."""
        return self._cancelled

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Calls `stop`, in whatever thread, when nobody does any more; at once if that is so."""
        with self._lock:
            if not self._cancelled:
                self._hooks.append(stop)
                return
        stop()

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        with self._lock:
            self._cancelled = True
            hooks, self._hooks = self._hooks, []
        for stop in hooks:
            stop()


Performer: TypeAlias = Callable[[Issued, Cancellation], Outcome]
"""Carries one effect out, and takes its time. What goes wrong out there is an outcome; what goes
wrong on this machine is raised."""
AtOnce: TypeAlias = Callable[[Issued], Outcome | None]
"""How an effect ends that need not be carried out; None for any other. Never blocks."""


class OutsideWorkers:
    """Carries effects out in threads of its own, each as its capability says.

    Nothing arrives of an effect that was cancelled. Where this machine fails (no thread, no memory,
    no descriptors) nothing becomes of an effect: the next look says so, and the run stops where it
    can be resumed.

    Args:
        perform: What carries out the effects of each capability.
        most: How many at a time.
        at_once: By capability, what knows how an effect ends without carrying it out: asked first,
            in the thread that sends it out; None: nobody knows.
        lane: What an effect has to wait for, and how many of that may be out.
        parting: What is done at the end, when nothing is out any more.
    """

    def __init__(
        self,
        perform: Mapping[str, Performer],
        most: int = MOST,
        *,
        at_once: Mapping[str, AtOnce] = MappingProxyType({}),
        lane: LaneOf = no_lane,
        parting: Callable[[], None] | None = None,
    ) -> None:
        self._perform = perform
        self._most = most
        self._parting = parting
        self._at_once = at_once
        self._changed = threading.Condition()
        self._waiting = Lanes(lane)
        self._out: dict[int, tuple[Issued, Cancellation]] = {}
        self._arrived: list[tuple[int, Outcome]] = []
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._trouble: EngineError | None = None
        self._closed = False

    def begin(self, issued: Issued) -> None:
        """Sends an effect out. Never blocks, and never raises."""
        if issued.capability in self._at_once and self._is_known(issued):
            return
        with self._changed:
            if self._closed:
                return
            self._out[issued.number] = issued, Cancellation()
            self._waiting.put(issued)
            if self._waiting.ready > self._idle and len(self._threads) < self._most:
                self._start_thread()
            self._changed.notify_all()

    def _is_known(self, issued: Issued) -> bool:
        """Whether an effect need not be carried out: then it has ended."""
        outcome: Outcome | None = None
        trouble: EngineError | None = None
        try:
            outcome = self._at_once[issued.capability](issued)
        except EngineError as error:
            trouble = error
        with self._changed:
            if outcome is not None:
                self._arrived.append((issued.number, outcome))
            self._trouble = self._trouble or trouble
        return outcome is not None or trouble is not None

    def cancel(self, number: int) -> None:
        """Nobody wants to know any more what becomes of an effect; nothing will arrive."""
        with self._changed:
            out = self._out.pop(number, None)
            if out is None or self._waiting.drop(out[0]):
                return
        out[1].cancel()

    def arrived(self) -> list[tuple[int, Outcome]]:
        """Takes what has come in since the last call: numbers and outcomes, in any order.

        Raises:
            HostFault: This machine could not carry an effect out.
        """
        with self._changed:
            if self._trouble is not None:
                raise self._trouble
            arrived, self._arrived = self._arrived, []
        return arrived

    def wait(self, seconds: float) -> None:
        """Returns when something has come in, or that much time has passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._arrived or self._trouble, seconds)

    def close(self) -> None:
        """Cancels what is out, and ends the threads."""
        with self._changed:
            self._closed = True
            out, self._out = self._out, {}
            self._waiting.clear()
            self._changed.notify_all()
        for _, cancellation in out.values():
            cancellation.cancel()
        for thread in self._threads:
            thread.join(_PARTING)
        if self._parting is not None:
            self._parting()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name="outside", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            if not self._threads:
                self._trouble = HostFault(f"no thread could be started ({error})")
            return
        self._threads.append(thread)
        self._idle += 1

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting.ready)
                if self._closed:
                    return
                self._idle -= 1
                issued = self._waiting.take()
                out = self._out.get(issued.number)
            if out is not None:
                self._carry_out(issued, out[1])
            with self._changed:
                # What is ready for that is for this thread, if no other is faster.
                self._waiting.done(issued)
                self._idle += 1

    def _carry_out(self, issued: Issued, cancellation: Cancellation) -> None:
        outcome: Outcome | None = None
        trouble: EngineError | None = None
        try:
            outcome = self._perform[issued.capability](issued, cancellation)
        except EngineError as error:
            trouble = error
        except MemoryError:
            trouble = HostFault("the host ran out of memory", code="memory")
        except BaseException as error:  # noqa: BLE001 - it goes on in the thread that looks
            trouble = Bug(f"an effect ({issued.capability}) failed in our own code: {error!r}")
        with self._changed:
            out = self._out.get(issued.number)
            if out is None or out[1] is not cancellation:
                return
            del self._out[issued.number]
            if outcome is not None:
                self._arrived.append((issued.number, outcome))
            else:
                self._trouble = trouble
            self._changed.notify_all()
