"""Executes runs again from their files alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wasm_engine.concepts.errors import Misuse, ReplayDivergence
from wasm_engine.control.divergence import explained
from wasm_engine.control.heads import known_of, signer_of
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import MAX_SEED, MAX_WORKERS, whole
from wasm_engine.control.plain_values import plain
from wasm_engine.control.policies import policy_of
from wasm_engine.control.reports import Divergence, InputRow, Refusal, ReplayReport
from wasm_engine.control.step_entries import last_step, require_step
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Input, Kind
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world import AS_RECORDED, Otherwise, Run

MAX_SHOWN = 200
"""Characters of an input that a report shows."""
_NONE: Mapping[str, str | Path] = MappingProxyType({})


def replay(
    file: str | Path,
    *,
    start: int | None = None,
    to: int | None = None,
    components: Mapping[str, str | Path] = _NONE,
    policy: Sequence[str | Path] = (),
    head: str | None = None,
    workers: int = 1,
    observer: Observer = UNOBSERVED,
) -> ReplayReport:
    """Re-executes a run and compares every call and every step.

    Where it comes out otherwise, the step is executed once more to find out why.

    Args:
        file: The run. Nothing else is needed or looked at.
        start: The first step to re-execute: from the newest checkpoint before it, which is taken
            as it is. From the beginning if not given.
        to: The last step to re-execute; all if not given.
        components: By the name of a kind what it runs instead of what the run holds: a file with
            a component, or of a `.py` agent its text. What it then does otherwise is reported.
        policy: Files with policies: which calls of the run they would have refused. Nothing else is
            done with them, and nothing is executed otherwise.
        head: A head of its chain that was kept elsewhere, to be compared before anything else.
        workers: Threads.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or is damaged.
        BadComponent, Misuse: A component that is given cannot be used.
        Refused: It is not what a signature in it was made for, or its chain never had that head.
        Interrupted: The observer asked for a stop.

    Example:
        >>> report = replay("kept.run")
        >>> report.identical, report.steps, report.divergence
        (True, 22, None)
    """
    whole("workers", workers, 1, MAX_WORKERS)
    if to is not None:
        whole("to", to, 0)
    if start is not None:
        whole("start", start, 1, MAX_SEED if to is None else to)
    otherwise = Otherwise({kind: Path(path).read_bytes() for kind, path in components.items()})
    before = None if start is None else _before(file, start)

    def opened(look: Otherwise = AS_RECORDED) -> Run:
        other = look._replace(sources=otherwise.sources, here=bool(policy))
        return open_at(file, before, workers=workers, observer=observer, otherwise=other)

    with opened() as run:
        if policy:
            run.execution.scheduler.world.guarded().try_out(policy_of(policy, run.manifest))
        known = known_of(run.file, str(file), head, verified=before is None)
        run.execution.scheduler.world.remembers = False  # nothing goes on from where it ends
        divergence: ReplayDivergence | None = None
        since = run.execution.scheduler.world.step
        try:
            run.execution.replay(to=to, stop=watched_by(observer, run))
        except ReplayDivergence as error:
            divergence = error
        last = run.execution.scheduler.world.step
        if divergence is None and (step := max(start or 0, to or 0)) > last:
            raise Misuse(f"{file}: there is no step {step}; the last one is {last}")
        report = ReplayReport(
            identical=divergence is None and run.exact,
            equivalent=divergence is None,
            signed=signer_of(known.signatures),
            steps=last - since,
            chain=run.file.chain,
            inputs=tuple(_inputs(run)),
            since=since,
            refusals=_refusals(run) if policy else None,
            signatures=known.signatures,
            head=known.head,
        )
    if divergence is None:
        return report
    return replace(report, divergence=divergence_of(explained(divergence, opened)))


def _refusals(run: Run) -> tuple[Refusal, ...]:
    """What a policy that was tried out would have refused, in order."""
    guard = run.execution.scheduler.world.guarded()
    return tuple(Refusal(*finding) for finding in sorted(set(guard.findings)))


def _before(file: str | Path, start: int) -> int:
    """The step before the first that is wanted, if there is such a one."""
    with RunFile.open(Path(file)) as run:
        require_step(run, file, start, last_step(run))
        require_step(run, file, start - 1, start)
    return start - 1


def divergence_of(error: ReplayDivergence) -> Divergence:
    """What a report says of a divergence."""
    return Divergence(
        error.step, error.agent, error.call, error.expected, error.got, error.cause, error.line
    )


def _inputs(run: Run) -> Iterator[InputRow]:
    """What came from outside, as the run holds it."""
    for entry in run.file.entries(2):
        if entry.kind != Kind.INPUT:
            continue
        body = entries.decode(entry.kind, entry.body)
        assert isinstance(body, Input)
        value = body.body[1]
        text = value.hex() if isinstance(value, bytes) else str(value)
        if len(text) > MAX_SHOWN:
            text = text[:MAX_SHOWN] + "..."
        yield InputRow(body.id, body.to, body.topic, text)


def open_at(
    file: str | Path,
    step: int | None,
    *,
    workers: int = 1,
    observer: Observer = UNOBSERVED,
    otherwise: Otherwise = AS_RECORDED,
) -> Run:
    """Opens a run where the way to the end of a step is shortest: at the newest checkpoint before.

    Args:
        file: The run.
        step: The step; None: at the beginning, with everything that the file holds verified.
        workers: Threads.
        observer: Who watches.
        otherwise: What is other than the run holds it.

    Raises:
        BadRunFile: It is no run file, or is damaged.
    """
    return Run.open(file, at=step, workers=workers, note=observer.note, otherwise=otherwise)


def go_to(run: Run, step: int, observer: Observer = UNOBSERVED) -> None:
    """Goes on with the re-execution of a run up to the end of a step.

    Raises:
        ReplayDivergence: It came out otherwise before that.
        Interrupted: The observer asked for a stop.
    """
    run.execution.replay(to=step, stop=watched_by(observer, run))


def states_of(run: Run) -> dict[str, dict[str, Any]]:
    """What each agent keeps, as JSON has it."""
    agents = run.execution.scheduler.world.agents
    return {
        address: {key: plain(value) for key, value in sorted(agents[address].state.items())}
        for address in sorted(agents)
    }


def watched_by(observer: Observer, run: Run) -> Callable[[], bool]:
    """What a re-execution asks before each step: whether to stop. Reports progress, too."""
    world = run.execution.scheduler.world

    def stop() -> bool:
        observer.at_step(world.step, world.last_message)
        return observer.stop_asked()

    return stop
