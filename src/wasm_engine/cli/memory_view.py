"""Memories of agents, for people: sizes, dumps, differences, texts; and their bytes in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wasm_engine.cli import hexdump
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.memory import MemoryRow
from wasm_engine.control.pages import PAGE


def show_memory(console: Console, rows: tuple[MemoryRow, ...], against: int | None) -> None:
    """Prints what was asked for of each memory."""
    if not rows:
        console.print("  no agent has memory then: none waits, and none lives between messages")
    for row in rows:
        console.print(f"  {escape(row.agent)}  memory {row.memory}: {_about(row, against)}")
        for line in _lines(row):
            console.print(f"    {line}")


def write_memory(file: Path, rows: tuple[MemoryRow, ...]) -> int:
    """Writes the bytes into a new file; answers how many.

    Raises:
        Misuse: They are of more than one memory.
        FileExistsError: There is something already.
    """
    if len(rows) != 1:
        raise Misuse(
            f"the agent has {len(rows)} memories; a file can hold one",
            code="usage",
            hint="--range 0:0: is all of memory 0",
        )
    data = rows[0].data or b""
    with file.open("xb") as out:
        out.write(data)
    return len(data)


def _about(row: MemoryRow, against: int | None) -> str:
    all_pages = -(-row.size // PAGE)
    size = f"{row.size:,} bytes"
    if row.size_before is None:
        return f"{size}, {row.used:,} of {counted(all_pages, 'page')} in use, sha256 {row.digest}"
    grown = "" if row.size_before == row.size else f" ({row.size_before:,} at step {against})"
    changed = f"{len(row.pages):,} of {counted(all_pages, 'page')} differ from step {against}"
    return f"{size}{grown}, {changed}"


def _lines(row: MemoryRow) -> Iterator[str]:
    if row.data is None:
        return
    if row.least is not None:
        for text in row.strings:
            yield f"{text.address:08x}  {escape(text.text)}"
    elif row.before is not None:
        yield from hexdump.differences(row.pages)
    else:
        yield from hexdump.dump(row.data, row.address)
