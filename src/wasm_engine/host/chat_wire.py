"""Chat completions as servers speak of them: what is sent, and what comes back, piece by piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from wasm_engine.concepts.chat import Answer, Call, Finish, Question, Turn, about, texts_of
from wasm_engine.concepts.json_text import refuse_deep

_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "calls",
    "function_call": "calls",
    "content_filter": "refused",
}
MAX_EVENT: Final = 4 << 20
"""Bytes of an event, all lines together."""
MAX_WHOLE: Final = 8 << 20
"""Bytes of an answer that is not streamed: what JSON becomes takes many times its bytes."""
MAX_ANSWER: Final = 4 << 20
"""Characters of an answer: its text, and what it wants to be called."""
MAX_TOKENS: Final = (1 << 32) - 1
"""Of one answer; who reports more does not count."""
MAX_SAID: Final = 4_000
"""Characters of what it says of what went wrong; an agent is told less."""
MAX_EVENTS: Final = 1 << 18
"""Events of an answer: one for each token, and then some."""
_EACH: Final = 32
"""Bytes that a piece takes beside its own."""
MAX_CALLS: Final = 256
"""Calls of one answer."""
MAX_ID: Final = 100
"""Characters of what a server calls a call; a conversation takes a few more."""


class NotSpoken(Exception):
    """What came is not of this protocol; the text says what is wrong with it."""


class Names:
    """Names of functions as servers take them: letters, digits, `_` and `-`."""

    def __init__(self, question: Question) -> None:
        self._sent: dict[str, str] = {}
        for tool in question.tools:
            name, number = tool.name.replace(".", "_"), 1
            while name in self._sent.values():
                number += 1
                name = f"{tool.name.replace('.', '_')[:60]}_{number}"
            self._sent[tool.name] = name
        self._ours = {sent: name for name, sent in self._sent.items()}

    def sent(self, name: str) -> str:
        """The name as it is sent."""
        return self._sent.get(name, name.replace(".", "_"))

    def ours(self, name: str) -> str:
        """The name that it has here."""
        return self._ours.get(name, name)


def body_of(question: Question, model: str, names: Names) -> bytes:
    """What is sent for a question."""
    said: dict[str, Any] = {
        "model": model,
        "messages": [_message(turn, names) for turn in question.turns],
        "max_tokens": question.most,
        "seed": question.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for name in ("temperature", "top_p", "top_k"):
        if getattr(question, name) is not None:
            said[name] = getattr(question, name)
    if question.stop:
        said["stop"] = list(question.stop)
    if question.tools:
        said["tools"] = [
            _function(names.sent(it.name), it.description, json.loads(it.parameters))
            for it in question.tools
        ]
        how, wanted = question.choice
        named = {"type": "function", "function": {"name": names.sent(wanted or "")}}
        said["tool_choice"] = named if how == "named" else {"free": "auto"}.get(how, how)
    if question.schema is not None:
        schema = json.loads(question.schema)
        if isinstance(schema, dict):
            schema.pop("x-guidance", None)
        form = {"name": "answer", "strict": True, "schema": schema}
        said["response_format"] = {"type": "json_schema", "json_schema": form}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _message(turn: Turn, names: Names) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.calls:
        message["content"] = turn.content or None
        message["tool_calls"] = [
            {
                "id": it.id,
                "type": "function",
                "function": {"name": names.sent(it.name), "arguments": it.arguments},
            }
            for it in turn.calls
        ]
    if turn.answers is not None:
        message["tool_call_id"] = turn.answers
    return message


def _function(name: str, description: str, parameters: Any) -> dict[str, Any]:
    inner = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": inner}


class Reading:
    """Reads an answer as it comes: a stream of events, or one JSON text.

    Args:
        hears: Told each piece of the answer's text.
    """

    def __init__(self, hears: Callable[[str], None]) -> None:
        self._hears = hears
        self._line: list[bytes] = []
        self._event: list[bytes] = []
        self._size = self._said = self._events = 0
        self._content: list[str] = []
        self._calls: dict[int, tuple[list[str], list[str], list[str]]] = {}
        self._finish: str | None = None
        self._refused = self._done = False
        self._usage: tuple[int | None, int | None] = None, None

    def take(self, piece: bytes) -> None:
        """A piece of a stream of events.

        Raises:
            NotSpoken: It is none.
        """
        first, *others = piece.split(b"\n")
        self._add(first)
        for other in others:
            line, self._line = b"".join(self._line).removesuffix(b"\r"), []
            if line.startswith(b"data:"):
                self._event.append(line[5:].removeprefix(b" "))
            elif not line:
                self._end_event()
            self._add(other)

    def _add(self, piece: bytes) -> None:
        self._size += len(piece) + _EACH
        if self._size > MAX_EVENT:
            raise NotSpoken(f"an event of more than {MAX_EVENT >> 20} MiB")
        if piece:
            self._line.append(piece)

    def _end_event(self) -> None:
        data, self._event, self._size = b"\n".join(self._event), [], 0
        self._events += 1
        if self._events > MAX_EVENTS:
            raise NotSpoken(f"more than {MAX_EVENTS:,} events")
        if data.strip() == b"[DONE]":
            self._done = True
        elif data:
            self.chunk(parsed(data))

    def whole(self, body: bytes) -> None:
        """The answer of a server that does not stream.

        Raises:
            NotSpoken: It is none.
        """
        if len(body) > MAX_WHOLE:
            raise NotSpoken(f"an answer of more than {MAX_WHOLE >> 20} MiB in one piece")
        found = parsed(body)
        for choice in _list(found, "choices")[:1]:
            choice["delta"] = choice.get("message")
        self.chunk(found)
        self._done = True

    def chunk(self, found: dict[str, Any]) -> None:
        """One event of the stream.

        Raises:
            NotSpoken: It is none.
        """
        if found.get("error") is not None:
            raise NotSpoken(f"the stream ended with an error: {said_in(found)}")
        usage = found.get("usage")
        if isinstance(usage, dict):
            self._usage = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        for choice in _list(found, "choices")[:1]:
            delta = choice.get("delta")
            if isinstance(delta, dict):
                self._delta(delta)
            finish = choice.get("finish_reason")
            if isinstance(finish, str):
                self._finish = finish

    def _delta(self, delta: dict[str, Any]) -> None:
        for name in ("content", "refusal"):
            text = delta.get(name)
            if isinstance(text, str) and text:
                self._refused = self._refused or name == "refusal"
                self._say(text)
                self._content.append(text)
                self._hears(text)
        for place, call in enumerate(_list(delta, "tool_calls")):
            index = place if call.get("index") is None else call["index"]
            if not isinstance(index, int) or not 0 <= index < MAX_CALLS:
                raise NotSpoken(f"more than {MAX_CALLS} calls")
            ids, names, arguments = self._calls.setdefault(index, ([], [], []))
            function = call.get("function")
            function = function if isinstance(function, dict) else {}
            if not ids and _text(call, "id"):
                ids.append(_text(call, "id")[:MAX_ID])
            for parts, key in ((names, "name"), (arguments, "arguments")):
                text = _text(function, key)
                if text:
                    self._say(text)
                    parts.append(text)

    def _say(self, text: str) -> None:
        self._said += len(text)
        if self._said > MAX_ANSWER:
            raise NotSpoken(f"an answer of more than {MAX_ANSWER >> 20} MiB")

    def answer(self, question: Question, names: Names) -> Answer:
        """What was answered.

        Raises:
            NotSpoken: The answer has no end.
        """
        if self._line or self._event:
            self.take(b"\n\n")
        if self._finish is None and not self._done:
            raise NotSpoken("the stream ended before the answer did")
        content = unicode_of("".join(self._content))
        calls = tuple(
            Call(identity or f"call-{index}", names.ours(name), arguments)
            for index, parts in sorted(self._calls.items())
            for identity, name, arguments in [[unicode_of("".join(it)) for it in parts]]
        )
        finish: Finish = _FINISHES.get(self._finish or "stop", "stop")
        if self._refused:
            finish = "refused"
        elif calls and finish == "stop":  # some servers say so
            finish = "calls"
        prompt, answer = self._usage
        if prompt is None:
            prompt = about(*texts_of(question))
        if answer is None:
            answer = about(content, *(call.arguments for call in calls))
        return Answer(content, _distinct(calls), finish, prompt, answer)


def _distinct(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The calls, each under an id of its own: a conversation names them by these."""
    found: dict[str, Call] = {}
    for call in calls:
        name, number = call.id, 1
        while name in found:
            number += 1
            name = f"{call.id}'{number}"
        found[name] = Call(name, call.name, call.arguments)
    return tuple(found.values())


def parsed(data: bytes) -> dict[str, Any]:
    """The object in JSON text.

    Raises:
        NotSpoken: There is none.
    """
    try:
        text = data.decode("utf-8-sig")
        refuse_deep(text)
        found = json.loads(text)
    except ValueError:
        raise NotSpoken("what came is not JSON") from None
    if not isinstance(found, dict):
        raise NotSpoken("what came is no JSON object")
    return found


def said_in(found: dict[str, Any]) -> str:
    """What a server says of what went wrong, in one line."""
    error = found.get("error", found)
    said = error.get("message", error.get("detail")) if isinstance(error, dict) else error
    text = said if isinstance(said, str) else "it does not say why"
    return unicode_of(" ".join(text[:MAX_SAID].split()))


def unicode_of(text: str) -> str:
    """The text, halves of characters put together, or replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _list(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = found.get(name)
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _count(found: dict[str, Any], name: str) -> int | None:
    """A number of tokens; None where nobody could have counted that."""
    value = found.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MAX_TOKENS else None  # type: ignore[operator]
