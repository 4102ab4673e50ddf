"""What came of many trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.crash.disk import FLAVOURS
from tests.crash.trial import ALIVE, Told


@dataclass
class Tally:
    """What came of many trials."""

    trials: int = 0
    same: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    flavours: Counter[str] = field(default_factory=Counter)
    at_operations: int = 0
    in_recovery: int = 0
    begun_anew: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, told: Told, name: str, wrong: str) -> None:
        """Takes in one trial."""
        self.trials += 1
        self.killed += told.killed
        self.flavours += Counter(blow.flavour for blow in told.struck)
        self.at_operations += sum(blow.after is None for blow in told.struck)
        self.in_recovery += told.in_recovery
        self.begun_anew += told.begun_anew
        if wrong:
            self.failures.append(f"{name}: {wrong}")
        else:
            self.same += 1

    def lines(self) -> Iterable[str]:
        """The tally for people."""
        kills = sum(self.killed.values())
        verbs = ", ".join(f"{count} of {verb}" for verb, count in sorted(self.killed.items()))
        flavours = [it for it in (*FLAVOURS, ALIVE) if self.flavours[it]]
        kept = ", ".join(f"{self.flavours[it]} {it}" for it in flavours)
        yield f"{self.trials} runs, {kills} kills ({verbs})"
        timed = kills - self.at_operations
        yield f"  at a chosen operation {self.at_operations}, at a random instant {timed}"
        yield f"  during the recovery from another {self.in_recovery}"
        yield f"  what was not synced: {kept}"
        yield f"  killed before the run had begun, and begun anew: {self.begun_anew}"
        yield f"  as undisturbed: {self.same} of {self.trials}"
        yield from (f"  LOST {failure}" for failure in self.failures)
