"""Edits of a fork that put components in others' places: of a kind of agent, or of a tool."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.agents.material import Source
from wasm_engine.agents.program import MadeOf
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.journal.entries import Control
from wasm_engine.orchestrator.edits import require_idle, swap
from wasm_engine.world.assembly import TOOLS, Note
from wasm_engine.world.swapping import Run


def edit_of(run: Run, name: str, path: Path, note: Note) -> Control:
    """The edit that puts a file in something's place; what it needs is in the run from then on.

    Args:
        run: The fork.
        name: A kind of agent; or a tool, with `TOOLS` before it where a kind has that name, too.
        path: What it is to run.
        note: Told what takes a while.

    Raises:
        Misuse: There is no such kind or tool, or the file cannot be read.
    """
    kinds, tool = run.kinds, name.removeprefix(TOOLS)
    if name != tool and not kinds.is_tool(tool):
        names = ", ".join(sorted(kinds.tools)) or "none"
        raise Misuse(f"there is no tool {tool!r} in this world (there are: {names})")
    if kinds.is_kind(name) or not kinds.is_tool(tool):
        source = kinds.read(name, path, note)
        own = source.digests[1] if source.file else None
        edit = Control("edit", ["component", name, path.name, source.digests[0], own])
    else:
        source = _read(tool, path)
        edit = Control("edit", ["tool", tool, path.name, source.digests[0]])
    for digest, data in source.contents:
        run.file.put_content(digest, data)
    return edit


def _read(tool: str, path: Path) -> Source:
    if path.suffix != ".wasm":
        raise Misuse(f"{path}: a tool is a component, a .wasm file ({tool} is one)")
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise Misuse(message, code="unreadable-source") from None
    return Source(data, None, (sha256(data),))


def put_component(run: Run, made_of: MadeOf) -> None:
    """Lets a kind run another component; what was swapped before is over.

    Raises:
        Misuse: One of its agents is in the middle of a message.
    """
    kind = made_of[0]
    if kind not in run.kinds.pinned:
        program = run.kinds.program(made_of)
        scheduler = run.execution.scheduler
        swap(scheduler.world, kind, program)
        run.kinds.programs[kind] = program
        scheduler.swaps.forget(kind)


def put_tool(run: Run, tool: str, name: str, digest: bytes) -> None:
    """Puts another component in a tool's place, for all who can come to call it.

    Raises:
        Misuse: One of their agents is in the middle of a message, or there is no such tool.
        BadComponent: It does not offer what is called, or asks for what nobody has.
    """
    kinds, scheduler = run.kinds, run.execution.scheduler
    concerned = kinds.users_of({tool})
    require_idle(scheduler.world, concerned)
    kinds.retool({**kinds.retooled, tool: (name, digest)})
    for kind in concerned:
        swap(scheduler.world, kind, kinds.programs[kind])
        scheduler.swaps.forget(kind)
