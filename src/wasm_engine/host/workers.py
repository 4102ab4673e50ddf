"""Threads that run the agents of a step; which thread runs which agent never matters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

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
        self._pool = _pool(count) if count > 1 else None

    def map(self, do: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """Does it for every item; the answers are in the order of the items.

        All of them have ended, or never begin, when it returns or raises; of several errors the
        first one in the order of the items is raised.

        Raises:
            HostFault: No thread could be started.
        """
        pool = self._pool
        if pool is None or len(items) == 1:
            return list(map(do, items))
        batch = _Batch(do)
        try:
            futures = [_submit(pool, batch, item) for item in items]
            for future in futures:
                future.exception()
        except BaseException:
            batch.stop()
            raise
        return [future.result() for future in futures]

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


class _Batch(Generic[Item, Made]):
    """The work of one `map`. It knows what runs, also where an interrupt struck within the pool."""

    def __init__(self, do: Callable[[Item], Made]) -> None:
        self._do = do
        self._changed = threading.Condition()
        self._running = 0
        self._stopped = False

    def __call__(self, item: Item) -> Made:
        with self._changed:
            if self._stopped:
                raise RuntimeError  # nobody asks any more
            self._running += 1
        try:
            return self._do(item)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Lets nothing more begin, and waits for what runs."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: not self._running)


def _pool(count: int) -> ThreadPoolExecutor:
    # Here, for it takes time to load, and most runs need none.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    return ThreadPoolExecutor(count)


def _submit(pool: ThreadPoolExecutor, do: Callable[[Item], Made], item: Item) -> Future[Made]:
    try:
        return pool.submit(do, item)
    except RuntimeError as error:
        message = f"no thread could be started ({error})"
        raise HostFault(message) from error
