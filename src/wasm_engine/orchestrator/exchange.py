"""The traffic between a world and the outside: intents that go out, results that come in.

An intent is on the disk before its effect goes out, and a result before anybody in the world sees
it. So whoever dies in between leaves either nothing, or an intent without a result: an unknown
outcome, which the effect's retry policy decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import Issued, Outcome, is_patient
from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.segment import Effect
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.answered import Answered
from wasm_engine.orchestrator.outside import (
    Determined,
    Outside,
    digest_of,
    is_digest,
    issued,
    outcome_of,
    restored,
    stored,
)
from wasm_engine.orchestrator.script import Row, Script
from wasm_engine.orchestrator.world_state import Issue, WorldState


def _nobody(_to: str, _topic: str, _body: Any, _headers: Any) -> None:
    """Until an execution takes inputs, there are none."""


PATIENCE = 0.25
"""Seconds after which somebody who waits for the outside looks whether to stop."""


class Exchange:
    """What goes out of a world, and what comes in.

    Args:
        world: The world.
        run: Its journal.
        outside: Carries effects out; None where nothing may (a replay, a look).
        may_repeat: Whether an effect whose outcome is unknown may be sent once more.
        lockstep: Whether what comes in enters the world only when all that is out has.
        answered: What knows effects that need not be carried out again; None: all are.
        determined: Computes what becomes of effects that follow from their arguments: at the end of
            the step that issued them, so that it is there in the next one; nothing is made durable
            for that, since whoever dies meanwhile computes it again.

    Attributes:
        script: In a fork: what came from outside after it, and is to come again.
        receive: Takes an input of the script: address, topic, body, headers.
    """

    def __init__(
        self,
        world: WorldState,
        run: RunFile,
        outside: Outside | None,
        may_repeat: Callable[[Issued], bool],
        *,
        lockstep: bool = False,
        answered: Answered | None = None,
        determined: Determined | None = None,
    ) -> None:
        self._determined = determined
        self.outside = outside
        self.script: Script | None = None
        self.receive: Callable[[str, str, Any, Any], None] = _nobody
        self._world = world
        self._run = run
        self._may_repeat = may_repeat
        self._lockstep = lockstep
        self._answered = answered
        self._here: dict[int, Outcome] = {}

    def go_out(self, issues: Sequence[Issue], cancelled: Sequence[int]) -> None:
        """The effects of a step that was just committed: intents, to the disk, and out."""
        for issue in issues:
            kind, data = entries.encode(self.intent(issue))
            self._run.append(kind, data, durable=False)
        prompt, others = self._parted(issues)
        if others:
            self._run.flush()
        for issue in others:
            self._begin(issue, again=False)
        self._settle(prompt)
        for number in cancelled:
            if self.script is not None:
                self.script.drop(number)
            if self.outside is not None:
                self.outside.cancel(number)
            self._ended(number, None)

    def intent(self, issue: Issue) -> Intent:
        """How the journal holds an effect that is to go out."""
        effect = issue.effect
        return Intent(
            effect.number,
            self._world.step,
            issue.agent,
            issue.message,
            issue.attempt,
            effect.call,
            effect.capability,
            list(effect.arguments),
        )

    def take_up(self, unsent: Sequence[Issue]) -> None:
        """After a resume: what is out has no result, and whoever sent it is gone.

        Args:
            unsent: Effects of the last step whose intent is not in the journal: they never went.
        """
        world = self._world
        left = {issue.effect.number for issue in unsent}
        before = [issue for number, issue in sorted(world.effects.items()) if number not in left]
        unknown = []
        prompt, others = self._parted(before)
        self._settle(prompt)
        for issue in others:
            told = self.script is not None and self.script.answers(issue)
            if told or is_patient(issue.effect.capability) or self._is_repeatable(issue):
                self._begin(issue, again=True)
            else:
                unknown.append(issue)
        self.go_out([issue for issue in unsent if issue.effect.number in world.effects], ())
        detail = "nobody knows whether it was carried out: the engine ended meanwhile"
        for issue in unknown:
            self._arrive(issue.effect.number, refusal(faults.OUTCOME_UNKNOWN, detail))
        self._run.flush()

    def _parted(self, issues: Sequence[Issue]) -> tuple[list[Issue], Sequence[Issue]]:
        """The effects that follow from their arguments, and the others."""
        determined = self._determined
        prompt = [it for it in issues if determined is not None and determined.covers(it.effect)]
        if not prompt:
            return prompt, issues
        return prompt, [issue for issue in issues if issue not in prompt]

    def _settle(self, issues: Sequence[Issue]) -> None:
        """Effects that follow from their arguments end, in their order.

        A fork takes over what the other run holds of them, where it holds all of it: it may be on a
        machine that has no model.
        """
        if not issues or self._determined is None:
            return
        told = {}
        for issue in issues:
            row = None if self.script is None else self.script.told(issue)
            if row is not None and not is_digest(row):
                told[issue.effect.number] = outcome_of(issue.effect.capability, row)
        missing = [issue for issue in issues if issue.effect.number not in told]
        for issue, outcome in zip(missing, self._determined.compute(missing), strict=True):
            told[issue.effect.number] = outcome
        for issue in issues:
            self._arrive(issue.effect.number, told[issue.effect.number], issue.effect)

    def recomputed(self, issue: Issue, held: list[Any]) -> Outcome | None:
        """What became of an effect of which the run holds the digest; None: it comes out otherwise.

        Raises:
            Misuse: What computes it is not here.
        """
        if self._determined is None or not self._determined.covers(issue.effect):
            return None
        (outcome,) = self._determined.compute([issue])
        row = stored(outcome)
        return restored(row) if digest_of(row) == held else None

    def _is_repeatable(self, issue: Issue) -> bool:
        return self._may_repeat(issued(issue, self._run.run_id, again=True))

    def take_in(self) -> bool:
        """What has come in enters the world before its next step; whether anything has."""
        world, script = self._world, self.script
        again = script is not None and self._perform(script.due(world.step + 1))
        if self.outside is None:
            return again
        here = self._here
        for number, outcome in self.outside.arrived():
            if number in world.effects:
                here[number] = outcome
                self._ended(number, outcome)
        if not here or (self._lockstep and len(here) < self._count_out()):
            return again
        for number in sorted(here):
            self._arrive(number, here[number])
        here.clear()
        self._run.flush()
        return True

    @property
    def is_out(self) -> bool:
        """Whether somebody out there is to answer an effect: neither a script, nor a person."""
        return self._count_out() > 0

    def _count_out(self) -> int:
        """Effects that somebody out there is to answer, other than a person in their own time."""
        world, script = self._world, self.script
        if script is None:
            return len(world.effects) - len(world.questions)
        out = (number for number in world.effects if number not in world.questions)
        return sum(not script.has_claimed(number) for number in out)

    def hurry(self) -> bool:
        """Nothing else can happen: what a script has for later comes now; whether it has any.

        While somebody out there is to answer, something else can: who comes first must not depend
        on how long that takes.
        """
        if self.script is None or self.is_out:
            return False
        return self._perform(self.script.next())

    def _perform(self, rows: list[tuple[Row, int]]) -> bool:
        for row, number in rows:
            if row.kind == "input":
                to, topic, body, headers = row.value
                self.receive(to, topic, tuple(body), [tuple(header) for header in headers])
            elif number in self._world.effects:
                issue = self._world.effects[number]
                outcome = outcome_of(issue.effect.capability, row.value)
                if self._answered is not None:
                    self._answered.learn(issue, outcome)
                self._arrive(number, outcome)
        if rows:
            self._run.flush()
        return bool(rows)

    def answer(self, number: int, outcome: Outcome) -> None:
        """A person has answered a question that is open: durable, and in the world's next step."""
        self._arrive(number, outcome)
        if self.script is not None:
            self.script.drop(number)
        self._run.flush()

    def wait(self, seconds: float = PATIENCE) -> None:
        """Returns when something has come in, or it is time to look whether to stop."""
        assert self.outside is not None
        self.outside.wait(min(seconds, PATIENCE))

    def close(self) -> None:
        """Cancels what is out."""
        if self.outside is not None:
            self.outside.close()

    def _begin(self, issue: Issue, *, again: bool) -> None:
        if self.script is not None:
            if self.script.claims(issue):
                return
            if self.script.effects == "none":
                refused = refusal(faults.WITHOUT_EFFECTS, "this run is a fork without effects")
                self.script.add(issue.effect.number, stored(refused))
                return
        if is_patient(issue.effect.capability):
            return  # it is open, and that is all: a person looks what is
        if self.outside is None:
            message = "an effect was issued where nothing may go out"
            raise Bug(message)
        if self._answered is not None:
            known = self._answered.outcome(issue)
            if known is not None:
                self._here[issue.effect.number] = known
                return
            if self._answered.follows(issue):
                return
        self.outside.begin(issued(issue, self._run.run_id, again=again))

    def _ended(self, number: int, outcome: Outcome | None) -> None:
        """An effect has ended, or was withdrawn (None): so have those that waited for the same."""
        if self._answered is None:
            return
        followers, instead = self._answered.ended(number, outcome)
        self._here.update(followers)
        for issue in instead:
            self._begin(issue, again=False)

    def _arrive(self, number: int, outcome: Outcome, effect: Effect | None = None) -> None:
        row = stored(outcome)
        by_digest = effect is not None and self._determined.keeps_digest(effect)  # type: ignore[union-attr]
        held = digest_of(row) if by_digest else row
        kind, data = entries.encode(Result(number, self._world.step + 1, held))
        self._run.append(kind, data, durable=False)
        self._world.arrive(number, restored(row))
