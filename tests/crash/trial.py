"""A story told on a machine whose power fails: killed, forgotten in part, resumed, to its end."""

from __future__ import annotations

import copy
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.crash import disk, preload
from tests.crash.machine import Ended, Machine
from tests.crash.preload import Failure
from tests.crash.recording import OPERATIONS, Record
from tests.crash.worlds import RUN, Story
from wasm_engine.concepts.errors import BadRunFile, HostFault, Refused
from wasm_engine.journal.entries import Entry, Kind
from wasm_engine.journal.runfile import RunFile

ALIVE = "alive"
"""Instead of a flavour: the program dies and the machine lives on, no more durable than before."""


class Blow(NamedTuple):
    """One end of a program, and what the disk kept.

    Attributes:
        kill: Number of the operation before which it comes; 0: see `after`.
        after: Seconds after which it comes, if not at an operation.
        flavour: What happens to that which was not synced, see `disk.FLAVOURS`.
        seed: Which of the many ways of that.
        sync: What syncs do.
        failure: What the machine refuses; then it dies of itself.
    """

    kill: int = preload.NEVER
    after: float | None = None
    flavour: str = "kept"
    seed: int = 0
    sync: str = "quick"
    failure: Failure | None = None


@dataclass
class Told:
    """How a story went.

    Attributes:
        chain: The head of the chain at its end.
        killed: Programs that were killed, by verb.
        struck: The blows that killed them.
        in_recovery: How many of them were at work to recover from an earlier blow.
        begun_anew: How often nothing that had been begun was left, and nothing had been promised.
        operations: Of each command that ended well: how many operations it took.
        seconds: How long each of those took.
        programs: Of each program, if that is wanted: the disk before it, and what it did.
        stages: The folder before each command, and after the last.
    """

    chain: str = ""
    killed: Counter[str] = field(default_factory=Counter)
    struck: list[Blow] = field(default_factory=list)
    in_recovery: int = 0
    begun_anew: int = 0
    operations: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    programs: list[tuple[disk.Disk, list[Record]]] | None = None
    stages: list[dict[str, bytes | None]] = field(default_factory=list)


class Lost(AssertionError):
    """Something that was promised is gone, or is not what it was."""


class Look(NamedTuple):
    """What a run file holds, all of it verified.

    Attributes:
        chain: The head of its chain.
        inputs: How many messages from outside.
        entries: A digest of each entry.
    """

    chain: str
    inputs: int
    entries: tuple[bytes, ...]


NOTHING = Look("", 0, ())


def tell(
    machine: Machine,
    story: Story,
    blows: Sequence[Blow] = (),
    tick: float = 0,
    *,
    remember: bool = False,
) -> Told:
    """Tells a story to its end, blow after blow.

    Args:
        machine: Where; a run that is there goes on.
        story: What is done, one command after another.
        blows: What strikes the first program, the second, ...; the rest are left in peace.
        tick: See `preload.environment`.
        remember: Whether what each program did is looked at afterwards.

    Raises:
        Lost: The machine lost what a command had promised, or a run could not be resumed.
    """
    told, left = Told(programs=[] if remember else None), list(blows)
    before = look(machine) if (machine.work / RUN).exists() else NOTHING
    for words in story.commands:
        if remember:
            told.stages.append(machine.files())
        before = _Command(machine, told, words, tick).carry_out(left, before)
    told.chain = before.chain
    return told


class _Command:
    """One command of a story, until it has had its way."""

    def __init__(self, machine: Machine, told: Told, words: tuple[str, ...], tick: float) -> None:
        self._machine, self._told, self._words, self._tick = machine, told, words, tick
        at = words.index("--allow") if "--allow" in words else len(words)
        self._allowed = words[at : at + 2]

    def carry_out(self, blows: list[Blow], before: Look) -> Look:
        """Runs it, and what an operator does after each crash; how the run then stands."""
        due, tries = self._words, 0
        while due:
            blow, began = blows.pop(0) if blows else Blow(), time.monotonic()
            ended = self._run(due, blow)
            if ended.killed or (blow.failure and ended.status == HostFault.exit_status):
                self._told.struck.append(blow)
                self._told.killed[due[0]] += 1
                self._told.in_recovery += tries > 0
                if blow.flavour != ALIVE:
                    self._machine.fail_power(blow.flavour, blow.seed)
                due = self._next(before)
            elif before == NOTHING and due is not self._words and _never_begun(ended):
                self._told.begun_anew += 1
                blows.insert(0, blow)
                _clear(self._machine)
                due = self._words
            elif ended.status == Refused.exit_status and "--allow" not in due:
                # Killed before what the operator had allowed was kept: asked once more.
                blows.insert(0, blow)
                due = (*due, *self._allowed)
            else:
                self._told.operations.append(_count(ended))
                self._told.seconds.append(time.monotonic() - began)
                return self._hold(ended, due, blow, before)
            tries += 1
        return _grown(before, look(self._machine))

    def _run(self, words: tuple[str, ...], blow: Blow) -> Ended:
        programs = self._told.programs
        before = None if programs is None else copy.deepcopy(self._machine.disk)
        ended = self._machine.command(
            *(*words, "--json"),
            kill=blow.kill,
            after=blow.after,
            failure=blow.failure,
            sync=blow.sync,
            tick=self._tick,
        )
        if programs is not None and before is not None:
            programs.append((before, ended.records))
        return ended

    def _next(self, before: Look) -> tuple[str, ...]:
        """After a crash: to go on; to send again what did not arrive."""
        if self._words[0] != "send":
            return ("resume", RUN)
        return () if look(self._machine).inputs > before.inputs else self._words

    def _hold(self, ended: Ended, words: tuple[str, ...], blow: Blow, before: Look) -> Look:
        """After a command ended well: the power fails, and what it said must hold."""
        if ended.status != 0:
            raise Lost(f"{words}: exit {ended.status}\n{ended.out}\n{ended.err}")
        flavour = "lost" if blow.flavour in (ALIVE, "kept") else blow.flavour
        self._machine.fail_power(flavour, blow.seed)
        said, found = ended.report()["chain"], look(self._machine)
        if found.chain != said:
            raise Lost(f"it said {said}, and the disk says {found.chain}: {words}")
        return _grown(before, found)


def _never_begun(ended: Ended) -> bool:
    return ended.status == 2 and ended.report()["error"]["code"] in ("bad-run-file", "not-ours")


def _clear(machine: Machine) -> None:
    """Removes what is left of a run that was never begun; the disk knows of it at once."""
    files = machine.files().items()
    machine.lay_out({path: it for path, it in files if not path.startswith(f"work/{RUN}")})


def _count(ended: Ended) -> int:
    return sum(record.kind in OPERATIONS for record in ended.records)


def _grown(before: Look, now: Look) -> Look:
    """How the run stands now, which must go on where it ended at the last look."""
    if now.entries[: len(before.entries)] != before.entries:
        raise Lost(f"of {len(before.entries)} entries that were there some are gone, or others")
    return now


def look(machine: Machine) -> Look:
    """Looks at a copy of the run: to open a file is to change what lies beside it."""
    return look_into(machine.files())


def look_into(image: dict[str, bytes | None]) -> Look:
    """Looks at the run in an image."""
    with _opened(image) as run:
        found = list(run.entries())
        return Look(
            run.chain,
            sum(entry.kind == Kind.INPUT for entry in found),
            tuple(sha256(bytes([it.kind]) + it.body).digest() for it in found),
        )


def entries_in(image: dict[str, bytes | None]) -> tuple[str, list[Entry]]:
    """The identity of the run in an image, and its entries."""
    with _opened(image) as run:
        return run.run_id, list(run.entries())


@contextmanager
def _opened(image: dict[str, bytes | None]) -> Iterator[RunFile]:
    with tempfile.TemporaryDirectory(prefix="wasm-engine-look-") as folder:
        root = Path(folder) / "root"
        disk.lay_out({path: it for path, it in image.items() if not path.startswith("data")}, root)
        try:
            with RunFile.open(root / "work" / RUN, verify="all") as run:
                yield run
        except BadRunFile as error:
            raise Lost(str(error)) from error
