"""Swaps what a kind of agent runs, in a run that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wasm_engine.capabilities.swap import KEEP_OLD, MOST_KEPT
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.names import is_kind
from wasm_engine.control.divergence import explaining
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import whole
from wasm_engine.control.policies import sign
from wasm_engine.control.reports import Report
from wasm_engine.control.runs import catch_up, require_ours
from wasm_engine.control.vouching import (
    remember,
    require_remembered,
    require_signed,
    signers_of,
)
from wasm_engine.world import LATEST, Run
from wasm_engine.world.swapping import swap_in


@dataclass(frozen=True, slots=True)
class SwapReport(Report):
    """A swap.

    Attributes:
        world: Name of the world.
        run: The run's id, hexadecimal.
        kind: The kind of agent.
        step: The last step before it.
        before: SHA-256 of what the kind ran, hexadecimal: of the component, or of its own file.
        now: That of what it runs from the next step on.
        over: How many agents do.
        later: How many will, as soon as they have ended the message that they are in the middle of.
        migrated: Of how many agents the state was migrated.
        keep_old: The old one comes back if a message fails before so many were handled well.
        chain: Head of the hash chain, hexadecimal.
    """

    world: str
    run: str
    kind: str
    step: int
    before: str
    now: str
    over: int
    later: int
    migrated: int
    keep_old: int
    chain: str


def swap(
    run: str | Path | Run,
    kind: str,
    component: str | Path,
    *,
    keep_old: int = KEEP_OLD,
    verify: bool = False,
    observer: Observer = UNOBSERVED,
) -> SwapReport:
    """Lets agents of a kind run another component, from the next step on.

    Args:
        run: The run: its file, or open to go on, and between two steps.
        kind: The kind.
        component: Its component, or its `.py` file.
        keep_old: As long as this many messages were not handled well by it, it is taken back
            where one fails, and the old one handles that; 0: never.
        verify: Whether to execute the run's history with it first, and to refuse it where agents
            then send, keep or answer something else.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or is damaged, or in use.
        Misuse: The run began on another machine; or the component cannot be read, does otherwise
            than what it replaces, or cannot take what an agent keeps. Nothing was changed.
        BadComponent: It does not fit the world; likewise.
        Refused: It is not signed by whom the operator wants; likewise.
        ReplayDivergence: Re-execution came out otherwise; likewise.
        Interrupted: The observer asked for a stop meanwhile; likewise.

    Example:
        >>> swap("kept.run", "b", "other.wasm", verify=True).over
        1
    """
    whole("keep-old", keep_old, 0, MOST_KEPT)
    if not is_kind(kind):
        raise Misuse(f"{kind!r} is not a kind of agent")
    path = Path(component)
    if isinstance(run, Run):
        return _swap(run, kind, path, keep_old, observer, verify=verify)
    with (
        explaining(run, LATEST, observer),
        Run.open(run, write=True, at=LATEST, note=observer.note) as opened,
    ):
        require_ours(opened, run, take_over=False)
        catch_up(opened, run, observer)
        report = _swap(opened, kind, path, keep_old, observer, verify=verify)
        opened.execution.checkpoints.make()
        opened.file.flush()
        return report


def _swap(
    run: Run, kind: str, path: Path, keep_old: int, observer: Observer, *, verify: bool
) -> SwapReport:
    run_id, before = run.file.run_id, run.sources.get(kind, "")
    require_remembered(run_id, run.sources)
    source = run.kinds.read(kind, path, observer.note)
    remember(run_id, require_signed(path, source.contents[-1][1]))
    done = swap_in(
        run, kind, path, source=source, keep_old=keep_old, verify=verify, note=observer.note
    )
    sign(run, signers_of(run.sources, require_remembered(run_id, run.sources)))
    return SwapReport(
        world=run.manifest.world.name,
        run=run_id,
        kind=kind,
        step=run.execution.scheduler.world.step,
        before=before,
        now=run.sources[kind],
        over=done.over,
        later=done.later,
        migrated=done.migrated,
        keep_old=keep_old,
        chain=run.file.chain,
    )
