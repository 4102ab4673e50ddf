"""Where it went wrong, told with the agent's own file, line and source text."""

from __future__ import annotations

import traceback
from pathlib import PurePosixPath

_MAX_CHARACTERS = 8192
# The generated bindings, and the folder that holds this package and what loads the agent.
_OURS = ("/world/", str(PurePosixPath(__file__).parent.parent) + "/")


def describe(error: BaseException) -> str:
    """The traceback, without the frames of the SDK and the interpreter component."""
    try:
        story = traceback.TracebackException.from_exception(error)
        _trim(story)
        text = "".join(story.format()).rstrip()
    except Exception:
        text = type(error).__name__
    return shortened(text)


def _trim(story: traceback.TracebackException) -> None:
    pending = [story]
    while pending:
        one = pending.pop()
        one.stack[:] = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
        pending += [other for other in (one.__cause__, one.__context__) if other is not None]
        pending += one.exceptions or []


def shortened(text: str) -> str:
    """A text for people: Unicode, and no longer than they read."""
    if len(text) > _MAX_CHARACTERS:
        half = _MAX_CHARACTERS // 2
        left_out = len(text) - 2 * half
        text = f"{text[:half]}\n  ... {left_out} characters left out ...\n{text[-half:]}"
    # An exception may carry any string; what leaves the agent is Unicode.
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
