"""Asks people: those whose roles the manifest grants. They answer when it suits them.

    from wasm_agent import human, on

    @on("offer")
    def offer(message):
        decision = human.approve("owner", "Send the offer?", details=message.text)
        if not decision:
            return f"no: {decision.comment}"
        ...

The world goes on meanwhile, and a run that has nothing else to do ends and is resumed later: for
the agent it is one call. What was answered is kept in the run, and a replay asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wasm_agent.contract import call, checked_text
from wasm_agent.contract import human as _host
from wasm_agent.faults import Fault
from wasm_agent.requests import Request
from wasm_agent.values import Reply, Span, nanoseconds, to_body, to_json


class Decision(Reply):
    """What a person decided; true where it was approved. Its `.text` is the comment.

    Attributes:
        approved: Whether it was.
        comment: What was said about it; may be empty.
        by: Who decided.
    """

    def __init__(self, received: Any) -> None:
        super().__init__(to_body(received.comment))
        self.approved: bool = received.approved
        self.comment: str = received.comment
        self.by: str = received.by

    def __bool__(self) -> bool:
        return self.approved

    def __repr__(self) -> str:
        said = "approved" if self.approved else "denied"
        return f"Decision({said} by {self.by!r}, {self.comment!r})"


class Asked(Request):
    """A question to a person on its way. `wait_any` and `gather` take it too.

    `wait()` gives the answer, a `Reply` with its `.text`; of an approval the `Decision`.
    """

    def __init__(self, role: str, form: str, number: int) -> None:
        super().__init__(role, form, number)

    def _taken(self) -> Reply | Fault:
        try:
            if self.topic == "approve":
                return Decision(call(_host.take_decision, self.number))
            return Reply(to_body(call(_host.take_answer, self.number)))
        except Fault as fault:
            return fault

    def __repr__(self) -> str:
        return f"Asked({self.to!r}, {self.topic!r}, {self.number})"


def ask(
    role: str, question: str, *, choices: Iterable[str] = (), timeout: Span | None = None
) -> str:
    """Asks a person and waits for the answer, for as long as it takes.

    Args:
        role: Whom: a role that the manifest grants, such as `owner`.
        question: What is asked.
        choices: What may be answered; none: any text.
        timeout: Seconds of world time (or a timedelta) after which it ends with `Timeout`.

    Raises:
        Fault: There is no answer: `Timeout`, `NotGranted`, `TooLarge`...
    """
    answer: str = call(_host.ask, role, question, _options(choices, timeout))
    return answer


def approve(role: str, what: str, *, details: Any = "", timeout: Span | None = None) -> Decision:
    """Lays something before a person, and waits for the decision, for as long as it takes.

    Args:
        role: Whom: a role that the manifest grants.
        what: What is to be approved, in a line.
        details: What the person needs to know: text, or anything JSON knows.
        timeout: Seconds of world time (or a timedelta) after which it ends with `Timeout`.

    Raises:
        Fault: There is no decision: `Timeout`, `NotGranted`, `TooLarge`...
    """
    return Decision(call(_host.approve, role, what, _details(details), _span(timeout)))


def start_ask(
    role: str, question: str, *, choices: Iterable[str] = (), timeout: Span | None = None
) -> Asked:
    """Asks without waiting: the first half of `ask`. Withdrawn if it is open when you return."""
    number = call(_host.start_ask, role, question, _options(choices, timeout))
    return Asked(role, "ask", number)


def start_approve(role: str, what: str, *, details: Any = "", timeout: Span | None = None) -> Asked:
    """The first half of `approve`. Withdrawn if it is open when you return."""
    number = call(_host.start_approve, role, what, _details(details), _span(timeout))
    return Asked(role, "approve", number)


def _options(choices: Iterable[str], timeout: Span | None) -> Any:
    listed = [checked_text("a choice", choice) for choice in choices]
    return _host.Options(listed, _span(timeout))


def _details(details: Any) -> str:
    return details if isinstance(details, str) else to_json(details)


def _span(timeout: Span | None) -> int | None:
    return None if timeout is None else nanoseconds(timeout)
