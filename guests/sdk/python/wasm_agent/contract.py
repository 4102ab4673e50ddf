"""The way to the host: the bindings generated from the WIT contract, and one call through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from componentize_py_types import Err
from wit_world.imports import (
    agents,
    chat,
    context,
    embeddings,
    flow,
    http,
    human,
    log,
    messaging,
    models,
    secrets,
    sql,
    state,
    swap,
    tools,
)
from wit_world.imports import wasm_engine_agent_types as types

from wasm_agent.faults import Fault

__all__ = [
    "agents",
    "call",
    "chat",
    "checked_text",
    "context",
    "embeddings",
    "flow",
    "http",
    "human",
    "log",
    "messaging",
    "models",
    "secrets",
    "sql",
    "state",
    "swap",
    "tools",
    "types",
]

_MAX_U64 = 2**64 - 1


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls the host and raises a refusal as the `Fault` of its code.

    Raises:
        Fault: The host refused, or the request failed.
        TypeError: An argument has the wrong type.
        ValueError: An argument is out of range, or text that is not Unicode.
    """
    # The bindings end the whole instance over a value that they cannot convert: find it here.
    for (name, expected), value in zip(_parameters(function), arguments, strict=True):
        if expected is str:
            checked_text(name, value)
        elif expected is int:
            _check_number(name, value)
    try:
        return function(*arguments)
    except Err as error:
        refusal = error.value
    # Outside the except clause: the binding's own error is no part of the agent's story.
    raise Fault.of(refusal.code, refusal.detail)


def checked_text(name: str, value: Any) -> str:
    """The text, if it may leave the agent.

    Raises:
        TypeError: It is not text.
        ValueError: It holds half of a surrogate pair, which UTF-8 cannot express.
    """
    if not isinstance(value, str):
        message = f"{name} must be text, not {type(value).__name__}"
        raise TypeError(message)
    if not is_unicode(value):
        message = f"{name} holds half of a surrogate pair, which is not Unicode text"
        raise ValueError(message)
    return value


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can express the text."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_known: dict[Callable[..., Any], tuple[tuple[str, Any], ...]] = {}


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, Any], ...]:
    parameters = _known.get(function)
    if parameters is None:
        types_by_name = {k: v for k, v in function.__annotations__.items() if k != "return"}
        parameters = _known[function] = tuple(types_by_name.items())
    return parameters


def _check_number(name: str, value: Any) -> None:
    if not isinstance(value, int):
        message = f"{name} must be an integer, not {type(value).__name__}"
        raise TypeError(message)
    if not 0 <= value <= _MAX_U64:
        message = f"{name} must be from 0 to 2**64 - 1, not {value}"
        raise ValueError(message)
