"""`make crash N=200`: worlds that are killed again and again, and what came of each."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import worlds
from tests.crash.disk import FLAVOURS
from tests.crash.machine import Machine
from tests.crash.trial import Blow, Lost, Told, tell
from tests.crash.worlds import RUN, Story

TICK = 0.25
"""Seconds of its clock that a program believes to pass with each step: it stores every fourth."""
_MOST_BLOWS = 5
_SHARE_AT_ONCE = 0.5
_INSTANTS = (0.15, 0.6)
"""Seconds: a program begins after 0.2, and has done most of what it does after 0.5."""


@dataclass
class Known:
    """A story, and how it goes where nothing is in its way."""

    story: Story
    undisturbed: Told


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
        kept = ", ".join(f"{self.flavours[it]} {it}" for it in FLAVOURS if self.flavours[it])
        yield f"{self.trials} runs, {kills} kills ({verbs})"
        timed = kills - self.at_operations
        yield f"  at a chosen operation {self.at_operations}, at a random instant {timed}"
        yield f"  during the recovery from another {self.in_recovery}"
        yield f"  what was not synced: {kept}"
        yield f"  killed before the run had begun, and begun anew: {self.begun_anew}"
        yield f"  as undisturbed: {self.same} of {self.trials}"
        yield from (f"  LOST {failure}" for failure in self.failures)


class Campaign:
    """Trials in a folder of their own.

    Args:
        place: The folder.
        say: Told how it goes.
    """

    def __init__(self, place: Path, say: Callable[[str], None]) -> None:
        self._place, self._say, self._made = place, say, 0
        self._cache, self._data, self._large = (place / it for it in ("cache", "data", "large"))

    def learn(self, story: Story) -> Known:
        """Tells a story where nothing is in its way."""
        laid = story.lay_out(self._place / "worlds" / story.name)
        if story.python:
            self._provide_interpreter(laid)
        machine = self._machine(story)
        if not self._data.exists():
            # The key of the compiled code is kept: what is compiled once serves all.
            machine.command("check", laid.commands[0][1])
            shutil.copytree(machine.root / "data", self._data)
        known = Known(laid, tell(machine, laid, tick=TICK))
        shutil.rmtree(machine.place)
        count = sum(known.undisturbed.operations)
        self._say(f"{story.name}: {len(story.commands)} commands, {count} operations undisturbed")
        return known

    def every_operation(self, known: Known, flavours: tuple[str, ...]) -> Tally:
        """Kills each command of a story at each of its operations, once."""
        trials = []
        for number, count in enumerate(known.undisturbed.operations):
            for operation in range(1, count + 1):
                flavour = flavours[(operation + number) % len(flavours)]
                blows = [Blow()] * number + [Blow(kill=operation, flavour=flavour, seed=operation)]
                trials.append((known, blows))
        return self._judge(trials)

    def at_random(self, stories: list[Known], weights: list[int], count: int, seed: int) -> Tally:
        """Kills runs at random operations and instants, several times each."""
        chance = random.Random(seed)
        trials = []
        for _ in range(count):
            known = chance.choices(stories, weights)[0]
            trials.append((known, list(_blows(known, chance))))
        return self._judge(trials)

    def _provide_interpreter(self, story: Story) -> None:
        self._say("the interpreter for .py agents (built once)")
        machine = Machine(self._place / "builder", self._cache, self._large, shares_data=True)
        for words in (("interpreter", "build"), ("check", story.commands[0][1])):
            ended = machine.command(*words)
            assert ended.status == 0, ended.err
        shutil.rmtree(machine.place)

    def _machine(self, story: Story) -> Machine:
        self._made += 1
        place = self._place / f"machine-{self._made}"
        if story.python:
            return Machine(place, self._cache, self._large, shares_data=True)
        return Machine(place, self._cache, self._data if self._data.exists() else None)

    def _judge(self, trials: list[tuple[Known, list[Blow]]]) -> Tally:
        tally = Tally()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for told, name, wrong in pool.map(lambda trial: self._try(*trial), trials):
                tally.add(told, name, wrong)
                if wrong:
                    self._say(f"LOST {name}: {wrong}")
                if tally.trials % 50 == 0:
                    self._say(f"  {tally.trials} of {len(trials)}")
        return tally

    def _try(self, known: Known, blows: list[Blow]) -> tuple[Told, str, str]:
        """One trial; its last value says what went wrong, if anything."""
        machine, told = self._machine(known.story), Told()
        name = f"{known.story.name} {[tuple(blow) for blow in blows]}"
        try:
            told = tell(machine, known.story, blows, tick=TICK)
            if known.story.settled and told.chain != known.undisturbed.chain:
                return told, name, "another chain than undisturbed"
            replayed = machine.command("replay", RUN, "--json")
            if replayed.status:
                return told, name, f"replay: {replayed.err}"
        except Lost as lost:
            return told, name, str(lost)
        finally:
            shutil.rmtree(machine.place)
        return told, name, ""


def _blows(known: Known, chance: random.Random) -> Iterable[Blow]:
    """Some programs in peace, and several killed, one after another."""
    counts = known.undisturbed.operations
    peaceful = chance.randrange(len(counts))
    yield from [Blow()] * peaceful
    count = counts[peaceful]
    for _ in range(chance.randint(1, _MOST_BLOWS)):
        flavour, seed = chance.choice(FLAVOURS), chance.randrange(1 << 30)
        if chance.random() < _SHARE_AT_ONCE:
            yield Blow(kill=chance.randint(1, count), flavour=flavour, seed=seed)
        else:
            yield Blow(after=chance.uniform(*_INSTANTS), flavour=flavour, seed=seed)
        # A recovery has less to do than what it recovers.
        count = max(10, count // 2)


def campaign(count: int, seed: int, say: Callable[[str], None]) -> int:
    """All of it; the exit status."""
    with tempfile.TemporaryDirectory(prefix="wasm-engine-crash-") as folder:
        found = Campaign(Path(folder), say)
        short = found.learn(worlds.short())
        stories = [found.learn(it) for it in (worlds.busy(), worlds.timed(), worlds.large())]
        stories.append(found.learn(worlds.python()))
        say("one kill at every operation of the short run")
        tallies = [found.every_operation(short, FLAVOURS)]
        say("\n".join(tallies[0].lines()))
        say(f"{count} runs killed at random (seed {seed})")
        tallies.append(found.at_random(stories, [10, 6, 2, 2], count, seed))
        say("\n".join(tallies[1].lines()))
    return 1 if any(tally.failures for tally in tallies) else 0
