"""Threads that run the agents of a step; which thread runs which agent never matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from wasm_engine.concepts.errors import HostFault

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Item = TypeVar("Item")
Made = TypeVar("Made")


class Workers:
    """A fixed number of threads; with one, everything runs on the caller's.

    Attributes:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = max(count, 1)
        self._pool: ThreadPoolExecutor | None = None
        if count > 1:
            # Here, for it takes time to load, and most runs need none.
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

            self._pool = ThreadPoolExecutor(count)

    def map(self, do: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """Does it for every item; the answers are in the order of the items.

        All of them have ended when it returns or raises; of several errors the first one in the
        order of the items is raised.

        Raises:
            HostFault: No thread could be started.
        """
        if self._pool is None or len(items) == 1:
            return list(map(do, items))
        try:
            futures = [self._pool.submit(do, item) for item in items]
        except RuntimeError as error:
            message = f"no thread could be started ({error})"
            raise HostFault(message) from error
        failed = next((f for f in [f for f in futures if f.exception() is not None]), None)
        if failed is not None:
            failed.result()
        return [future.result() for future in futures]

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown()
