"""Threads that run the agents of a step; which thread runs which agent never matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from wasm_engine.concepts.errors import HostFault

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

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
            from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415

            self._pool, self._wait = ThreadPoolExecutor(count), wait

    def map(self, do: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """Does it for every item; the answers are in the order of the items.

        All of them have ended when it returns or raises; of several errors the first one in the
        order of the items is raised.

        Raises:
            HostFault: No thread could be started.
        """
        if self._pool is None or len(items) == 1:
            return list(map(do, items))
        futures: list[Future[Made]] = []
        try:
            for item in items:
                futures.append(self._submit(do, item))  # noqa: PERF401 (those begun must be known)
            self._wait(futures)
        except BaseException:  # also an interrupt: nothing runs on behind the back of its handler
            for future in futures:
                future.cancel()
            self._wait(futures)
            raise
        return [future.result() for future in futures]

    def _submit(self, do: Callable[[Item], Made], item: Item) -> Future[Made]:
        assert self._pool is not None
        try:
            return self._pool.submit(do, item)
        except RuntimeError as error:
            message = f"no thread could be started ({error})"
            raise HostFault(message) from error

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
