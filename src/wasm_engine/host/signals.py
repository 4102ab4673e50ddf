"""Signal handlers written in Python wait while guest code runs on the main thread.

Python runs them between two instructions of whatever it executes; under a guest, that is a
callback from C. One that raises at the callback's entry, before its guard, would leave through C,
which is undefined. So inside `deferred` every handler first looks where it would raise.
"""

from __future__ import annotations

import contextlib
import importlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_guest_code: set[CodeType] = set()
# What lies under `signal`, whose own functions turn numbers into enums: 60 times as slow.
_bare: Any = importlib.import_module("_signal")
_NUMBERS = tuple(int(number) for number in signal.valid_signals())


class _State:
    """Whether handlers are deferrable now, and those that wait."""

    __slots__ = ("active", "waiting")

    def __init__(self) -> None:
        self.active = 0
        self.waiting: list[tuple[Callable[[int, FrameType | None], Any], int]] = []


STATE = _State()
"""For the one place that enters guests; everybody else uses `deferred`."""
get_ident = threading.get_ident
MAIN_IDENT = threading.main_thread().ident


def enters_guests(function: Function) -> Function:
    """Marks the function below which no signal handler may raise."""
    _guest_code.add(function.__code__)
    return function


class _Deferrable:
    """A handler that waits where it must not raise."""

    __slots__ = ("handler",)

    def __init__(self, handler: Callable[[int, FrameType | None], Any]) -> None:
        self.handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        above = frame
        while above is not None:
            if above.f_code in _guest_code:
                STATE.waiting.append((self.handler, number))
                return
            above = above.f_back
        self.handler(number, frame)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """While inside, handlers run before or after guest code, never under it.

    Guests are entered safely without it too; a run that enters many does it once, for speed. A
    handler that is installed inside is not covered. Elsewhere than on the main thread nothing
    changes, as no handler runs there.
    """
    if get_ident() != MAIN_IDENT:
        yield
        return
    replaced: list[tuple[int, Any, _Deferrable]] = []
    for number in _NUMBERS:
        handler = _bare.getsignal(number)
        if callable(handler) and type(handler) is not _Deferrable:
            ours = _Deferrable(handler)
            replaced.append((number, handler, ours))
            _bare.signal(number, ours)
    STATE.active += 1
    try:
        yield
    finally:
        STATE.active -= 1
        for number, handler, ours in replaced:
            if _bare.getsignal(number) is ours:
                _bare.signal(number, handler)
        run_waiting()


def run_waiting() -> None:
    """Runs the handlers that had to wait. May raise whatever they raise."""
    if get_ident() == MAIN_IDENT:
        while STATE.waiting:
            handler, number = STATE.waiting.pop(0)
            handler(number, None)
