"""`make crash N=200`: worlds that are killed again and again, and what came of each."""

from __future__ import annotations

import errno
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.crash import recording, worlds
from tests.crash.asking import Mix, asking, check_order, check_served, effects_in, serving
from tests.crash.disk import FLAVOURS
from tests.crash.machine import Machine
from tests.crash.preload import ALWAYS, Failure
from tests.crash.recording import Kind, ordinals
from tests.crash.small_disk import may_mount, try_read_only, try_small_disks
from tests.crash.tally import Tally
from tests.crash.trial import ALIVE, Blow, Lost, Told, tell
from tests.crash.worlds import RUN, Story

TICK = 0.25
"""Seconds of its clock that a program believes to pass with each step: it stores every fourth."""
_FAULTS = (
    *(("changes", errno.ENOSPC, ALWAYS), ("changes", errno.EIO, 1)),
    *(("syncs", errno.EIO, 1), ("syncs", errno.EIO, ALWAYS)),
)
_MOST_BLOWS = 5
_SHARE_AT_ONCE = 0.5
_INSTANTS = (0.4, 1.0)
"""Shares of the time that a program took undisturbed: before it begins, and after its end."""
_KILLS_AMID_REQUESTS = 50


@dataclass
class Known:
    """A story, how it goes where nothing is in its way, and what is left in the folder then."""

    story: Story
    undisturbed: Told
    left: dict[str, bytes | None]


@dataclass
class Trial:
    """A story from one of its commands on, and what is in its way.

    Attributes:
        known: The story.
        blows: What strikes its programs.
        first: The number of the command, from 0; what comes before has been done in peace.
        replayed: Whether the run is replayed at the end.
    """

    known: Known
    blows: list[Blow]
    first: int = 0
    replayed: bool = False


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
        if not (story.python or self._data.exists()):
            # The key of the compiled code is kept: what is compiled once serves all.
            machine.command("check", laid.commands[0][1])
            shutil.copytree(machine.root / "data", self._data)
        told = tell(machine, laid, tick=TICK if laid.hurried else 0, remember=True)
        known = Known(laid, told, machine.files())
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
                blow = Blow(kill=operation, flavour=flavour, seed=operation)
                trials.append(Trial(known, [blow], number))
        return self._judge(trials)

    def at_random(self, stories: list[Known], weights: list[int], count: int, seed: int) -> Tally:
        """Kills runs at random operations and instants, several times each."""
        chance = random.Random(seed)
        trials = []
        for _ in range(count):
            known = chance.choices(stories, weights)[0]
            first, blows = _blows(known, chance)
            trials.append(Trial(known, blows, first, replayed=True))
        return self._judge(trials)

    def amid_copying(self, known: Known, flavours: tuple[str, ...], count: int) -> Tally:
        """Kills a long run while SQLite copies its log into the file, and just before and after."""
        assert known.undisturbed.programs is not None
        records = known.undisturbed.programs[0][1]
        done = [records[place] for place in recording.operations(records)]
        file, log = (
            next(it.file for it in done if it.kind == Kind.CREATE and it.name == name)
            for name in (RUN, f"{RUN}-wal")
        )
        logged = next(n for n, it in enumerate(done) if it.file == log and it.kind == Kind.WRITE)
        copied = [n for n, it in enumerate(done) if n > logged and it.file == file]
        again = next(
            n for n in range(copied[0], len(done)) if done[n].file == log and n > copied[0]
        )
        begin, end = copied[0] - 3, again + 6
        trials = []
        for nth in range(count):
            operation = begin + (end - begin) * nth // (count - 1) + 1
            blow = Blow(kill=operation, flavour=flavours[nth % len(flavours)], seed=nth)
            trials.append(Trial(known, [blow]))
        return self._judge(trials)

    def every_fault(self, known: Known, flavours: tuple[str, ...]) -> Tally:
        """Has each write and sync of the first command fail: a full disk, and a failing one."""
        assert known.undisturbed.programs is not None
        records, trials = known.undisturbed.programs[0][1], []
        for of, error, count in _FAULTS:
            for number in ordinals(records, of, RUN):
                failure = Failure(of, number, error, count)
                flavour = flavours[number % len(flavours)]
                trials.append(Trial(known, [Blow(flavour=flavour, seed=number, failure=failure)]))
        return self._judge(trials)

    def ask(self, mix: Mix, kills: int, seed: int, *, lockstep: bool) -> list[str]:
        """Kills a world that asks a server again and again; what came of it, for people."""
        chance = random.Random(seed)
        with serving() as server:
            known = self.learn(asking(server, mix, lockstep=lockstep))
            undisturbed = effects_in(known.left)
            check_served(server.log, undisturbed, undisturbed)
            server.log.clear()
            machine = self._machine(known.story)
            blows = [_blow_amid_requests(chance) for _ in range(kills)]
            told = tell(machine, known.story, blows, remember=True)
            served = check_served(server.log, effects_in(machine.files()), undisturbed)
            looked = sum(check_order(*program) for program in told.programs or ())
            replayed = machine.command("replay", RUN, "--json").status == 0
        same = told.chain == known.undisturbed.chain
        if not replayed or (lockstep and not same):
            raise Lost(f"chain as undisturbed: {same}, replay identical: {replayed}")
        flavours = Counter(blow.flavour for blow in told.struck)
        return [
            f"{mix.requests} requests, {len(told.struck)} kills ({dict(flavours)})",
            f"  served once {served['once']}, again under the same key {served['again']}",
            f"  not declared idempotent, and its outcome unknown: {served['unknown']}",
            f"  {looked} times a request left, never before its intent was durable",
            f"  {'chain' if same else 'results'} as undisturbed, replay identical",
        ]

    def real_disks(self, known: Known) -> list[str]:
        """Real file systems that are full, or read-only."""
        if not may_mount(self._place / "mount"):
            return ["not tried: this process may not mount a file system"]
        return [
            *try_small_disks(self._machine(known.story), known.story),
            *try_read_only(self._machine(known.story), known.story),
        ]

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

    def _judge(self, trials: list[Trial]) -> Tally:
        tally = Tally()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for told, name, wrong in pool.map(self._try, trials):
                tally.add(told, name, wrong)
                if wrong:
                    self._say(f"LOST {name}: {wrong}")
                if tally.trials % 50 == 0:
                    self._say(f"  {tally.trials} of {len(trials)}")
        return tally

    def _try(self, trial: Trial) -> tuple[Told, str, str]:
        """One trial; its last value says what went wrong, if anything."""
        known, told = trial.known, Told()
        machine = self._machine(known.story)
        name = f"{known.story.name} from {trial.first}: {[tuple(blow) for blow in trial.blows]}"
        try:
            if trial.first:
                machine.lay_out(known.undisturbed.stages[trial.first])
            rest = known.story._replace(commands=known.story.commands[trial.first :])
            told = tell(machine, rest, trial.blows, tick=TICK)
            if known.story.settled and told.chain != known.undisturbed.chain:
                return told, name, "another chain than undisturbed"
            replayed = machine.command("replay", RUN, "--json") if trial.replayed else None
            if replayed is not None and replayed.status:
                return told, name, f"replay: {replayed.err}"
        except Lost as lost:
            return told, name, str(lost)
        finally:
            shutil.rmtree(machine.place)
        return told, name, ""


def _blows(known: Known, chance: random.Random) -> tuple[int, list[Blow]]:
    """Which command is struck, and how often in a row."""
    first = chance.randrange(len(known.undisturbed.operations))
    count, blows = known.undisturbed.operations[first], []
    for _ in range(chance.randint(1, _MOST_BLOWS)):
        seed = chance.randrange(1 << 30)
        if chance.random() < _SHARE_AT_ONCE:
            flavour = chance.choice((ALIVE, *FLAVOURS))
            blows.append(Blow(kill=chance.randint(1, count), flavour=flavour, seed=seed))
        else:
            flavour = chance.choice(FLAVOURS)
            after = chance.uniform(*_INSTANTS) * known.undisturbed.seconds[first]
            blows.append(Blow(after=after, flavour=flavour, seed=seed))
        # A recovery has less to do than what it recovers.
        count = max(10, count // 2)
    return first, blows


def _blow_amid_requests(chance: random.Random) -> Blow:
    """So that most of them strike before the world is done, and most programs get on with it."""
    flavour = chance.choice((ALIVE, *FLAVOURS))
    return Blow(kill=chance.randint(12, 110), flavour=flavour, seed=chance.randrange(1 << 30))


def campaign(count: int, seed: int, say: Callable[[str], None]) -> int:
    """All of it; the exit status."""
    with tempfile.TemporaryDirectory(prefix="wasm-engine-crash-") as folder:
        found = Campaign(Path(folder), say)
        short = found.learn(worlds.short())
        stories = [found.learn(it) for it in (worlds.busy(), worlds.timed(), worlds.large())]
        stories.append(found.learn(worlds.python()))
        say("one kill at every operation of the short run")
        tallies = [found.every_operation(short, (*FLAVOURS, ALIVE))]
        say("\n".join(tallies[-1].lines()))
        say("a full disk and a failing one, at every write and sync of its first command")
        tallies.append(found.every_fault(short, FLAVOURS))
        say("\n".join(tallies[-1].lines()))
        say("a long run, while SQLite copies its log into the file")
        tallies.append(found.amid_copying(stories[2], FLAVOURS, 18))
        say("\n".join(tallies[-1].lines()))
        say("real file systems that are full, or read-only")
        say("\n".join(found.real_disks(stories[0])))
        say(f"{count} runs killed at random (seed {seed})")
        tallies.append(found.at_random(stories, [10, 6, 2, 2], count, seed))
        say("\n".join(tallies[-1].lines()))
        return max(any(tally.failures for tally in tallies), _ask(found, seed, say))


def _ask(found: Campaign, seed: int, say: Callable[[str], None]) -> bool:
    """Worlds that ask a server; whether anything went wrong."""
    wrong = False
    for lockstep in (True, False):
        mix = Mix(get=100, put=75, pay=75, post=0 if lockstep else 25, each=2)
        say(f"a world that asks a server, {'in lockstep' if lockstep else 'concurrently'}")
        try:
            say("\n".join(found.ask(mix, _KILLS_AMID_REQUESTS, seed, lockstep=lockstep)))
        except Lost as lost:
            say(f"LOST {lost}")
            wrong = True
    return wrong
