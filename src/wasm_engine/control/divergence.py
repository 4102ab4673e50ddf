"""Why a re-execution came out otherwise than the run: it is executed once more, and looked at.

What differs first is found by comparing records (`orchestrator/comparison.py`). Here it is asked
why. One question needs no more than what is known: another engine, or a component that was given,
explains any difference. The others need a second execution of the same step, under the eyes of a
watch on the call that differs: if that comes out in yet another way, determinism is lost; if not,
either the host answered otherwise than it had (its answers were summed), or the recording is not
what was recorded. The watch also reads where the agent's source makes the call: of a Python guest
out of its memory, of a component with debug information in a third execution that halts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from wasm_engine.agents.python_frames import Frame, frames
from wasm_engine.concepts.errors import EngineError, Interrupted, ReplayDivergence
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.control.observer import Observer
from wasm_engine.runtime.looking import Halted, lines_of, memories_of
from wasm_engine.world import Otherwise, Run

Reopen = Callable[[Otherwise], Run]
"""Opens the run again, where its re-execution began."""

MAX_SHOWN = 500
"""Characters of a line: names are the guest's."""
MAX_FRAMES = 3
"""Functions of the agent that a line names: the one that calls, and who called that."""


def explained(found: ReplayDivergence, reopen: Reopen) -> ReplayDivergence:
    """A divergence with its cause, and the line of the agent's source.

    Args:
        found: What a re-execution gave.
        reopen: Opens the run again for another one.
    """
    watch = Watch(found)
    again: ReplayDivergence | None = None
    try:
        with reopen(Otherwise(wrap=watch.wrap)) as run:
            try:
                run.execution.replay(to=found.step)
            except ReplayDivergence as error:
                again = error
            cause = _cause(found, again, run)
            compiled = watch.seen and watch.line is None and run.has_lines(found.agent or "")
        if compiled:
            watch.line = _line_of_compiled(found, reopen)
    except Interrupted:
        raise
    except EngineError:
        return found  # it cannot be executed again: what was found still stands
    return found.explained(cause, watch.line)


def _cause(found: ReplayDivergence, again: ReplayDivergence | None, run: Run) -> str:
    if again is None or str(again) != str(found):
        return "lost determinism"
    if not run.same_engine:
        return "engine"
    if found.cause is not None:
        return found.cause
    return "journal" if run.same_material else "component"


def _line_of_compiled(found: ReplayDivergence, reopen: Reopen) -> str | None:
    """The line in a component with debug information: the guest is halted there for a look."""
    watch = Watch(found, halt=True)
    kind = (found.agent or "").partition("/")[0]
    with reopen(Otherwise(wrap=watch.wrap, lines=kind)) as run:
        try:
            run.execution.replay(to=found.step)
        except Halted as halted:
            return _shown([Frame(*line) for line in lines_of(halted)])
    return None


class Watch:
    """Looks at one call of a re-execution: where in the agent's source it is made.

    Args:
        found: Names the call.
        halt: Whether the guest is halted there.

    Attributes:
        seen: Whether the call was made.
        line: `file:line function`, of the innermost functions of the agent; None until seen.
    """

    def __init__(self, found: ReplayDivergence, *, halt: bool = False) -> None:
        self.seen = False
        self.line: str | None = None
        self._found = found
        self._halt = halt

    def wrap(self, function: HostFunction) -> HostFunction:
        """The function, watched."""
        do = function.call

        def watched(guest: Any, *arguments: Any) -> Any:
            if self._is_it(guest):
                self.seen = True
                if self._halt:
                    raise Halted
                self.line = line_of(guest)
            return do(guest, *arguments)

        return replace(function, call=watched)

    def _is_it(self, guest: Any) -> bool:
        """Whether the call that is being made, which is the last of its record, is the one."""
        found = self._found
        if guest.in_init or guest.answers is not None or found.call != len(guest.calls) - 1:
            return False
        return bool(
            guest.world.step == found.step
            and guest.agent.address == found.agent
            and guest.message.id == found.message
        )


def line_of(guest: Any) -> str | None:
    """Where the source of a guest stands that is in the middle of a host call."""
    for memory in memories_of(guest):
        own = [frame for frame in frames(memory) if _is_the_agents(frame)]
        if own:
            return _shown(own)
    return None


def _shown(found: list[Frame]) -> str | None:
    shown = [f"{frame.file}:{frame.line} {frame.function}" for frame in found[:MAX_FRAMES]]
    return ", from ".join(shown)[:MAX_SHOWN] or None


def _is_the_agents(frame: Frame) -> bool:
    """The agent's one file has no folder; those of the library and the SDK do."""
    return not frame.file.startswith(("/", "<"))


@contextmanager
def explaining(file: str | Path, at: int, observer: Observer) -> Iterator[None]:
    """Whatever diverges inside is raised with its cause; the run must be closed by then.

    Args:
        file: The run.
        at: Where its re-execution began; see `Run.open`.
        observer: Who watches.
    """
    try:
        yield
    except ReplayDivergence as error:
        found = error
    else:
        return
    observer.note("executing the step that differs once more, to see why")
    raise explained(found, lambda otherwise: Run.open(file, at=at, otherwise=otherwise))
