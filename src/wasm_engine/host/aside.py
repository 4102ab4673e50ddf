"""A thread aside: for what must not run on a guest's stack.

Host functions run on the fiber of the guest that calls them. Code in Rust that measures its own
stack by addresses takes a fiber for an overflow, and refuses to work there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from wasm_engine.concepts.errors import HostFault


class _Job:
    """Something to be done, and what came of it."""

    __slots__ = ("arguments", "do", "done", "error", "result")

    def __init__(self, do: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.do = do
        self.arguments = arguments
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None


class Aside:
    """Does things on the stack of a thread of its own, one after another; it begins when needed."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def run(self, do: Callable[..., Any], *arguments: Any) -> Any:
        """Calls `do` there and waits; answers what it answers, and raises what it raises.

        Raises:
            HostFault: No thread could be started.
        """
        job = _Job(do, arguments)
        with self._lock:
            if self._thread is None:
                self._thread = self._started()
        self._jobs.put(job)
        job.done.wait()
        if job.error is not None:
            raise job.error
        return job.result

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="aside", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            message = f"no thread could be started ({error})"
            raise HostFault(message) from None
        return thread

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job.result = job.do(*job.arguments)
            except BaseException as error:  # noqa: BLE001 - it goes on in the thread that waits
                job.error = error
            job.done.set()


ASIDE = Aside()
"""The process's one."""
