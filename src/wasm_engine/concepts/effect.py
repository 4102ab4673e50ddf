"""Effects: what a world asks of the outside, and how that ends.

The world determines that an effect is issued, and its number; how it ends comes from outside and is
kept in the run, so that a replay never goes there again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from wasm_engine.concepts import canonical
from wasm_engine.concepts.chat import CHAT, tokens_of
from wasm_engine.concepts.hostcall import Err

HTTP = "http"
"""The capability of effects that ask a server: see `HttpArguments` and `HttpResponse`."""

HttpArguments: TypeAlias = tuple[str, str, list[tuple[str, str]], bytes | None, int, int]
"""Method, URL, headers, body, most time (ns), most bytes of the response's body."""

HttpResponse: TypeAlias = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers in the order of their arrival, body."""

REDIS = "redis"
"""The capability of effects on a bucket that lies in Redis.

Arguments: its address, the bucket, the operation, and the arguments of that; see
`concepts.keyvalue`.
"""

SQL = "sql"
"""The capability of effects on a database that lies outside: see `SqlArguments`, `SqlAnswer`."""

SqlArguments: TypeAlias = tuple[str, str, list[tuple[str, list[Any]]], bool]
"""Name of the database, `query`, `execute` or `batch`, statements with what goes into each, whether
they change anything."""

SqlAnswer: TypeAlias = tuple[list[tuple[int, str]]]
"""For each statement how many rows it changed, and its rows as JSON text."""

HUMAN = "human"
"""The capability of effects that ask a person: see `HumanArguments` and `HumanAnswer`."""

HumanArguments: TypeAlias = tuple[str, str, str, str, list[str], int | None]
"""`ask` or `approve`, role, what is asked, details, choices, world time it may take (ns)."""

HumanAnswer: TypeAlias = tuple[str, str, bool, str, str]
"""`ask` or `approve`, role, whether it was approved (of a question: True), the answer or the
comment, and by whom."""

MODELS = "models"
"""The capability of effects that have a model of tensors or of vectors compute.

Arguments: `concepts.tensors.Asked`. They bring `("tensors", name, tensors)`, or `("texts", name,
bytes)`: vectors of 32-bit floats, one behind the other. Of a model that the guest has the bytes of:
`("slots", name, [inputs, outputs])`, and `("given", name, tensors)`.
"""


def is_patient(capability: str) -> bool:
    """Whether effects of a capability end when a person comes: no run waits for that."""
    return capability == HUMAN


def span_of(capability: str, arguments: tuple[Any, ...]) -> int | None:
    """World time (ns) after which an effect ends with `timeout`, or None."""
    return arguments[5] if capability == HUMAN else None


def tokens_in(capability: str, outcome: Any) -> int:
    """Tokens of language models that an outcome reports."""
    return 0 if capability != CHAT or isinstance(outcome, Err) else tokens_of(outcome)


def asked_before(capability: str, arguments: tuple[Any, ...]) -> str:
    """A source, as labels know them: that a question was asked which is answered once for all.

    Whoever gets an answer that was given before learns that, and so what whoever asked it knew.
    """
    return f"asked:{capability}:{canonical.sha256_hex(canonical.encode(list(arguments)))}"


def is_kept(capability: str, outcome: Any) -> bool:
    """Whether an outcome is one that the run held, from the same question."""
    return capability == CHAT and not isinstance(outcome, Err) and outcome[-1:] == (True,)


Outcome: TypeAlias = tuple[Any, ...] | Err
"""How an effect ended: what it brought, or `Err((code, detail))`."""

Answer: TypeAlias = Callable[[Any], Any]
"""`answer(guest)`: what a parked guest gets, once what it waited for has come."""


class Issued(NamedTuple):
    """An effect on its way out: its intent is in the run.

    Attributes:
        number: Its number in the world; requests and timers have others.
        agent: Address of the agent that wants it.
        message: Id of the message that the agent handles.
        attempt: Which attempt at that message, from 0.
        call: Ordinal of the effect within the activation, from 0.
        capability: What performs it, such as `http`.
        arguments: What the capability needs to know; plain values.
        key: The same text whenever this effect is sent, and for no other effect (hex).
        again: Whether it may have been sent before, by a process that died meanwhile.
    """

    number: int
    agent: str
    message: int
    attempt: int
    call: int
    capability: str
    arguments: tuple[Any, ...]
    key: str
    again: bool = False
