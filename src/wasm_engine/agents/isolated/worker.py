"""A worker process of one kind, as whoever asks it sees it; and those that a kind has."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from wasm_engine.agents.isolated.protocol import Answer, Broken, Lie, Question, decode
from wasm_engine.agents.program import MAX_DETAIL
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import WorkerLost
from wasm_engine.host.signals import get_ident
from wasm_engine.host.threads import Lock

Told = TypeVar("Told")
Fetched: TypeAlias = Callable[[Question], Any]
MOST_QUESTIONS: Final = 10_000_000
"""How often a worker may ask back before it answers: guests spend their work long before."""
MOST_ANSWERED: Final = 512 << 20
"""Bytes of an answer beside the guest's memory."""


class Cell(Protocol):
    """The process; see `host.cell.Cell`."""

    alive: bool

    def send(self, data: bytes) -> None:
        """Sends it a frame."""

    def receive(self, most: int) -> bytes | memoryview:
        """The next frame from it."""

    def lost(self, why: str) -> WorkerLost:
        """Ends it; says what became of it."""

    def kill(self) -> None:
        """Ends it."""


class Worker:
    """One worker process; used by one thread at a time.

    Args:
        cell: The process.
        most: Bytes that the longest answer may have.
    """

    def __init__(self, cell: Cell, most: int) -> None:
        self._cell = cell
        self._most = most
        self._lock = Lock()
        self._last = 0
        self._dropped: deque[int] = deque()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._cell.alive

    def number(self) -> int:
        """A number for another instance in it."""
        with self._lock:
            self._last += 1
            return self._last

    def drop(self, number: int) -> None:
        """Nobody needs an instance any more; it is told when it is asked next."""
        self._dropped.append(number)

    def ask(self, request: list[Any], fetched: Fetched | None = None) -> Answer:
        """Asks it.

        Args:
            request: Operation, instance, arguments: plain values.
            fetched: Gives what it wants to know before it answers.

        Raises:
            WorkerLost: It died, or said what no worker says.
            HostFault: What it wanted to know cannot be had.
        """
        with self._lock:
            if not self.alive:
                raise self._cell.lost("")
            dropped = [self._dropped.popleft() for _ in range(len(self._dropped))]
            try:
                self._cell.send(canonical.encode([request, dropped]))
                answer = self._answer(fetched)
            except Lie as lie:
                raise self._cell.lost(str(lie)) from None
            except BaseException:
                self._cell.kill()  # nobody knows where it stands
                raise
        if isinstance(answer, Broken):
            raise self._cell.lost(answer.why[:MAX_DETAIL])
        return answer

    def _answer(self, fetched: Fetched | None) -> Answer:
        for _ in range(MOST_QUESTIONS):
            answer = decode(self._cell.receive(self._most))
            if not isinstance(answer, Question):
                return answer
            if fetched is None:
                break
            self._cell.send(canonical.encode(fetched(answer)))
        message = "it asked and asked"
        raise Lie(message)

    def ask_for(self, kind: type[Told], request: list[Any]) -> Told:
        """Asks it for an answer of a certain kind.

        Raises:
            WorkerLost: As `ask`; or it answered something else.
        """
        answer = self.ask(request)
        if not isinstance(answer, kind):
            raise self.lied("it answered another question")
        return answer

    def lied(self, why: str) -> WorkerLost:
        """It is taken for somebody else's: ended."""
        return self._cell.lost(why)

    def close(self) -> None:
        """Ends it."""
        self._cell.kill()


class Workers:
    """The worker processes of one kind: begun when they are needed, one for each thread at most.

    Args:
        begin: Begins one.
        most: How many there may be.
        memory: Bytes of memory of the kind's guests.
    """

    def __init__(self, begin: Callable[[], Cell], most: int, memory: int) -> None:
        self._begin = begin
        self._most = most
        self._longest = memory + MOST_ANSWERED
        self._lock = Lock()
        self._all: list[Worker | None] = []
        self._of: dict[int, int] = {}

    def mine(self) -> Worker:
        """The one of this thread; another one where it has died.

        Raises:
            HostFault: None can be begun.
        """
        with self._lock:
            place = self._of.setdefault(get_ident(), len(self._of) % self._most)
            while place >= len(self._all):
                self._all.append(None)
            worker = self._all[place]
            if worker is None or not worker.alive:
                worker = self._all[place] = Worker(self._begin(), self._longest)
            return worker

    def close(self) -> None:
        """Ends them."""
        with self._lock:
            for worker in self._all:
                if worker is not None:
                    worker.close()
            self._all.clear()
