"""Whether what a guest wants to ask a language model can be asked: conversations and options."""

from __future__ import annotations

import math
import re
from typing import TypeAlias

from wasm_engine.concepts import json_text
from wasm_engine.concepts.json_schema import read_schema
from wasm_engine.concepts.json_text import NotJson
from wasm_engine.concepts.mistakes import Wrong, shown

Turn: TypeAlias = tuple[str, str, list[tuple[str, str, str]], str | None]
Tool: TypeAlias = tuple[str, str, str]
Options: TypeAlias = tuple[
    list[Tool],
    tuple[str, str | None],
    str | None,
    int | None,
    float | None,
    float | None,
    int | None,
    int | None,
    list[str],
    int | None,
]
"""Tools, choice, schema, most, temperature, top-p, top-k, seed, stop, timeout."""

MAX_TURNS = 2_000
MAX_TOOLS = 128
MAX_SCHEMA = 64 << 10
"""Bytes of a JSON Schema: of an answer, or of a tool's arguments."""
MAX_STOPS = 8
MAX_STOP = 256
"""Bytes of a text before which an answer ends."""
MAX_TEMPERATURE = 10.0
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_ID = 128
"""Characters of what names a call."""


def check_conversation(turns: list[Turn]) -> None:
    """Lets a conversation pass that somebody can answer.

    Raises:
        Wrong: It is none; the text says why.
    """
    if not turns or len(turns) > MAX_TURNS:
        raise Wrong(f"a conversation has 1 to {MAX_TURNS} turns, not {len(turns)}")
    open_calls: dict[str, None] = {}
    for number, (role, _content, calls, answers) in enumerate(turns):
        at = f"turns[{number}]"
        if calls and role != "assistant":
            raise Wrong(f"{at}: only an assistant calls")
        if (answers is None) == (role == "tool"):
            raise Wrong(f"{at}: a tool's turn, and no other, says which call it answers")
        if answers is not None:
            if answers not in open_calls:
                raise Wrong(f"{at}: answers {shown(answers)}, and no call before it has that id")
            del open_calls[answers]
            continue
        _check_answered(open_calls, at)
        for name, _function, _arguments in calls:
            if not 0 < len(name) <= _ID or name in open_calls:
                raise Wrong(f"{at}: ids of calls are different, of 1 to {_ID} characters")
            open_calls[name] = None
    _check_answered(open_calls, "the end")
    if turns[-1][0] in {"system", "assistant"}:
        raise Wrong(f"the last turn is the {turns[-1][0]}'s: there is nothing to answer")


def _check_answered(open_calls: dict[str, None], at: str) -> None:
    for name in open_calls:
        raise Wrong(f"{at}: the call {shown(name)} was not answered by a tool's turn")


def check_options(options: Options) -> None:
    """Lets options pass that can be met.

    Raises:
        Wrong: They cannot; the text says why.
    """
    tools, choice, schema, most, temperature, top_p, top_k, _seed, stop, _timeout = options
    _check_tools(tools, choice)
    if schema is not None:
        if len(schema.encode()) > MAX_SCHEMA:
            raise Wrong(f"a schema is at most {MAX_SCHEMA} bytes")
        read_schema(schema)
    if most == 0:
        raise Wrong("most: an answer has at least 1 token")
    if temperature is not None and not 0 <= temperature <= MAX_TEMPERATURE:
        raise Wrong(f"temperature: from 0 to {MAX_TEMPERATURE:g}")
    if top_p is not None and not (math.isfinite(top_p) and 0 < top_p <= 1):
        raise Wrong("top-p: more than 0, at most 1")
    if top_k == 0:
        raise Wrong("top-k: at least 1")
    if len(stop) > MAX_STOPS or not all(0 < len(it.encode()) <= MAX_STOP for it in stop):
        raise Wrong(f"stop: at most {MAX_STOPS} texts of 1 to {MAX_STOP} bytes")


def _check_tools(tools: list[Tool], choice: tuple[str, str | None]) -> None:
    if len(tools) > MAX_TOOLS:
        raise Wrong(f"at most {MAX_TOOLS} tools, not {len(tools)}")
    names = [name for name, _, _ in tools]
    for name, _description, parameters in tools:
        if _NAME.fullmatch(name) is None or names.count(name) > 1:
            raise Wrong(
                f"{shown(name)} cannot name a tool: 1 to 64 letters, digits, `_`, `-` or `.`, "
                "and each once"
            )
        if len(parameters.encode()) > MAX_SCHEMA:
            raise Wrong(f"the parameters of {name} are at most {MAX_SCHEMA} bytes")
        try:
            found = json_text.read_whole(parameters)
        except NotJson as error:
            raise Wrong(f"the parameters of {name}: {error}") from None
        if not isinstance(found, dict):
            raise Wrong(f"the parameters of {name} must be a JSON Schema of an object")
    how, wanted = choice
    if how == "named" and wanted not in names:
        raise Wrong(f"choice: no tool is called {shown(wanted)}")
    if how == "required" and not tools:
        raise Wrong("choice: there is no tool to be called")
