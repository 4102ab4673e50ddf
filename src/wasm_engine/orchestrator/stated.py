"""Values that a checkpoint states, in the shape in which a world keeps them; others are refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Body, Message
from wasm_engine.concepts.plain import from_plain
from wasm_engine.concepts.segment import Timer, Value

_U32, _U64 = 1 << 32, 1 << 64


def require(holds: bool, what: str) -> None:  # noqa: FBT001 - it reads as what must hold
    """Refuses what no world would have told.

    Raises:
        ValueError: It does not hold.
    """
    if not holds:
        raise ValueError(what)


def stated_message(plain: Any) -> Message:
    """A message.

    Raises:
        TypeError, ValueError: It is none.
    """
    message = Message(*from_plain(plain))
    number, sender, topic, body, headers, request = message
    require(_is_number(number), "a message without a number")
    require(isinstance(sender, str) and isinstance(topic, str), "a message of nobody")
    require(_is_body(body), "a message without a body")
    require(isinstance(headers, list) and all(map(_is_header, headers)), "headers that are none")
    require(request is None or _is_number(request), "a message that opens no request")
    return message


def stated_reply(plain: Any) -> Body | Err | None:
    """How a request has ended: with a body or a refusal; None while it is open.

    Raises:
        ValueError: It is none of these.
    """
    outcome = from_plain(plain)
    require(
        outcome is None or _is_body(outcome) or _is_refusal(outcome),
        "a request that ended in another way than requests do",
    )
    return outcome  # type: ignore[no-any-return]


def stated_timer(number: int, deadline: int, topic: str, plain: Any) -> Timer:
    """A timer.

    Raises:
        ValueError: What it sends is no body, or its number is none.
    """
    body = from_plain(plain)
    require(_is_number(number) and _is_body(body), "a timer that sends no message")
    return Timer(number, deadline, topic, body)


def stated_state(rows: Iterable[tuple[str, Any]]) -> dict[str, Value]:
    """What an agent's state holds.

    Raises:
        ValueError: It holds what no state does.
    """
    state = dict(rows)
    require(all(isinstance(it, str | bytes) for it in state.values()), "a state of other values")
    return state


def require_places(indices: list[int]) -> None:
    """Refuses places of agents in the order of their creation that are none, or taken twice.

    Raises:
        ValueError: There are such.
    """
    require(all(0 <= index < _U32 for index in indices), "an agent without a place")
    require(len(set(indices)) == len(indices), "two agents in one place")


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < _U64


def _is_body(value: Any) -> bool:
    if not isinstance(value, tuple):
        return False
    match value:
        case ("text", str()) | ("bytes", bytes()):
            return True
    return False


def _is_header(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and _is_text(*value)


def _is_refusal(value: Any) -> bool:
    payload = value.payload if isinstance(value, Err) else None
    return isinstance(payload, tuple) and len(payload) == 2 and _is_text(*payload)


def _is_text(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
