"""Forks: a new run that shares another one's past up to a step, changed or not from there on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from wasm_engine.agents.stored_material import after_material
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.origins import granted, origin_of, remember_grants, remember_origin
from wasm_engine.journal import entries
from wasm_engine.journal.entries import AnyBody, Clock, Control, Input, Intent, Kind, Result
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.script import NEVER, Reuse, Row, Script, name_of
from wasm_engine.world.assembly import Note, quiet
from wasm_engine.world.marks import told_in
from wasm_engine.world.replacing import replace_model
from wasm_engine.world.retooling import edit_of
from wasm_engine.world.run import LATEST, Run


class Edits(NamedTuple):
    """What is otherwise in a fork than in the run that it leaves.

    Attributes:
        seed: What entropy derives from, or None: as it was.
        state: Agent, key and text of each value that is put.
        components: Kind and path (`.wasm`, `.py`) of each component that is put in another's place;
            or tool and path, with `tools/` before its name where a kind has that name, too.
        messages: Address, topic and body of each message from outside.
        models: Name of each language model that another answers for, what that is called, and its
            script (None: it is another table, or a server).
    """

    seed: int | None = None
    state: tuple[tuple[str, str, str], ...] = ()
    components: tuple[tuple[str, Path], ...] = ()
    messages: tuple[tuple[str, str, Any], ...] = ()
    models: tuple[tuple[str, str, bytes | None], ...] = ()


def fork(
    file: Path,
    step: int,
    out: Path,
    edits: Edits | None = None,
    *,
    effects: Reuse = "reuse",
    note: Note = quiet,
) -> Run:
    """Begins a run that shares the past of another up to the end of a step; it is open, to go on.

    Args:
        file: The run that it leaves.
        step: After which step.
        out: Where the new run is kept; there must be nothing yet.
        edits: What is otherwise in it.
        effects: What becomes of effects: `reuse` takes over the results that the other run holds,
            while agent, capability and arguments agree; `live` asks anew; `none` asks nobody.
        note: Told what takes a while.

    Raises:
        BadRunFile: A file cannot be used.
        Misuse: There is no such step, or an edit does not fit.
        ReplayDivergence: The run does not replay up to there.
    """
    with Run.open(file, at=step, note=note) as old:
        old.execution.replay(to=step)
        reached = old.execution.scheduler.world.step
        if reached < step:
            raise Misuse(f"{file}: there is no step {step}; the last one is {reached}")
        position = max(old.execution.again.position, after_material(old.file))
        out_then = old.execution.scheduler.world.effects
        intents = {
            number: name_of(it.agent, it.effect.capability, it.effect.arguments)
            for number, it in out_then.items()
        }
        script = Script(to_come(old.file, position, step, intents), effects)
        with old.file.fork_to(out, position) as branch:
            old.execution.checkpoints.make_in(branch)
        parent = old.file.run_id
    try:
        return _begin(out, script, edits or Edits(), parent, note)
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _begin(out: Path, script: Script, edits: Edits, parent: str, note: Note) -> Run:
    run = Run.open(out, write=True, at=LATEST, note=note)
    try:
        remember_origin(run.file.run_id, origin_of(parent))
        remember_grants(run.file.run_id, granted(parent))
        run.execution.replay()
        _edit(run, edits, note)
        run.execution.exchange.script = script
        run.execution.checkpoints.make(anyhow=True)
        run.file.flush()
    except BaseException:
        run.close()
        raise
    return run


def to_come(file: RunFile, position: int, step: int, intents: dict[int, bytes]) -> Iterator[Row]:
    """What came from outside after an entry, and what is still to come of a run that is a fork.

    Args:
        file: The run.
        position: The entry.
        step: The step that it belongs to.
        intents: Names of the effects that were out then, by number.
    """
    waiting, left = dict(intents), _left(file, position)
    for entry in file.entries(min(position, left.after) + 1):
        if entry.kind == Kind.STEP:
            step = entries.step_of(entry.body)
            continue
        what = entries.decode(entry.kind, entry.body)
        if isinstance(what, Intent):
            waiting[what.number] = name_of(what.agent, what.capability, what.arguments)
            continue
        row = _row(what, step, waiting)
        if row is None:
            continue
        if entry.n > left.after:
            left.has_come(row)
        if entry.n > position:
            yield row
    for number, name in waiting.items():
        if not left.claims_named(number, name):  # what came of one like it is not its own
            yield Row(NEVER, "result", None, name, number)
    yield from left.rows()


def _row(what: AnyBody, step: int, waiting: dict[int, bytes]) -> Row | None:
    match what:
        case Input() as it:
            return Row(step + 1, "input", [it.to, it.topic, it.body, it.headers])
        case Clock(step=before, time=time):
            return Row(before, "clock", time)
        case Result(number=number, step=before, outcome=outcome):
            return Row(before, "result", outcome, waiting.pop(number, b""), number)
    return None


def _left(file: RunFile, position: int) -> Script:
    """What is still to come of a run that is a fork itself, as of its newest checkpoint."""
    rows = file.checkpoints()
    told = told_in(file.checkpoint(rows[-1])) if rows else None
    if told is None or told.script is None:
        return Script((), "live", position)
    return Script.from_plain(told.script, rows[-1].n)


def _edit(run: Run, edits: Edits, note: Note) -> None:
    if edits.seed is not None:
        run.change(Control("edit", ["seed", edits.seed]))
    for agent, key, text in edits.state:
        run.change(Control("edit", ["state", agent, key, text]))
    for name, path in edits.components:
        run.change(edit_of(run, name, path, note))
    for name, other, script in edits.models:
        replace_model(run, name, other, script)
    world = run.execution.scheduler.world
    for to, topic, body in edits.messages:
        why = world.missing(to)
        if why is not None:
            raise Misuse(f"{to!r} cannot get a message at step {world.step}: {why}")
        run.execution.receive(to, topic, body, [])
