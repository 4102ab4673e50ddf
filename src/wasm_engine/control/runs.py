"""Runs worlds, goes on with runs, and puts messages into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.segment import Wait
from wasm_engine.control.bounds import require_within
from wasm_engine.control.cassettes import scripts_of
from wasm_engine.control.dead_letters import DeadLetters
from wasm_engine.control.divergence import explaining
from wasm_engine.control.notices import Notices
from wasm_engine.control.observer import UNOBSERVED, Listener, Observer, hearing
from wasm_engine.control.orders import Message, Outside, Pace, Rehearsal, whole
from wasm_engine.control.permission import require
from wasm_engine.control.policies import enforce, policy_of
from wasm_engine.control.replays import watched_by
from wasm_engine.control.reports import (
    MOST_LETTERS,
    DeadLetter,
    RunReport,
    SendReport,
    Status,
    WaitsFor,
)
from wasm_engine.control.vetting import vetting
from wasm_engine.control.vouching import require_remembered, signers_of
from wasm_engine.host.origins import granted, is_ours, remember_grants, remember_origin
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, StepBody
from wasm_engine.orchestrator.execution import Until
from wasm_engine.orchestrator.world_state import WorldState
from wasm_engine.world import LATEST, Run, World
from wasm_engine.world.traffic import require_models

_HERE = Pace()


def load(
    manifest: str | Path,
    *,
    seed: int | None = None,
    allow: Sequence[str] = (),
    observer: Observer = UNOBSERVED,
) -> World:
    """Reads a world and everything it is made of, if it may have that.

    Args:
        manifest: The world's `world.toml`.
        seed: Instead of the manifest's.
        allow: What it may reach beyond its own folder, each `mount:/path`, `source:/path` or the
            origin of a server.
        observer: Who watches, and may be asked.

    Raises:
        BadManifest, BadComponent: It cannot be used.
        Refused: It wants more of this machine than it was given or any world may have, is not made
            of what its lock says, or is not signed by whom the operator wants.
    """
    return _load(manifest, seed, allow, observer)[0]


def _load(
    manifest: str | Path,
    seed: int | None,
    allow: Sequence[str],
    observer: Observer,
    policy: Sequence[str | Path] = (),
    cassette: str | Path | None = None,
) -> tuple[World, list[str]]:
    """The world, and the servers that it may ask by the operator's word about it."""
    if seed is not None:
        whole("seed", seed, 0)
    described = read_manifest(manifest)
    require_within(described, manifest, policy)
    servers = require(described, allow, observer)
    described = described if seed is None else described.with_seed(seed)
    scripts = {} if cassette is None else scripts_of(cassette, described)
    world = World(described, note=observer.note, vet=vetting(manifest), scripts=scripts)
    world.require_models()
    return world, servers


def run(
    manifest: str | Path | Rehearsal,
    *,
    file: str | Path | None = None,
    seed: int | None = None,
    send: Sequence[Message] = (),
    pace: Pace = _HERE,
    allow: Sequence[str] = (),
    policy: Sequence[str | Path] = (),
    observer: Observer = UNOBSERVED,
) -> RunReport:
    """Runs a world from its beginning.

    Args:
        manifest: The world's `world.toml`; or that with a cassette, whose answers are given in
            place of its language models'.
        file: Where the run is kept; there must be nothing yet. None: in memory only.
        seed: Instead of the manifest's.
        send: Messages from outside that are there when it begins: address, topic, body.
        pace: How far, and in how many threads.
        allow: What the world may reach beyond its own folder, as in `load`.
        policy: Files with policies that are in force in it, beside those of this machine.
        observer: Who watches.

    Raises:
        BadManifest, BadComponent, Misuse: Something cannot be used; nothing was written.
        Refused: As in `load`.
        HostFault: The machine failed; the run stands at its last committed step.

    Example:
        >>> report = run("world.toml", send=[("a", "start", "20 b")])
        >>> report.status, report.step, report.dead_letters
        ('idle', 22, 0)
    """
    pace.checked()
    rehearsal = manifest if isinstance(manifest, Rehearsal) else Rehearsal(manifest)
    messages = [Outside(*message).checked() for message in send]
    world, servers = _load(rehearsal.manifest, seed, allow, observer, policy, rehearsal.cassette)
    living = frozenset(world.manifest.addresses())
    for message in messages:
        if message.to not in living:
            raise Misuse(f"{rehearsal.manifest}: there is no agent {message.to!r} to send to")
    policy_of(policy, world.manifest)  # its mistakes, before anything is written
    inputs = [(message.to, message.topic, message.content()) for message in messages]
    with world.begin(file, inputs=inputs, workers=pace.workers) as begun:
        if file is not None:
            remember_grants(begun.file.run_id, servers)
        enforce(begun, policy, signers_of(begun.sources, world.vouchers))
        return go(begun, pace, observer)


def resume(
    file: str | Path,
    *,
    take_over: bool = False,
    allow: Sequence[str] = (),
    policy: Sequence[str | Path] = (),
    pace: Pace = _HERE,
    observer: Observer = UNOBSERVED,
) -> RunReport:
    """Goes on with a run from its newest checkpoint, once what follows was found the same.

    On another engine than it was left with it goes on too, where nothing was done since the newest
    checkpoint: a clean stop makes one.

    Args:
        file: The run.
        take_over: Go on although it began on another machine.
        allow: Servers that it may ask; what it was given before on this machine it has again.
        policy: Files with policies that are in force from here on, beside those of this machine;
            without any, what was in force stays.
        pace: How far, and in how many threads.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, damaged, or in use.
        Misuse: It began on another machine.
        Refused: It wants to ask servers that it was not given, asks for more than any world may
            have, or is made of what nobody vouched for whom the operator wants; nothing was
            changed.
        ReplayDivergence: Re-execution came out otherwise; nothing was changed.
        Interrupted: The observer asked for a stop meanwhile; nothing was changed.

    Example:
        >>> stopped = run("world.toml", file="parts.run", send=[("a", "start", "20 b")],
        ...               pace=Pace(max_steps=10))
        >>> stopped.status, resume("parts.run").status
        ('stopped', 'idle')
    """
    pace.checked()
    with (
        explaining(file, LATEST, observer),
        Run.open(file, write=True, at=LATEST, workers=pace.workers, note=observer.note) as run,
    ):
        require_ours(run, file, take_over=take_over)
        require_within(run.manifest, file, policy)
        require_remembered(run.file.run_id, run.sources)
        servers = _require_servers(run, allow, observer)
        catch_up(run, file, observer)
        # Again: an edit of a fork may have put another component in a place.
        vouchers = require_remembered(run.file.run_id, run.sources)
        if take_over and not is_ours(run.file.run_id):
            run.change(Control("take-over", []))
            remember_origin(run.file.run_id, {})
        remember_grants(run.file.run_id, servers)
        enforce(run, policy, signers_of(run.sources, vouchers))
        return go(run, pace, observer)


def send(file: str | Path, message: Message, *, observer: Observer = UNOBSERVED) -> SendReport:
    """Puts a message into a run; `resume` delivers it.

    Raises:
        BadRunFile: It is no run file, damaged, or in use.
        Misuse: There is no such agent, or the run began on another machine.
        ReplayDivergence: Re-execution came out otherwise; nothing was changed.
        Interrupted: The observer asked for a stop meanwhile; nothing was changed.

    Example:
        >>> _ = run("world.toml", file="later.run")
        >>> send("later.run", ("a", "start", "1 b")).message
        1
        >>> resume("later.run").messages
        3
    """
    message = Outside(*message).checked()
    with (
        explaining(file, LATEST, observer),
        Run.open(file, write=True, at=LATEST, note=observer.note) as run,
    ):
        require_ours(run, file, take_over=False)
        catch_up(run, file, observer)
        world = run.execution.scheduler.world
        why = world.missing(message.to)
        if why is not None:
            raise Misuse(f"{file}: {message.to!r} cannot get a message: {why}")
        run.execution.receive(message.to, message.topic, message.content(), [])
        run.execution.checkpoints.make()
        run.file.flush()
        return SendReport(world.last_message, message.to, message.topic, run.file.chain)


def require_ours(run: Run, file: str | Path, *, take_over: bool) -> None:
    """Lets a run pass that began on this machine, or is taken over now.

    Raises:
        Misuse: It is neither.
    """
    if not take_over and not is_ours(run.file.run_id):
        raise Misuse(
            f"{file}: this run began on another machine, or under another user",
            code="not-ours",
            hint="resume --take-over goes on with it here; the other must not go on then. "
            "One that was killed here as it began is best removed, and begun again",
        )


def _require_servers(run: Run, allow: Sequence[str], observer: Observer) -> list[str]:
    if not allow and not run.manifest.needs():
        return []
    return require(run.manifest, allow, observer, granted(run.file.run_id))


def catch_up(run: Run, file: str | Path, observer: Observer) -> None:
    """Re-executes what follows the checkpoint, so that the world stands where the run ended.

    Raises:
        Misuse: Another engine did that.
        ReplayDivergence: It came out otherwise.
        Interrupted: The observer asked for a stop.
    """
    other = run.other_work()
    if other:
        raise Misuse(
            f"{file}: another engine ({other}) did work after the newest checkpoint",
            code="other-engine",
            hint=f"resume it with {other} and let it stop by itself; then this engine can go on. "
            "replay and inspect work here",
        )
    run.execution.replay(stop=watched_by(observer, run))
    if not run.same_engine:
        run.change(Control("engine", [run.engine, run.this_engine]))


def go(run: Run, pace: Pace, observer: Observer) -> RunReport:
    """Runs an open run as far as its pace says, and reports how it then stands.

    Raises:
        HostFault: The machine failed; the run stands at its last committed step.
    """
    scheduler = run.execution.scheduler
    require_models(scheduler.world, run.models)
    if run.models is not None and isinstance(observer, Listener):
        run.models.heard = hearing(observer)
    epoch = run.manifest.world.epoch
    begun, known = scheduler.world.step, scheduler.totals.dead_letters

    def progress(step: int) -> None:
        observer.at_step(step, scheduler.world.last_message)

    progress(scheduler.world.step)
    until = Until(
        max_steps=pace.max_steps,
        time=None if pace.until is None else pace.until.at(epoch),
        stop=observer.stop_asked,
        progress=progress,
    )
    status: Status = run.execution.go(until)
    run.file.flush()
    fresh = scheduler.totals.dead_letters - known
    letters = islice(_dead_letters(run, begun), min(fresh, MOST_LETTERS))
    return _report(run, status, tuple(letters))


def _dead_letters(run: Run, begun: int) -> Iterator[DeadLetter]:
    """Those that count, of the steps after the one that is named."""
    found, notices, step = DeadLetters(), Notices(), 0
    expected = {kind.name for kind in run.manifest.agents if kind.expect_failure}
    for entry in run.file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        rows = found.read(body, entry.detail, notices.read(body))
        if isinstance(body, StepBody):
            step = body.step
        if step > begun:
            yield from (row for row in rows if row.agent.partition("/")[0] not in expected)


def _report(run: Run, status: Status, letters: tuple[DeadLetter, ...]) -> RunReport:
    scheduler = run.execution.scheduler
    world, totals = scheduler.world, scheduler.totals
    return RunReport(
        world=world.name,
        run=run.file.run_id,
        status=status,
        step=world.step,
        messages=totals.messages,
        dead_letters=totals.dead_letters,
        chain=run.file.chain,
        fingerprint=run.engine_fingerprint,
        fuel=totals.fuel,
        denials=totals.denials,
        waits_for=_waits(world) if status == "waiting" else (),
        letters=letters,
    )


def _waits(world: WorldState) -> tuple[WaitsFor, ...]:
    """Who waits for what: sleepers, those with requests that time out, timers; and for whom."""
    found = []
    for address in sorted(world.agents):
        agent = world.agents[address]
        suspension = None if agent.activation is None else agent.activation.suspension
        if isinstance(suspension, Wait) and not world.questions.keys() & suspension.requests:
            out = any(agent.effects.get(n, False) is None for n in suspension.requests)
            kind = "effect" if out else "request" if suspension.requests else "sleep"
            found.append(WaitsFor(agent.address, kind, suspension.deadline))
        found += [WaitsFor(address, "timer", t.deadline) for t in agent.timers.values()]
        asked = sorted(number for number, asker in world.questions.items() if asker == address)
        found += [_question(world, address, number) for number in asked]
    return tuple(found)


def _question(world: WorldState, agent: str, number: int) -> WaitsFor:
    _, role, text, *_ = world.effects[number].effect.arguments
    return WaitsFor(agent, "human", world.deadline_of(number), number, role, text)
