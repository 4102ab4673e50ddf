"""Dead letters as rows for people: what each was about, and the last error its agent logged."""

from __future__ import annotations

from collections.abc import Iterable

from wasm_engine.control.notices import EXIT_TOPIC, Notice
from wasm_engine.control.reports import DeadLetter
from wasm_engine.journal import entries
from wasm_engine.journal.entries import AnyBody, Input, StepBody


class DeadLetters:
    """Finds them in a journal's entries, read in their order from the first one on."""

    def __init__(self) -> None:
        self._topics: dict[int, str] = {}

    def read(self, body: AnyBody, detail: bytes | None, told: Iterable[Notice]) -> list[DeadLetter]:
        """Those of one entry; `told` are its notices."""
        if isinstance(body, Input):
            self._topics[body.id] = body.topic
        if not isinstance(body, StepBody):
            return []
        for segment in body.segments:
            if segment.status == "done":
                self._topics.pop(segment.message, None)
            self._topics.update((send.id, send.topic) for send in segment.sends)
        self._topics.update((notice.message, EXIT_TOPIC) for notice in told)
        errors = _errors(body, detail) if body.dead and detail is not None else {}
        return [
            DeadLetter(message, agent, self._topics.pop(message, None), reason, code,
                       errors.get(message))
            for message, agent, reason, code in body.dead
        ]  # fmt: skip


def _errors(body: StepBody, detail: bytes) -> dict[int, str]:
    """The last error that was logged for each message that failed in a step."""
    found = {}
    logs = entries.decode_detail(detail, len(body.segments)).logs
    for segment, lines in zip(body.segments, logs, strict=True):
        if not segment.status.startswith("failed"):
            continue
        errors = [text.strip() for level, text in lines if level == "error" and text.strip()]
        if errors:
            found[segment.message] = errors[-1].splitlines()[-1].strip()
    return found
