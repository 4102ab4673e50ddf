"""What language models were asked and answered, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape, shorten

if TYPE_CHECKING:
    from wasm_engine.control.chats import ChatRow, TokenRow

_LINE = 100
_TURNS = 4
"""Turns of a conversation that are shown: the last ones."""


def show_chats(console: Console, rows: Sequence[ChatRow], tokens: Sequence[TokenRow]) -> None:
    """Prints each question with its answer, and what they cost."""
    if not rows:
        console.print("  no language model was asked")
    for row in rows:
        instead = f" (now {row.instead})" if row.instead else ""
        asked = f"{row.agent} -> {row.model}{instead}"
        console.print(f"  {row.step:>6}  chat {row.number}  {escape(asked)}")
        left = len(row.turns) - _TURNS
        if left > 0:
            console.print(f"          ({counted(left, 'turn')} before)")
        for turn in row.turns[-_TURNS:]:
            said = [turn.content] if turn.content or not turn.calls else []
            said += [f"{call.name}({call.arguments})" for call in turn.calls]
            console.print(f"          {turn.role}: {_line(', '.join(said))}")
        console.print(f"          {_ended(row)}")
    width = max((len(escape(f"{it.agent}  {it.model}")) for it in tokens), default=0)
    for it in tokens:
        name = escape(f"{it.agent}  {it.model}")
        spent = f"{it.prompt:,} + {it.answer:,} tokens"
        console.print(f"  {name:<{width}}  {counted(it.chats, 'chat')}, {spent}")


def _ended(row: ChatRow) -> str:
    if row.code is not None:
        return f"= {escape(row.code)}  {_line(row.detail or '')}".rstrip()
    if row.content is None:
        return "= (not answered yet)"
    said = [row.content] if row.content or not row.calls else []
    said += [f"{call.name}({call.arguments})" for call in row.calls]
    how = "kept" if row.kept else f"{row.prompt:,} + {row.answer:,} tokens"
    wrong = f"; does not fit: {_line(row.wrong)}" if row.wrong else ""
    return f"= {_line(', '.join(said))}  [{row.finish}, {how}{wrong}]"


def _line(text: str) -> str:
    return escape(shorten(text, _LINE))
