"""wasm-engine:human: people are asked by effects, and what they answer is an input."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import HUMAN, HumanAnswer, HumanArguments
from wasm_engine.concepts.ended import ended
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.segment import Wait

MAX_QUESTION = 4 << 10
"""Bytes of what is asked, or laid before somebody."""
MAX_DETAILS = 64 << 10
MAX_CHOICES = 64
MAX_CHOICE = 256

Options = tuple[list[str], int | None]
Decision = tuple[bool, str, str]


def start_ask(guest: Caller, role: str, question: str, options: Options) -> int | Err:
    """Puts a question to a person; it is open once the segment is committed."""
    choices, timeout = options
    if len(choices) > MAX_CHOICES:
        return refusal(faults.TOO_LARGE, f"at most {MAX_CHOICES} choices")
    if len(set(choices)) < len(choices) or not all(map(is_choice, choices)):
        detail = f"choices are different lines of 1 to {MAX_CHOICE} bytes"
        return refusal(faults.INVALID_REQUEST, detail)
    return _open(guest, ("ask", role, question, "", list(choices), timeout))


def start_approve(
    guest: Caller, role: str, what: str, details: str, timeout: int | None
) -> int | Err:
    """Lays something before a person, to be approved or not."""
    return _open(guest, ("approve", role, what, details, [], timeout))


def _open(guest: Caller, arguments: HumanArguments) -> int | Err:
    _, role, text, details, choices, _ = arguments
    if not is_name(role) or "/" in role:
        return refusal(faults.INVALID_NAME, "not a role")
    if not guest.agent.may_use("human", role):
        return refusal(faults.NOT_GRANTED, f"human:{role}")
    size, more = len(text.encode()), len(details.encode())
    if not text.strip():
        return refusal(faults.INVALID_REQUEST, "nothing is asked")
    if size > MAX_QUESTION or more > MAX_DETAILS:
        detail = f"a question is at most {MAX_QUESTION} bytes, details are {MAX_DETAILS}"
        return refusal(faults.TOO_LARGE, detail)
    refused = guest.authorize("human", role)
    if refused is not None:
        return refused
    guest.charge((size + more + sum(map(len, choices))) * cost.MESSAGE_BYTE)
    number = guest.issue(HUMAN, arguments)
    if isinstance(number, Err):  # a budget has not so much left
        return number
    guest.answered_by(number, f"human:{role}")
    return number


def take_answer(guest: Caller, number: int) -> str | Err:
    """What a person answered; once."""
    answer = _take(guest, number, "ask")
    return answer if isinstance(answer, Err) else answer[3]


def take_decision(guest: Caller, number: int) -> Decision | Err:
    """Whether a person approved; once."""
    answer = _take(guest, number, "approve")
    return answer if isinstance(answer, Err) else answer[2:]


def _take(guest: Caller, number: int, form: str) -> HumanAnswer | Err:
    def is_own(answer: Any) -> bool:  # not a server's response, nor the other of the two
        return bool(answer[0] == form)

    outcome: HumanAnswer | Err = ended(guest, number, guest.seen(number), is_own, f"is no `{form}`")
    if isinstance(outcome, Err):
        return outcome
    guest.charge((len(outcome[3]) + len(outcome[4])) * cost.MESSAGE_BYTE)
    guest.reads(f"human:{outcome[1]}")
    return outcome


def is_choice(text: str) -> bool:
    """Whether a text can be one of the choices."""
    return 0 < len(text.encode()) <= MAX_CHOICE and text.isprintable() and text == text.strip()


def ask(guest: Caller, role: str, question: str, options: Options) -> Any:
    """Asks and waits: start, wait and take in one."""
    return _wait(guest, start_ask(guest, role, question, options), "take-answer")


def approve(guest: Caller, role: str, what: str, details: str, timeout: int | None) -> Any:
    """Lays something before a person, and waits for the decision."""
    return _wait(guest, start_approve(guest, role, what, details, timeout), "take-decision")


def _wait(guest: Caller, number: int | Err, then: str) -> Any:
    if isinstance(number, Err):
        return number
    return guest.suspend(Wait({number: None}, call=(_NAME + then, (number,))))


_NAME = "wasm-engine:human/human#"
FUNCTIONS = (
    HostFunction(_NAME + "ask", ask, suspends=True, shared=True),
    HostFunction(_NAME + "approve", approve, suspends=True, shared=True),
    HostFunction(_NAME + "start-ask", start_ask, shared=True, begins=True),
    HostFunction(_NAME + "start-approve", start_approve, shared=True, begins=True),
    HostFunction(_NAME + "take-answer", take_answer, shared=True),
    HostFunction(_NAME + "take-decision", take_decision, shared=True),
)
