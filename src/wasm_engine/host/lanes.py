"""The line of effects that wait to be carried out: one for all, and one for each lane."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import TypeAlias

from wasm_engine.concepts.effect import Issued

LaneOf: TypeAlias = Callable[[Issued], tuple[str, int] | None]
"""What an effect has to wait for, and how many of that may be out at a time; None: for nothing."""


def no_lane(_issued: Issued) -> None:
    """Waits for nothing."""


class Lanes:
    """Effects that wait: each for its lane, then for whoever carries it out; first come first.

    One whose lane is full stands aside, so that it takes nobody's place. Not for several threads at
    once: whoever has it keeps them apart.

    Args:
        lane_of: The lane of an effect.
    """

    def __init__(self, lane_of: LaneOf = no_lane) -> None:
        self._lane_of = lane_of
        self._ready: deque[Issued] = deque()
        self._aside: dict[str, dict[int, Issued]] = {}
        self._out: Counter[str] = Counter()

    @property
    def ready(self) -> int:
        """How many could be carried out now."""
        return len(self._ready)

    def put(self, issued: Issued) -> None:
        """Another one waits."""
        lane = self._lane_of(issued)
        if lane is not None:
            name, most = lane
            if self._out[name] >= most:
                self._aside.setdefault(name, {})[issued.number] = issued
                return
            self._out[name] += 1
        self._ready.append(issued)

    def take(self) -> Issued:
        """The next one that is ready; there must be one."""
        return self._ready.popleft()

    def done(self, issued: Issued) -> None:
        """One that was taken is out no longer: the next one of its lane is ready."""
        lane = self._lane_of(issued)
        if lane is None:
            return
        name = lane[0]
        aside = self._aside.get(name)
        if aside:
            self._ready.append(aside.pop(next(iter(aside))))
        else:
            self._out[name] -= 1

    def drop(self, issued: Issued) -> bool:
        """Nobody waits for one any more; whether it stood aside, and is gone for good.

        One that is ready, or out, has its place until it is `done`.
        """
        lane = self._lane_of(issued)
        aside = {} if lane is None else self._aside.get(lane[0], {})
        return aside.pop(issued.number, None) is not None

    def clear(self) -> None:
        """Nobody waits for any."""
        self._ready.clear()
        self._aside.clear()
