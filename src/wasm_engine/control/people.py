"""What people are asked by a run, and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.faults import TIMEOUT
from wasm_engine.concepts.names import OPERATOR
from wasm_engine.control.divergence import explaining
from wasm_engine.control.effect_rows import Effects
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.replays import watched_by
from wasm_engine.control.reports import Report
from wasm_engine.control.runs import catch_up, require_ours
from wasm_engine.host.clock import MachineClock
from wasm_engine.journal import entries
from wasm_engine.world import LATEST, Run

MAX_ANSWER = 64 << 10
"""Bytes of an answer, or of a comment."""
MAX_BY = 200
"""Characters of who answers."""


@dataclass(frozen=True, slots=True)
class Question(Report):
    """What a person is asked, and has not answered.

    Attributes:
        number: Its own; an answer names it.
        agent: Who asks.
        role: Whom: as what.
        form: `ask`: a text is the answer, or one of the choices. `approve`: yes or no.
        question: What is asked, or what is to be approved.
        details: More about it; may be empty.
        choices: What may be answered; empty: any text.
        since: The step that asked; null where that was left out of a compacted run.
        until: World time (ns since 1970) at which it is withdrawn, or null.
    """

    number: int
    agent: str
    role: str
    form: str
    question: str
    details: str
    choices: tuple[str, ...]
    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class PendingReport(Report):
    """What people are asked by a run, in the order in which it was asked."""

    world: str
    step: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class AnswerReport(Report):
    """An answer that was put into a run; `resume` goes on with it.

    Attributes:
        number: The question's.
        agent: Who asked.
        approved: Of a question that is no approval: null.
        answer: The answer, or the comment.
        by: Who gave it.
        chain: Head of the hash chain after it, hexadecimal.
        left: How many questions are open still.
    """

    number: int
    agent: str
    approved: bool | None
    answer: str
    by: str
    chain: str
    left: int


def pending(file: str | Path, *, observer: Observer = UNOBSERVED) -> PendingReport:
    """What people are asked by a run. Changes nothing; any copy of the file will do.

    Raises:
        BadRunFile: It is no run file, or damaged.
        ReplayDivergence: Re-execution of what follows its newest checkpoint came out otherwise.
        Interrupted: The observer asked for a stop.
    """
    with (
        explaining(file, LATEST, observer),
        Run.open(file, at=LATEST, note=observer.note) as run,
    ):
        run.execution.replay(stop=watched_by(observer, run))
        world = run.execution.scheduler.world
        return PendingReport(world.name, world.step, tuple(_questions(run)))


def answer(
    file: str | Path,
    number: int,
    text: str = "",
    *,
    approved: bool | None = None,
    by: str = OPERATOR,
    observer: Observer = UNOBSERVED,
) -> AnswerReport:
    """Answers what a person is asked by a run; `resume` goes on with it. Nothing else happens yet.

    Args:
        file: The run.
        number: The question's, as `pending` tells it.
        text: The answer; with a decision, what there is to say about it.
        approved: The decision, where something is to be approved; else None.
        by: Who answers; the agent is told.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, damaged, or in use.
        Misuse: No such question is open, or it cannot be answered so; nothing was changed.
        ReplayDivergence: Re-execution came out otherwise; nothing was changed.
        Interrupted: The observer asked for a stop meanwhile; nothing was changed.
    """
    _check_text("the answer", text, MAX_ANSWER)
    _check_text("who answers", by, MAX_BY)
    if not by.strip() or not by.isprintable():
        raise Misuse(f"{by!r} names nobody who answers", code="bad-answer")
    with (
        explaining(file, LATEST, observer),
        Run.open(file, write=True, at=LATEST, note=observer.note) as run,
    ):
        require_ours(run, file, take_over=False)
        catch_up(run, file, observer)
        question = next((it for it in _questions(run) if it.number == number), None)
        if question is None:
            raise _not_open(run, file, number)
        _check_fits(question, text, approved=approved)
        _check_in_time(run, question)
        outcome = (question.form, question.role, approved is not False, text, by)
        run.execution.exchange.answer(number, outcome)
        run.execution.checkpoints.make()
        run.file.flush()
        left = len(list(_questions(run)))
        return AnswerReport(number, question.agent, approved, text, by, run.file.chain, left)


def _questions(run: Run) -> Iterator[Question]:
    """What is open and was put: what a fork takes over from another run is not asked again."""
    world, script = run.execution.scheduler.world, run.execution.exchange.script
    unsent = {issue.effect.number for issue in run.execution.again.unsent}
    since = _since(run) if world.questions else {}
    for number in sorted(world.questions, key=lambda it: (since.get(it, 0), it)):
        issue = world.effects[number]
        if number in unsent or (script is not None and script.answers(issue)):
            continue
        form, role, text, details, choices, _ = issue.effect.arguments
        yield Question(
            number, issue.agent, role, form, text, details, tuple(choices),
            since.get(number), world.deadline_of(number),
        )  # fmt: skip


def _since(run: Run) -> dict[int, int]:
    """The step of each intent that the run holds."""
    found = Effects()
    for entry in run.file.entries(1):
        if entry.kind == entries.Kind.INTENT:
            found.read(entries.decode(entry.kind, entry.body))
    return {number: row.step for number, row in found.rows.items()}


def _not_open(run: Run, file: str | Path, number: int) -> Misuse:
    """Why there is no such question: never was, was answered, is over, or was not put yet."""
    found = Effects()
    for entry in run.file.entries(1):
        if entry.kind in {entries.Kind.INTENT, entries.Kind.RESULT}:
            found.read(entries.decode(entry.kind, entry.body))
    row = found.rows.get(number)
    hint = "wasm-engine pending lists the open ones"
    if number in {issue.effect.number for issue in run.execution.again.unsent}:
        return Misuse(
            f"{file}: the run was killed as it put question {number}",
            code="no-question",
            hint="wasm-engine resume puts it; then it can be answered",
        )
    if row is None or row.capability != "human":
        return Misuse(f"{file}: there is no question {number}", code="no-question", hint=hint)
    match row.outcome:
        case ["ok", [_, _, _, _, by]]:
            why = f"was answered by {by} already"
        case ["err", code, _]:
            why = f"has ended: {code}"
        case _:
            why = f"is not open any more: it was withdrawn, or has ended with `{TIMEOUT}`"
    return Misuse(f"{file}: question {number} {why}", code="no-question", hint=hint)


def _check_text(what: str, text: str, most: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Misuse(f"{what} is not Unicode text", code="bad-answer") from None
    if size > most:
        raise Misuse(f"{what} has {size} bytes; at most {most} may be", code="bad-answer")


def _check_fits(question: Question, text: str, *, approved: bool | None) -> None:
    """Lets an answer pass that is one to this question."""
    number = question.number
    if (approved is None) == (question.form == "approve"):
        wanted, verbs = (
            ("a decision, and no answer", f"approve FILE {number}, or deny")
            if approved is None
            else ("an answer, and no decision", f"answer FILE {number} TEXT")
        )
        message = f"question {number} wants {wanted}"
        raise Misuse(message, code="bad-answer", hint=f"wasm-engine {verbs}")
    if question.choices and text not in question.choices:
        listed = ", ".join(map(repr, question.choices))
        raise Misuse(
            f"{text!r} is none of the choices of question {number}",
            code="bad-answer",
            hint=f"there are {listed}",
        )


def _check_in_time(run: Run, question: Question) -> None:
    """In a world of real time a deadline passes while nobody looks."""
    if run.manifest.world.clock != "recorded" or question.until is None:
        return
    if MachineClock().now() >= question.until:
        raise Misuse(
            f"question {question.number} has ended: its time is over",
            code="no-question",
            hint="wasm-engine resume tells the agent",
        )
