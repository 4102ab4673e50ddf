"""Time travel: a run, executed again to any step and looked at there, forward and backward."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.segment import Value
from wasm_engine.control import history
from wasm_engine.control.budget_rows import BudgetRow, budgets_of
from wasm_engine.control.effect_rows import EffectRow
from wasm_engine.control.history import CallRow, History, LogRow, MessageRow
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import MAX_WORKERS, whole
from wasm_engine.control.plain_values import plain_body
from wasm_engine.control.replays import go_to, open_at
from wasm_engine.control.step_entries import beginning, last_step, require_step
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.world.marks import Mark


class Journey:
    """A run that can be looked at as it stood at the end of any step.

    It is executed again, offline and compared with what the file holds: forward from where it
    stands, backward from the nearest point that is known, in the file or from this journey. The
    file is not changed.

    Attributes:
        file: The run.
        step: The step at whose end it stands; 0 is the beginning, before anything ran.
        first: The step at which a journey begins: 0, but of a run that was compacted.
        steps: The last step that the run holds.

    Example:
        >>> with Journey.open("kept.run") as journey:
        ...     journey.seek(2)
        ...     [(m.sender, m.to, m.body) for m in journey.messages()]
        ...     journey.forward(), journey.step, journey.time
        [('b', 'a', {'text': '19'})]
        (True, 3, 1735689600003000000)
    """

    def __init__(self, file: Path, *, workers: int, observer: Observer) -> None:
        self.file = file
        self._observer = observer
        with RunFile.open(file) as run:
            self.first, self.steps = beginning(run), last_step(run)
        self._marks: list[Mark] = []
        self._rows: History | None = None
        self._run = open_at(file, self.first, workers=workers, observer=observer)

    @classmethod
    def open(cls, file: str | Path, *, workers: int = 1, observer: Observer = UNOBSERVED) -> Self:
        """Opens a run; the journey begins where the run does.

        Args:
            file: The run. Nothing else is needed or looked at.
            workers: Threads.
            observer: Who watches.

        Raises:
            BadRunFile: It is no run file, or is damaged.
        """
        whole("workers", workers, 1, MAX_WORKERS)
        return cls(Path(file), workers=workers, observer=observer)

    @property
    def step(self) -> int:
        """The step at whose end it stands."""
        return self._run.execution.scheduler.world.step

    @property
    def time(self) -> int:
        """World time in that step, nanoseconds since 1970."""
        return self._run.execution.scheduler.world.time

    def seek(self, step: int) -> None:
        """Goes to the end of a step.

        Raises:
            Misuse: There is no such step.
            ReplayDivergence: The run came out otherwise on the way.
        """
        whole("step", step, 0)
        require_step(self._run.file, self.file, step, self.steps)
        self._rows = None
        if step < self.step:
            self._rewind(step)
        if step > self.step:
            go_to(self._run, step, self._observer)

    def forward(self, steps: int = 1) -> bool:
        """Goes on by so many steps, or to the last one; answers whether it went anywhere."""
        whole("steps", steps, 1)
        before = self.step
        self.seek(min(before + steps, self.steps))
        return self.step > before

    def back(self, steps: int = 1) -> bool:
        """Goes back by so many steps, or to the beginning; answers whether it went anywhere."""
        whole("steps", steps, 1)
        before = self.step
        self.seek(max(before - steps, self.first))
        return self.step < before

    def agents(self) -> tuple[str, ...]:
        """Addresses of the agents that there are."""
        return tuple(sorted(self._run.execution.scheduler.world.agents))

    def state(self, agent: str) -> dict[str, Value]:
        """What an agent keeps: texts and bytes, by key.

        Raises:
            Misuse: There is no such agent.
        """
        return dict(sorted(self._agent(agent).state.items()))

    def waiting(self, agent: str) -> tuple[MessageRow, ...]:
        """What waits in an agent's mailbox, to be handled in a later step.

        Raises:
            Misuse: There is no such agent.
        """
        found = self._agent(agent)
        return tuple(
            MessageRow(m.id, self.step, m.sender, agent, m.topic, plain_body(m.body), m.request)
            for m in found.inbox
        )

    def memory(self, agent: str) -> list[bytes] | None:
        """The linear memories of an agent that has some; None where it does not.

        Agents have memory while they wait for something, and with `lifecycle = "resident"` between
        messages, too.

        Raises:
            Misuse: There is no such agent.
        """
        self._agent(agent)
        return self._run.memory(agent)

    def budgets(self) -> tuple[BudgetRow, ...]:
        """What is spent of the world's budgets by the end of this step, in its windows."""
        return budgets_of(self._run)

    def messages(self) -> tuple[MessageRow, ...]:
        """The messages that were accepted in this step, inputs before it among them."""
        return tuple(self._happened().messages)

    def calls(self) -> tuple[CallRow, ...]:
        """What was called in this step."""
        return tuple(self._happened().calls)

    def log(self) -> tuple[LogRow, ...]:
        """What was logged and printed in this step."""
        return tuple(self._happened().log)

    def effects(self) -> tuple[EffectRow, ...]:
        """What was asked of the outside in this step, and what ended at its start."""
        return tuple(self._happened().effects)

    def close(self) -> None:
        """Ends the journey. Idempotent."""
        self._run.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _happened(self) -> History:
        if self._rows is None:
            self._rows = history.read_step(self._run.file, self.step)
        return self._rows

    def _agent(self, address: str) -> Agent:
        found = self._run.execution.scheduler.world.agents.get(address)
        if found is None:
            raise Misuse(f"{self.file}: at the end of step {self.step} there is no {address!r}")
        return found

    def _rewind(self, step: int) -> None:
        """Goes to where the way to an earlier step is shortest, and leaves marks on that way.

        They lie the denser the nearer to the step: whoever goes back further, one step after
        another, finds one close by each time, and there are few of them.
        """
        self._marks = [mark for mark in self._marks if mark.step <= step]
        self._run = self._run.rewound(step, self._nearest(step))
        start, distance = self.step, 1
        places = []
        while step - distance > start:
            places.append(step - distance)
            distance *= 2
        for place in reversed(places):
            go_to(self._run, place, self._observer)
            mark = self._run.mark()
            if mark is not None:
                self._marks.append(mark)

    def _nearest(self, step: int) -> Mark | None:
        """The mark to go to a step from; None where a checkpoint of the file is nearer."""
        mark = max(self._marks, key=lambda mark: mark.step, default=None)
        stored = max(
            (row.step for row in self._run.file.checkpoints() if row.step <= step), default=0
        )
        return mark if mark is not None and mark.step > stored else None
