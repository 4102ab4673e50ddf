"""Dead letters are told with their topic and the agent's last words."""

from __future__ import annotations

from wasm_engine.control.dead_letters import DeadLetters
from wasm_engine.control.reports import DeadLetter
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Detail, Input, Segment, StepBody

TRACEBACK = "Traceback:\n  line 3\nKeyError: 'x'\n"


def _step(segments, dead, logs):
    detail = entries.canonical.encode(Detail([[] for _ in logs], logs))
    return StepBody(1, 0, segments, [], [], dead, []), detail


def test_the_last_line_of_the_last_error_of_the_very_message():
    letters = DeadLetters()
    assert letters.read(Input(1, "a", "one", ("text", ""), []), None, ()) == []
    assert letters.read(Input(2, "a", "two", ("text", ""), []), None, ()) == []
    segments = [
        Segment("a", 1, 0, 0, "failed:error", 0, 0, None, []),
        Segment("a", 2, 0, 0, "failed:fuel", 0, 0, None, []),
        Segment("b", 4, 0, 0, "done", 0, 0, None, []),
    ]
    dead = [(1, "a", "failed", "error"), (2, "a", "failed", "fuel"), (3, "c", "stopped", "")]
    logs = [[("error", "early"), ("error", TRACEBACK), ("info", "no")], [], [("error", "fine")]]
    assert letters.read(*_step(segments, dead, logs), ()) == [
        DeadLetter(1, "a", "one", "failed", "error", "KeyError: 'x'"),
        DeadLetter(2, "a", "two", "failed", "fuel", None),
        DeadLetter(3, "c", None, "stopped", "", None),
    ]
