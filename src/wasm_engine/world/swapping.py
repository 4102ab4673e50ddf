"""Swaps components of a run: checks them, tries them on its history, keeps what was done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, Self

from wasm_engine.agents.material import Source
from wasm_engine.agents.program import MadeOf, Program
from wasm_engine.capabilities.swap import KEEP_OLD, MOST_KEPT
from wasm_engine.concepts.errors import BadComponent, Misuse, ReplayDivergence
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Kind, StepBody
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.conduct import Conduct
from wasm_engine.orchestrator.execution import Execution
from wasm_engine.orchestrator.swapping import BACK, CannotMigrate, Swapped
from wasm_engine.runtime.component import Component
from wasm_engine.world.assembly import Note, quiet
from wasm_engine.world.kinds import Kinds
from wasm_engine.world.marks import Told, told_in
from wasm_engine.world.otherwise import Otherwise


class Run(Protocol):
    """What is needed of a run; `run.Run` is built upon this."""

    file: RunFile
    execution: Execution
    kinds: Kinds

    def beside(
        self, otherwise: Otherwise, components: Mapping[str, Component]
    ) -> AbstractContextManager[Self]:
        """The same run at its beginning, with something else."""

    def stand_in(self, told: Told, position: int) -> bool:
        """Puts the world to what a checkpoint tells."""


def swap_in(
    run: Run,
    kind: str,
    path: Path,
    *,
    source: Source | None = None,
    keep_old: int = KEEP_OLD,
    verify: bool = False,
    note: Note = quiet,
) -> Swapped:
    """Lets a kind run another component; see `Run.swap`.

    Args:
        run: The run, which stands at its end.
        kind: The kind.
        path: What it is to run.
        source: That, where it was read already.
        keep_old: As long as it has not handled so many messages well, it may be taken back.
        verify: Whether the run's history is to be executed with it before.
        note: Told what takes a while.

    Raises:
        Misuse: It cannot be; nothing was changed.
    """
    if not 0 <= keep_old <= MOST_KEPT:
        raise Misuse(f"keep-old must be a whole number from 0 to {MOST_KEPT}, not {keep_old!r}")
    if not run.file.is_writable:
        raise Misuse("the run is open to be looked at: nothing can be swapped in it")
    source = source or run.kinds.read(kind, path, note)
    program = _offered(run, kind, path, source, note)
    if program is run.kinds.programs[kind]:
        raise Misuse(f"{path}: agents of {kind} run that already", code="swap-same")
    if verify:
        note(f"executing the history of {kind} with {path.name}")
        _verify(run, kind, path, source, program)
    made_of = program.made_of
    swaps = run.execution.scheduler.swaps
    try:
        done = swaps.swap(kind, program, keep_old)
    except CannotMigrate as failure:
        raise Misuse(
            f"{path}: it cannot take what {failure}",
            code="swap-migration",
            hint="nothing was changed: its `migrate` has to take what every agent keeps",
        ) from None
    for digest, data in source.contents:
        run.file.put_content(digest, data)
    body = entries.encode(Control("swap", [*made_of, keep_old, done.digest]))
    run.file.append(*body, durable=True)
    run.kinds.retain(swaps.in_use())
    return done


def swap_again(run: Run, made_of: MadeOf, keep_old: int, told: bytes | None) -> None:
    """Does a swap again that the journal holds.

    Raises:
        ReplayDivergence: It does otherwise here.
    """
    kind = made_of[0]
    program = run.kinds.program(made_of)
    scheduler, pinned = run.execution.scheduler, kind in run.kinds.pinned
    try:
        made = scheduler.swaps.swap(kind, program, 0 if pinned else keep_old).digest
        got = "another state" if made else "none"
    except CannotMigrate as failure:
        made, got = b"", str(failure)
    if made != told and not pinned:
        raise ReplayDivergence(
            step=scheduler.world.step + 1,
            agent=None,
            call=None,
            expected=f"a swap of {kind}, with states that were migrated" if told else "none",
            got=got,
        )
    run.kinds.retain(scheduler.swaps.in_use())


def _offered(run: Run, kind: str, path: Path, source: Source, note: Note) -> Program:
    """The program, if it fits the world and can be begun."""
    name = source.file[0] if source.file else path.name
    try:
        program = run.kinds.offer(kind, name, source, note)
        program.try_out()
    except BadComponent as error:
        hint = error.hint or "component show FILE lists what it wants and offers"
        said = error.args[0]
        raise BadComponent(f"{path}: {said}; {kind} was left as it is", hint=hint) from None
    return program


def _verify(run: Run, kind: str, path: Path, source: Source, program: Program) -> None:
    """Executes what the run holds with the program.

    Raises:
        Misuse: It does otherwise somewhere; names the first difference.
    """
    with run.beside(Otherwise(throughout={kind: source}), {kind: program.component}) as other:
        every = [other.kinds.programs[kind], *other.kinds.choices.get(kind, {}).values()]
        for each in every:  # what is there was never another's
            each.migrates = False
        _stand(other, kind, path)
        conduct = Conduct(kind, states=not program.migrates)
        other.execution.again.conduct = conduct.compare
        try:
            other.execution.replay()
        except ReplayDivergence as error:
            said = error.args[0]
            raise Misuse(
                f"{path}: it does otherwise than what {kind} runs: {said}",
                code="swap-differs",
                hint="without --verify it is swapped in whatever it does; nothing was changed",
            ) from None


def _stand(run: Run, kind: str, path: Path) -> None:
    """Puts a run to where its history with a kind begins that was not taken back."""
    last, file = _last_return(run, kind), run.file
    if last is None and not file.anchor:
        return
    for row in (row for row in file.checkpoints() if row.step >= (last or 0)):
        if run.stand_in(told_in(file.checkpoint(row)), row.n):
            run.execution.scheduler.swaps.forget(kind)
            return
    raise Misuse(
        f"{path}: it cannot be verified: in step {last} a component of {kind} was taken back, and "
        "no checkpoint stands after that",
        code="swap-unverifiable",
        hint="a run makes one when it stops: let it go on first",
    )


def _last_return(run: Run, kind: str) -> int | None:
    """The last step in which a component of a kind was taken back."""
    found = None
    swapped = False
    for entry in run.file.entries(2):
        if entry.kind == Kind.CONTROL:
            body = entries.decode(entry.kind, entry.body)
            swapped = swapped or (isinstance(body, Control) and body.op == "swap")
        elif entry.kind == Kind.STEP and swapped and BACK.encode() in entry.body:
            step = entries.decode(entry.kind, entry.body)
            assert isinstance(step, StepBody)
            if any(turn.op == BACK and turn.args[0] == kind for turn in step.turns):
                found = step.step
    return found
