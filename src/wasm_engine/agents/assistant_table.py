"""The keys of `[agents.NAME.assistant]`: agents that a language model carries out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest_tables as tables
from wasm_engine.agents.manifest_tables import MOST, NAME, SEGMENT_PATTERN, TOOL_NAME, Inner, Key
from wasm_engine.concepts import shapes
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.toml_source import KeyPath

MAX_PROMPT = 64 << 10
"""Bytes of what an assistant is told."""
MAX_LINE = 1 << 10
_LINE = shapes.Script(MAX_LINE)
_ROLE = shapes.Text(is_kind, "a name", SEGMENT_PATTERN)


def is_text_path(text: str) -> bool:
    """Whether a text may name a file of instructions."""
    return bool(text) and text.isprintable() and "*" not in text


class Colleagues(Struct, frozen=True):
    """Addresses of agents, or a table of what each is for; in the model a sorted dict."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> dict[str, str | None]:
        """What is said of each; None where nothing is."""
        if isinstance(value, Mapping):
            rows: dict[Any, object] = dict(value)
        elif isinstance(value, list | tuple):
            rows = {}
            for number, name in enumerate(value):
                if isinstance(name, str) and name in rows:
                    mistakes.add((*at, number), f"{shown(name)} is there twice")
                elif isinstance(name, str):
                    rows[name] = None
                else:
                    mistakes.add((*at, number), f"must be an address, not {shown(name)}")
        else:
            raise Wrong(f"must be an array of addresses, or a table, not {shown(value)}")
        found: dict[str, str | None] = {}
        for name in sorted(it for it in rows if isinstance(it, str)):
            says = rows[name]
            if not is_name(name):
                mistakes.add(at, f"{shown(name)} is not an address")
            elif says is None:
                found[name] = None
            else:
                found[name] = _LINE.read(says, (*at, name), mistakes)
        return found

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return 'array of addresses, or table: `{editor = "when the text is there"}`'

    def schema(self) -> dict[str, Any]:
        """An array or an object."""
        texts = {"type": "object", "additionalProperties": {"type": "string"}}
        return {"anyOf": [{"type": "array", "items": NAME.schema(), "uniqueItems": True}, texts]}


ASSISTANT = (
    Key("model", shapes.Text(is_kind, "the name of a model", SEGMENT_PATTERN), "The model."),
    Key("role", _LINE, "Who it is: `You are ROLE.`", "none"),
    Key("goal", _LINE, "What it wants.", "none"),
    Key(
        "instructions",
        shapes.Script(MAX_PROMPT),
        "What it is told besides, before each conversation.",
        "none",
    ),
    Key(
        "instructions-file",
        shapes.FilePath(is_text_path, "the path of a file", r"^[^*]+$"),
        "A file in the manifest's folder, or below, that has the `instructions`: text in UTF-8.",
        "none",
    ),
    Key("task", shapes.Script(MAX_PROMPT), "What it does with each message.", "none"),
    Key("date", shapes.Flag(), "Whether it is told the day of world time.", "false"),
    Key(
        "output",
        shapes.Json(MAX_PROMPT),
        "JSON Schema that its answer has to fit; else it is any text.",
        "none",
    ),
    Key(
        "hand-offs",
        Colleagues(),
        "Whom it may hand its task over to, who answers in its place.",
        "[]",
    ),
    Key("asks", Colleagues(), "Whom it may ask while it works.", "[]"),
    Key("then", NAME, "Who gets its answer next.", "none"),
    Key(
        "passes",
        shapes.Choice(("all", "answer")),
        "Whether who is next gets the task with all answers so far, or the answer alone.",
        '"all"',
    ),
    Key(
        "done-when",
        shapes.Script(MAX_LINE),
        "An answer that has this text goes to nobody next: it is the result.",
        "none",
    ),
    Key("publish", NAME, "The topic under which each answer is published, besides.", "none"),
    Key(
        "max-rounds",
        shapes.Whole(1, 10_000),
        "How many times a task may have been passed on in all when it is the last to get it.",
        "20",
    ),
    Key(
        "conversation",
        shapes.Choice(("thread", "sender", "none")),
        "Which messages are one conversation: those of a `thread` (a header; else the sender), "
        "those of a sender, or each is by itself.",
        '"thread"',
    ),
    Key(
        "context",
        shapes.Choice(("buffered", "head-and-tail", "summary")),
        "What becomes of a conversation that is too long for the model: the oldest turns are left "
        "out; those behind the first; or a summary by the model stands for them.",
        '"buffered"',
    ),
    Key(
        "memory",
        shapes.Choice(("none", "own")),
        "Whether it keeps facts for good, and is reminded of those that fit a task.",
        '"none"',
    ),
    Key(
        "recall",
        shapes.Whole(0, 100),
        "Of how many facts, or passages, it is reminded at most.",
        "4",
    ),
    Key(
        "knowledge",
        TOOL_NAME,
        "A tool's function that takes `query`: what it finds for a task the model is told.",
        "none",
    ),
    Key(
        "library",
        NAME,
        "An agent that answers `search` with passages, such as `std:retriever`: what it finds for "
        "a task the model is told, and it may look up more.",
        "none",
    ),
    Key(
        "approve",
        shapes.Several(TOOL_NAME),
        "Tools, or functions of them, of whose calls a person has to approve.",
        "[]",
    ),
    Key("approver", _ROLE, "Who that is: the role, as in the grant `human:ROLE`.", "none"),
    Key("max-turns", shapes.Whole(1, 1000), "How often the model is asked for one task.", "10"),
    Key(
        "max-tool-calls",
        shapes.Whole(0, 10_000),
        "How many calls it may make for one task.",
        "32",
    ),
    Key(
        "repairs",
        shapes.Whole(0, 100),
        "How often an answer that does not fit `output` is sent back.",
        "2",
    ),
    Key("most", shapes.Whole(1, 1 << 24), "Most tokens of an answer.", "as the model has it"),
    Key("temperature", shapes.Real(0, 10), "0: always the likeliest.", "as the model has it"),
    Key("top-p", shapes.Real(0, 1), "Of which share of the likeliest it chooses.", "any"),
    Key("top-k", shapes.Whole(1, 1_000_000), "Of how many of the likeliest it chooses.", "any"),
    Key("seed", shapes.Whole(0, MOST), "Of sampling.", "any: the world's entropy"),
    Key(
        "stop",
        shapes.Several(shapes.Script(256)),
        "Texts before which an answer ends.",
        "[]",
    ),
)
"""An assistant's configuration has the same keys, but for `instructions-file`."""

AGENT = (
    Key(
        "kind",
        shapes.Choice(("component", "assistant")),
        "Whether it has a `source`, or is an `assistant`, that a language model carries out.",
        '"component"',
    ),
    *tables.AGENT,
    Key("assistant", Inner(ASSISTANT), "What an assistant is.", "none"),
)
"""All keys of a kind of agents."""
