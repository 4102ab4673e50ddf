"""How a conversation is put to a model of a folder, and how its calls are read out of its words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wasm_engine.concepts.chat import Call, Question, Turn

_WRAPPED = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|$)", re.DOTALL)
_LISTED = "[TOOL_CALLS]"
_ARGUMENTS = ("arguments", "parameters")


class Template:
    """The template of a model's folder.

    Args:
        folder: Where it is.

    Attributes:
        there: Whether the folder has one; else turns are written out plainly.
        takes_tools: Whether it knows of functions.
    """

    def __init__(self, folder: Path) -> None:
        text = _template_in(folder)
        self.there = bool(text)
        self.takes_tools = "tools" in text

    def prompt(self, question: Question, apply: Callable[[str, str | None], str]) -> str:
        """What the model reads.

        Args:
            question: What is asked.
            apply: Fills in the template: messages and functions, as JSON.
        """
        if not self.there:
            return "".join(f"{turn.role}: {turn.content}\n" for turn in question.turns) + (
                "assistant: "
            )
        messages = json.dumps([_message(turn) for turn in question.turns], ensure_ascii=False)
        tools = None
        if offers(question):
            listed = [
                {
                    "type": "function",
                    "function": {
                        "name": it.name,
                        "description": it.description,
                        "parameters": json.loads(it.parameters),
                    },
                }
                for it in question.tools
            ]
            tools = json.dumps(listed, ensure_ascii=False)
        return apply(messages, tools)


def _template_in(folder: Path) -> str:
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8", errors="replace")
    try:
        data = json.loads((folder / "tokenizer_config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    found = data.get("chat_template") if isinstance(data, dict) else None
    return found if isinstance(found, str) else json.dumps(found) if found else ""


def offers(question: Question) -> bool:
    """Whether the model is told of functions."""
    return bool(question.tools) and question.choice[0] != "none"


def speaks_of_calls(question: Question) -> bool:
    """Whether functions are in a question at all."""
    return offers(question) or any(turn.calls or turn.role == "tool" for turn in question.turns)


def call_schema(question: Question) -> dict[str, Any]:
    """What an answer is held to that has to be a call."""
    how, wanted = question.choice
    names = [tool.name for tool in question.tools if how != "named" or tool.name == wanted]
    return {
        "type": "object",
        "properties": {"name": {"enum": names}, "arguments": {"type": "object"}},
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.calls:
        message["tool_calls"] = [
            {
                "type": "function",
                "id": it.id,
                "function": {"name": it.name, "arguments": _value(it)},
            }
            for it in turn.calls
        ]
    if turn.answers is not None:
        message["tool_call_id"] = turn.answers
    return message


def _value(call: Call) -> Any:
    try:
        return json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments


def calls_in(text: str, question: Question) -> tuple[str, tuple[Call, ...]]:
    """What a model says beside the functions that it wants called, and these.

    Models write calls in one of three ways: between `<tool_call>` and its end, behind
    `[TOOL_CALLS]`, or as the whole of an answer.
    """
    names = {tool.name for tool in question.tools}
    before = sum(len(turn.calls) for turn in question.turns)
    if "<tool_call>" in text:
        said, found = text.partition("<tool_call>")[0], _WRAPPED.findall(text)
    elif _LISTED in text:
        said, _, rest = text.partition(_LISTED)
        found = [rest]
    else:
        said, found = "", [text]
    rows = [row for piece in found for row in _rows(piece) if row[0] in names]
    if not rows:
        return text, ()
    calls = tuple(Call(f"call-{before + n}", *row) for n, row in enumerate(rows, 1))
    return said.strip(), calls


def _rows(text: str) -> list[tuple[str, str]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    rows = []
    for it in value if isinstance(value, list) else [value]:
        name = it.get("name") if isinstance(it, dict) else None
        given: Any = next((it[key] for key in _ARGUMENTS if key in it), {}) if name else {}
        if isinstance(name, str):
            plain = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
            rows.append((name, plain))
    return rows
