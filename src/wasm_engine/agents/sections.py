"""Sections of a manifest that came later, each a table of tables: what the world has by name.

Stored manifests hold them only where there are any; see `later.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest as model
from wasm_engine.agents import shapes
from wasm_engine.agents.manifest_tables import MOST, SEGMENT_PATTERN, Key
from wasm_engine.concepts.names import is_kind
from wasm_engine.policy.sources import SOURCE_PATTERN, SOURCE_RULE, check_source


def _is_source(text: str) -> bool:
    check_source(text)
    return True


LABEL = (
    Key(
        "sources",
        shapes.Several(
            shapes.Text(_is_source, SOURCE_RULE, SOURCE_PATTERN),
        ),
        "What carries the label from the start: what an agent reads of it labels all that it does.",
        "[]",
    ),
)


def _bound(name: str, says: str) -> Key:
    return Key(name, shapes.Whole(1, MOST), says, "any")


BUDGET = (
    Key(
        "kinds",
        shapes.Several(shapes.Text(is_kind, "the name of a kind of agent", SEGMENT_PATTERN)),
        "The kinds of agents that it is about.",
        "all",
    ),
    Key(
        "over",
        shapes.Choice(("agent", "kind", "all")),
        "Who shares it: each agent has its own, each kind has one, or all of them have one.",
        '"agent"',
    ),
    _bound("fuel", "Instructions, those with which instances begin among them."),
    _bound("work", "Host work."),
    _bound("messages", "Messages sent, one for each receiver; replies and timers count, too."),
    _bound("effects", "Effects: requests to servers."),
    Key(
        "bytes",
        shapes.Size(1, MOST),
        "Bytes of messages, replies and timers, of what servers are asked, and of what is stored.",
        "any",
    ),
    _bound("tokens", "Tokens, as servers of language models report them."),
    _bound("agents", 'Agents that there are at a time; not with `over = "agent"`.'),
    Key(
        "per",
        shapes.Span(10**6, 8784 * 3600 * 10**9),
        "The span of world time for which it is, one after another from the epoch on.",
        "all of the run",
    ),
    Key(
        "exhausted",
        shapes.Choice(("refuse", "wait", "stop")),
        "Whether what goes beyond it is refused, waits for the next span, or ends the agent.",
        '"refuse"',
    ),
)


class Section(Struct, frozen=True):
    """A section that is a table of tables.

    Attributes:
        keys: Of each inner table.
        model: What is made of it.
        one: What an inner table describes, with its article.
        says: What the section is for, in one sentence.
    """

    keys: tuple[Key, ...]
    model: Callable[..., Any]
    one: str
    says: str


LATER_SECTIONS = {
    "budgets": Section(
        BUDGET, model.Budget, "a budget", "What agents may spend, alone or together, by name."
    ),
    "labels": Section(LABEL, model.Label, "a label", "Labels of information, by name."),
}
