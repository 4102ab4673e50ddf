"""Looks into the linear memories of agents, as of any step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.pages import MIN_TEXT, Page, Text, changed_pages, texts, used_pages
from wasm_engine.control.reports import Report
from wasm_engine.world import Run


class Region(NamedTuple):
    """A part of a memory.

    Attributes:
        memory: Which, from 0: a component may have several.
        address: Of the first byte.
        length: In bytes; None: to the end.
    """

    memory: int = 0
    address: int = 0
    length: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryRow(Report):
    """One memory of one agent.

    Attributes:
        agent: Whose.
        memory: Its number, from 0.
        size: In bytes.
        digest: SHA-256 of all of it, hexadecimal.
        used: Pages of 4096 bytes with anything in them but zeros.
        address: Of the first byte of `data`.
        data: What was asked for; None where one agent was not named.
        before: The same part at the step that it is compared with; shorter where there was less.
        size_before: How large it was then.
        least: Fewest characters of the texts that are looked for, or None.
    """

    agent: str
    memory: int
    size: int
    digest: str
    used: int
    address: int = 0
    data: bytes | None = None
    before: bytes | None = None
    size_before: int | None = None
    least: int | None = None

    @property
    def pages(self) -> list[Page]:
        """Of a comparison the pages that differ, else those with anything in them but zeros."""
        data = self.data or b""
        if self.before is None:
            return list(used_pages(data, self.address))
        return list(changed_pages(self.before, data, self.address))

    @property
    def strings(self) -> list[Text]:
        """The printable texts in `data`."""
        return list(texts(self.data or b"", self.least or MIN_TEXT, self.address))

    def without_data(self) -> MemoryRow:
        """The row without what is in it."""
        return replace(self, data=None, before=None)

    def as_json(self) -> dict[str, Any]:
        """The row as plain values; bytes as hexadecimal digits, page by page."""
        asked = self.data is not None
        return {
            "agent": self.agent,
            "memory": self.memory,
            "size": self.size,
            "size_before": self.size_before,
            "digest": self.digest,
            "used": self.used,
            "pages": [_page(page) for page in self.pages] if asked and not self.least else None,
            "strings": [text._asdict() for text in self.strings] if asked and self.least else None,
        }


def summaries(run: Run) -> Iterator[MemoryRow]:
    """What memories the agents have, of those that have some where the run stands."""
    for address in sorted(run.execution.scheduler.world.agents):
        yield from _summary(address, run.memory(address) or [])


def _summary(agent: str, memories: Sequence[bytes]) -> list[MemoryRow]:
    return [
        MemoryRow(agent, number, len(data), sha256_hex(data), sum(1 for _ in used_pages(data)))
        for number, data in enumerate(memories)
    ]


def rows(
    agent: str,
    memories: Sequence[bytes],
    before: Sequence[bytes] | None,
    region: Region | None,
    least: int | None,
) -> list[MemoryRow]:
    """An agent's memories, or a part of one of them.

    Args:
        agent: Whose.
        memories: All of them.
        before: What they were at the step that they are compared with; None: with nothing.
        region: Only this part.
        least: Of texts that are looked for, the fewest characters.

    Raises:
        Misuse: There is no such part.
    """
    found = []
    for row in _summary(agent, memories):
        if region is not None and region.memory != row.memory:
            continue
        part = _part(row, region or Region(row.memory))
        old = _at(before, row.memory)
        found.append(
            MemoryRow(
                agent, row.memory, row.size, row.digest, row.used,
                address=part.start,
                data=memories[row.memory][part],
                before=None if old is None else old[part],
                size_before=None if old is None else len(old),
                least=least,
            )
        )  # fmt: skip
    if not found:
        assert region is not None
        last = len(memories) - 1
        raise Misuse(f"{agent!r} has no memory {region.memory}; the last one is {last}")
    return found


def require_memory(run: Run, agent: str) -> list[bytes]:
    """The memories of an agent that has to have some where the run stands.

    Raises:
        Misuse: It has none.
    """
    world = run.execution.scheduler.world
    found = run.memory(agent) if agent in world.agents else None
    if found is not None:
        return found
    if agent not in world.agents:
        raise Misuse(f"there is no agent {agent!r} at the end of step {world.step}")
    raise Misuse(
        f"agent {agent!r} has no memory at the end of step {world.step}: "
        "it handles no message then, and begins each with the same pristine memory",
        hint="agents have one while they wait, and between messages with lifecycle = 'resident'",
    )


def _part(row: MemoryRow, region: Region) -> slice:
    start = region.address
    end = row.size if region.length is None else start + region.length
    if not 0 <= start <= end <= row.size:
        raise Misuse(
            f"memory {row.memory} of {row.agent!r} ends at {row.size:#x} ({row.size:,} bytes); "
            f"{start:#x} to {end:#x} is not in it"
        )
    return slice(start, end)


def _at(before: Sequence[bytes] | None, number: int) -> bytes | None:
    if before is None:
        return None
    return before[number] if number < len(before) else b""


def _page(page: Page) -> dict[str, Any]:
    value: dict[str, Any] = {"address": page.address, "hex": page.data.hex()}
    if page.before is not None:
        value["before"] = page.before.hex()
    return value
