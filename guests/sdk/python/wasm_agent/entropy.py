"""World entropy beneath `random`: seeded at its first use in each activation.

`os.urandom`, `uuid`, `secrets` and `random.SystemRandom` have it already, by way of WASI. Seeding
waits for the first use, so that an agent that draws nothing is known to the world as one that
draws nothing.
"""

from __future__ import annotations

import random
from typing import Any

from wasm_agent.contract import context


class WorldRandom(random.Random):
    """The generator behind the functions of `random`: the same algorithms, seeded by the world."""

    def __init__(self) -> None:
        self._settled = True
        super().__init__(0)

    def unsettle(self) -> None:
        """The next draw takes a fresh seed from the world."""
        self._settled = False

    def seed(self, a: Any = None, version: int = 2) -> None:
        """With a value: as ever, for the rest of the activation. Without: by the world."""
        if a is None:
            self.unsettle()
        else:
            self._settled = True
            super().seed(a, version)

    def random(self) -> float:
        """The next number in [0, 1)."""
        if not self._settled:
            self._settle()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        """An integer of k random bits."""
        if not self._settled:
            self._settle()
        return super().getrandbits(k)

    def getstate(self) -> tuple[Any, ...]:
        """The state of the generator, settled first."""
        if not self._settled:
            self._settle()
        return super().getstate()

    def setstate(self, state: tuple[Any, ...]) -> None:
        """Goes on from a state, for the rest of the activation."""
        self._settled = True
        super().setstate(state)

    def _settle(self) -> None:
        self._settled = True
        super().seed(context.random())


generator = WorldRandom()


def install() -> None:
    """Puts the world's generator beneath the functions of `random`."""
    random._inst = generator  # noqa: SLF001 - the functions are methods of this one hidden object
    for name in random.__all__:
        method = getattr(generator, name, None)
        if method is not None:
            setattr(random, name, method)
