"""Re-execution of what a journal holds, compared with it entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from wasm_engine.concepts.effect import Outcome
from wasm_engine.concepts.errors import HostCrash, Interrupted, ReplayDivergence
from wasm_engine.host.signals import deferred
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Clock, Control, Entry, Input, Intent, Kind, Result
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.comparison import compare
from wasm_engine.orchestrator.exchange import Exchange
from wasm_engine.orchestrator.given import Given
from wasm_engine.orchestrator.outside import is_digest, outcome_of
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.scheduler import Scheduler
from wasm_engine.orchestrator.script import Script
from wasm_engine.orchestrator.world_state import Issue


class Reexecution:
    """Runs again what a journal holds, from where its world stands.

    Args:
        scheduler: Runs the world.
        run: The journal.
        exchange: Says how an effect's intent would be held.
        fresh_contents: See `Execution`.

    Attributes:
        position: Number of the entry after which the world stands.
        unsent: Effects of the last step whose intents the journal does not hold.
        change: Applies a control entry that changes the world: `change(op, args)`.
        exact: Whether the engine in force is this one; else its costs are taken as they were.
        conduct: Compares steps by what agents do instead; costs are taken as they were then.
        exact_so_far: Whether it was for every step that was executed.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        run: RunFile,
        exchange: Exchange,
        fresh_contents: Callable[[], list[bytes]],
    ) -> None:
        self.position = 1
        self.unsent: list[Issue] = []
        self.exact = self.exact_so_far = True
        self.change: Callable[[Control], None] = lambda _control: None
        self.conduct: Callable[[int, Entry, StepRecord], None] | None = None
        self._scheduler = scheduler
        self._run = run
        self._exchange = exchange
        self._fresh = fresh_contents
        self._expected: Entry | None = None
        self._reading: int | None = None
        self._claimed = False

    def takes(self, number: int, record: StepRecord) -> bool:
        """Whether a step's record belongs here: it is then compared with the stored one."""
        if self._expected is None:
            return False
        if self.conduct is not None:
            self.conduct(number, self._expected, record)
        else:
            compare(number, self._expected, record, exact=self.exact)
        return True

    def run(self, *, to: int | None, stop: Callable[[], bool]) -> None:
        """Re-executes up to a step, or all; see `Execution.replay`."""
        with deferred():
            for entry in self._run.entries(self.position + 1):
                if not self._take(entry, to, stop):
                    return
                self.position = entry.n

    def _take(self, entry: Entry, to: int | None, stop: Callable[[], bool]) -> bool:
        """Does what an entry says; False where it lies beyond the last step wanted."""
        scheduler, world = self._scheduler, self._scheduler.world
        if to is not None and world.step >= to and entry.kind != Kind.INTENT:
            return False
        script = self._script_before(entry)
        if entry.kind == Kind.STEP:
            if stop():
                message = f"interrupted at step {world.step + 1}"
                raise Interrupted(message)
            self._step(entry)
            return True
        what = entries.decode(entry.kind, entry.body)
        match what:
            case Input(id=number, to=address, topic=topic, body=content, headers=headers):
                self._expect("input", number, world.last_message + 1)
                scheduler.receive(address, topic, content, headers)
            case Clock(step=step, time=reading):
                self._expect("clock reading of step", step, world.step + 1)
                self._reading = reading
            case Intent() as intent:
                self._compare_intent(intent)
            case Result(number=number, step=step, outcome=outcome):
                self._expect("result before step", step, world.step + 1)
                if number not in world.effects:
                    raise self._diverged(f"a result of effect {number}", "no such effect is out")
                world.arrive(number, self._outcome(world.effects[number], outcome))
            case Control(
                op=HostCrash.code,
                args=[int(step), str(who), int(handled), int(attempt), str()],
            ):
                self._expect("host-crash of step", step, world.step + 1)
                scheduler.crashes.add((who, handled, attempt))
            case Control() as control:
                self.change(control)
            case _:
                pass
        if script is not None:
            self._has_come(script, what)
        return True

    def _outcome(self, issue: Issue, held: list[Any]) -> Outcome:
        """What became of an effect: as it is held, or computed again where that is a digest."""
        if not is_digest(held):
            return outcome_of(issue.effect.capability, held)
        found = self._exchange.recomputed(issue, held)
        if found is None:
            raise ReplayDivergence(
                step=self._scheduler.world.step,
                agent=issue.agent,
                call=issue.effect.call,
                message=issue.message,
                expected=f"a result of effect {issue.effect.number} with the digest "
                f"{bytes(held[1]).hex()[:16]}...",
                got="another one, computed again",
            )
        return found

    def _has_come(self, script: Script, what: Any) -> None:
        """What the journal holds does not come once more."""
        match what:
            case Input():
                script.taken_input([what.to, what.topic, what.body, what.headers])
            case Clock():
                script.taken_clock(what.step)
            case Intent() if what.number in self._scheduler.world.effects:
                script.claims(self._scheduler.world.effects[what.number])
            case Result():
                script.drop(what.number)

    def _script_before(self, entry: Entry) -> Script | None:
        """The script, if what an entry holds was still to come of it when it was told."""
        script = self._exchange.script
        if script is None or entry.n <= script.after:
            return None
        if not self._claimed:
            self._claimed = True
            for _, issue in sorted(self._scheduler.world.effects.items()):
                script.claims(issue)
        return script

    def _step(self, entry: Entry) -> None:
        scheduler = self._scheduler
        if self.unsent:
            raise self._diverged("no intent", f"effect {self.unsent[0].effect.number}")
        due = scheduler.next_time()
        if due is None:
            raise self._diverged("a step", "nothing left to do")
        self._expected = entry
        if not self.exact or self.conduct is not None:
            self.exact_so_far = False
            scheduler.given = Given(entry.body)
        computing = scheduler.world.computing
        if computing is not None:
            computing.expect(entry.body)
        scheduler.may_crash = False  # what is not in the journal is this machine's trouble
        try:
            scheduler.step(due if self._reading is None else self._reading)
        finally:
            self._expected = self._reading = scheduler.given = None
            scheduler.may_crash = True
            if computing is not None:
                computing.forget()
        if scheduler.crashes:
            agent, message, _ = min(scheduler.crashes)
            raise ReplayDivergence(
                step=scheduler.world.step,
                agent=agent,
                call=None,
                message=message,
                expected="that the process died that ran it",
                got="a step in which it does not run",
            )
        self.unsent = list(scheduler.issued)
        if self._claimed and self._exchange.script is not None:
            for number in scheduler.cancelled:
                self._exchange.script.drop(number)
        self._fresh()

    def _compare_intent(self, stored: Intent) -> None:
        """A durable intent is what the world wants again, or nothing goes on."""
        made = self._exchange.intent(self.unsent.pop(0)) if self.unsent else None
        if made is not None and self.conduct is not None:
            made = replace(made, call=stored.call)  # what it called before is its own affair
        if made is None or entries.encode(made) != entries.encode(stored):
            name = f"effect {stored.number}, {stored.capability}"
            got = "no effect" if made is None else f"effect {made.number}, {made.capability}"
            asked = stored if made is None else made
            raise ReplayDivergence(
                step=self._scheduler.world.step,
                agent=asked.agent,
                call=asked.call,
                message=asked.message,
                expected=f"{name}{tuple(stored.arguments)!r}"[:200],
                got=got if made is None else f"{got}{tuple(made.arguments)!r}"[:200],
            )

    def _expect(self, what: str, stored: int, due: int) -> None:
        """What stands between the steps has the number that re-execution gives it.

        Raises:
            ReplayDivergence: It has another; no step would show that.
        """
        if stored != due:
            raise self._diverged(f"{what} {stored}", f"{what} {due}")

    def _diverged(self, expected: str, got: str) -> ReplayDivergence:
        step = self._scheduler.world.step + 1
        return ReplayDivergence(step=step, agent=None, call=None, expected=expected, got=got)
