"""What servers of language models send: streams of events, or JSON; and JSON Schemas of guests."""

from __future__ import annotations

import json

from wasm_engine.concepts.chat import Answer, Question
from wasm_engine.concepts.json_schema import misfit, read_schema
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.host.chat_wire import Names, NotSpoken, Reading

REFUSES = (NotSpoken,)
_SCHEMA = b"schema"
_ASKED = Question(
    "m", "", (), (), ("free", None), None, 1, None, None, None, 0, (), 1, 100
)  # fmt: skip


def check(data: bytes) -> None:
    """However it is cut, a stream is the same answer, which a run can hold; so is plain JSON."""
    if data.startswith(_SCHEMA):
        _check_schema(data.removeprefix(_SCHEMA))
        return
    heard: list[str] = []
    reading = Reading(heard.append)
    if data.lstrip().startswith(b"{"):
        reading.whole(data)
    else:
        for at in range(0, len(data), 7):
            reading.take(data[at : at + 7])
    answer = reading.answer(_ASKED, Names(_ASKED))
    assert Answer.of(answer.outcome()) == answer
    json.dumps(answer.outcome()).encode()
    answer.content.encode()
    assert len({call.id for call in answer.calls}) == len(answer.calls)


def _check_schema(data: bytes) -> None:
    try:
        schema = read_schema(data.decode(errors="replace"))
    except Wrong:
        return
    for value in (None, 1, "x", [1, {"a": 2}], {"a": [], "b": "x"}):
        misfit(schema, value)


def seeds() -> list[bytes]:
    """Answers in pieces, whole, with calls, and with what some servers add."""
    pieces = [
        {"choices": [{"delta": {"role": "assistant", "content": "a\u00e9"}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "c", "function": {}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": "{}"}}]}}]},
        {"choices": [{"delta": {"refusal": "no"}, "finish_reason": "content_filter"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        {"error": {"message": "x"}},
    ]
    stream = b"".join(b"data: " + json.dumps(it).encode() + b"\r\n\r\n" for it in pieces[:5])
    message = {"content": "x", "tool_calls": [{"id": "1", "function": {"name": "f"}}]}
    whole = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    schema = {"$defs": {"a": {"enum": [1]}}, "anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}
    return [
        stream + b": note\n\ndata: [DONE]\n\n",
        whole,
        b"data: " + json.dumps(pieces[5]).encode() + b"\n\n",
        _SCHEMA + json.dumps(schema).encode(),
        _SCHEMA + b'{"type":["object","array"],"items":{"maximum":3},"required":["a"]}',
    ]
