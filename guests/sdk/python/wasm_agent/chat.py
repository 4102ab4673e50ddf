"""Asks language models: those that the manifest grants. It says where they are.

    from wasm_agent import chat, on

    @on("question")
    def question(message):
        answer = chat.complete("writer", [chat.user(message.text)], most=200)
        return answer.content

The world goes on meanwhile; for the agent it is one call. What was answered is kept in the run, and
a replay asks no model. A conversation is a list of turns; each call gets all of it:

    turns = [chat.system("You look things up."), chat.user("Who wrote Emma?")]
    search = chat.tool_spec("search", "Searches.", {"type": "object", "properties": {...}})
    answer = chat.complete("writer", turns, tools=[search])
    for call in answer.calls:
        turns += [answer.turn(), chat.tool(call.id, look_up(call.json()))]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypedDict, Unpack

from wasm_agent.contract import call as _call
from wasm_agent.contract import chat as _host
from wasm_agent.contract import checked_text
from wasm_agent.faults import Fault
from wasm_agent.requests import Request
from wasm_agent.values import Reply, Span, nanoseconds, shortened, to_json


class Call(NamedTuple):
    """A function that a model wants to be called.

    Attributes:
        id: Names this call within the conversation; `chat.tool` answers it by this.
        name: Of the function.
        arguments: JSON, as the model wrote it: it may not be JSON at all.
    """

    id: str
    name: str
    arguments: str

    def json(self) -> Any:
        """The arguments.

        Raises:
            ValueError: They are not JSON.
        """
        return json.loads(self.arguments)


class Turn(NamedTuple):
    """One turn of a conversation: `chat.system`, `user`, `assistant` and `tool` make them."""

    role: str
    content: str
    calls: tuple[Call, ...] = ()
    answers: str | None = None


class ToolSpec(NamedTuple):
    """A function that a model may want to be called; `chat.tool_spec` makes it."""

    name: str
    description: str
    parameters: str


class Usage(NamedTuple):
    """Tokens of a question and of its answer; 0 where the answer was given before."""

    prompt: int
    answer: int


class Answer(Reply):
    """What a model answered. Its `.text` is the content.

    Attributes:
        content: Text; may be empty where it wants something to be called.
        calls: What it wants to be called.
        finish: `stop`, `length` (cut at the most tokens), `calls`, or `refused`.
        usage: Tokens.
    """

    def __init__(self, received: Any) -> None:
        self._value = received.content
        self.content: str = received.content
        self.calls = tuple(Call(it.id, it.name, it.arguments) for it in received.calls)
        self.finish = received.finish.name.lower()
        self.usage = Usage(received.usage.prompt, received.usage.answer)

    def turn(self) -> Turn:
        """The answer as a turn of the conversation that goes on."""
        return Turn("assistant", self.content, self.calls)

    def __repr__(self) -> str:
        calls = f", {len(self.calls)} calls" if self.calls else ""
        return f"Answer({shortened(self.content)}{calls}, {self.finish!r})"


class Description(NamedTuple):
    """How much a model can take.

    Attributes:
        context: Tokens that a conversation and its answer may have together.
        most: Most tokens of an answer.
    """

    context: int
    most: int


class Asked(Request):
    """A question to a model on its way. `wait_any` and `gather` take it too; `wait()` answers."""

    def __init__(self, model: str, number: int) -> None:
        super().__init__(model, "chat", number)

    def _taken(self) -> Answer | Fault:
        return take(self.number)

    def __repr__(self) -> str:
        return f"Asked({self.to!r}, {self.number})"


def system(text: str) -> Turn:
    """A turn that says what the model is to do."""
    return Turn("system", text)


def user(text: str) -> Turn:
    """A turn of whoever asks."""
    return Turn("user", text)


def assistant(text: str, calls: Iterable[Call] = ()) -> Turn:
    """A turn of the model's, such as an earlier answer; see `Answer.turn`."""
    return Turn("assistant", text, tuple(calls))


def tool(call_id: str, result: Any) -> Turn:
    """A turn that answers a call: text as it is, anything else as JSON."""
    return Turn("tool", result if isinstance(result, str) else to_json(result), (), call_id)


def tool_spec(name: str, description: str, parameters: Mapping[str, Any] | str) -> ToolSpec:
    """A function that the model may want to be called.

    Args:
        name: 1 to 64 letters, digits, `_`, `-` and `.`.
        description: What it does, for the model.
        parameters: JSON Schema of its arguments, an object.
    """
    return ToolSpec(
        name, description, parameters if isinstance(parameters, str) else to_json(parameters)
    )


def describe(model: str) -> Description:
    """How much a model can take.

    Raises:
        Fault: `NotGranted`, `UnknownModel`.
    """
    found = _call(_host.describe, model)
    return Description(found.context, found.most)


class Options(TypedDict, total=False):
    """What may be said of a question besides.

    Attributes:
        tools: Functions that the model may want to be called.
        choice: `none`, `required`, or the name of the one to be called; None: the model decides.
        schema: JSON Schema that the answer has to fit; `answer.json()` is then its value.
        most: Most tokens of the answer; never more than the manifest says.
        temperature: 0: always the likeliest token. None: what the model's folder or server says.
        top_p: Of the likeliest tokens, those that together have this probability.
        top_k: Of the likeliest tokens, so many.
        seed: Of sampling; None: the world's entropy decides.
        stop: The answer ends before any of these.
        timeout: Seconds of real time (or a timedelta); never longer than the manifest says.
    """

    tools: Iterable[ToolSpec]
    choice: str | None
    schema: Mapping[str, Any] | str | None
    most: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    seed: int | None
    stop: Iterable[str]
    timeout: Span | None


def complete(model: str, turns: Iterable[Turn], **options: Unpack[Options]) -> Answer:
    """Asks a model and waits for its answer.

    Args:
        model: Its name in the manifest, which grants it (`model:NAME`).
        turns: The conversation; the last turn is what is answered.
        options: Besides; see `Options`.

    Raises:
        Fault: There is no answer: `Timeout`, `ContextOverflow`, `BadAnswer` (it does not fit the
            schema), `ModelFailed`, `BudgetSpent`, `InvalidRequest`...
    """
    return Answer(_call(_host.complete, model, _turns(turns), _made_of(options)))


def start(model: str, turns: Iterable[Turn], **options: Unpack[Options]) -> Asked:
    """Asks without waiting: the first half of `complete`, which describes the arguments."""
    return Asked(model, _call(_host.start, model, _turns(turns), _made_of(options)))


def take(number: int) -> Answer | Fault:
    """What became of a question that has ended, by its number; once. A fault is not raised."""
    try:
        return Answer(_call(_host.take, number))
    except Fault as fault:
        return fault


_ROLES = {
    "system": _host.Role.SYSTEM,
    "user": _host.Role.USER,
    "assistant": _host.Role.ASSISTANT,
    "tool": _host.Role.TOOL,
}


def _turns(turns: Iterable[Turn]) -> list[Any]:
    return [
        _host.Turn(
            _ROLES[turn.role],
            checked_text("a turn", turn.content),
            [_made(call) for call in turn.calls],
            None if turn.answers is None else checked_text("the id of a call", turn.answers),
        )
        for turn in turns
    ]


def _made(call: Call) -> Any:
    parts = [checked_text("a call", part) for part in (call.id, call.name, call.arguments)]
    return _host.Call(*parts)


def _made_of(options: Options) -> Any:
    unknown = options.keys() - Options.__annotations__.keys()
    if unknown:
        message = f"no option is called {', '.join(sorted(unknown))}"
        raise TypeError(message)
    get = options.get
    schema, timeout = get("schema"), get("timeout")
    return _host.Options(
        [_spec(it) for it in get("tools", ())],
        _choice(get("choice")),
        None if schema is None else _schema(schema),
        _whole("most", get("most"), 2**32),
        _real("temperature", get("temperature")),
        _real("top_p", get("top_p")),
        _whole("top_k", get("top_k"), 2**32),
        _whole("seed", get("seed"), 2**64),
        [checked_text("stop", it) for it in get("stop", ())],
        None if timeout is None else nanoseconds(timeout),
    )


def _spec(tool: ToolSpec) -> Any:
    parts = (tool.name, tool.description, tool.parameters)
    return _host.Tool(*(checked_text("a tool", part) for part in parts))


def _real(name: str, value: float | None) -> float | None:
    if value is not None and not isinstance(value, (int, float)):
        message = f"{name} must be a number, not {value!r}"
        raise TypeError(message)
    return None if value is None else float(value)


def _schema(schema: Mapping[str, Any] | str) -> str:
    return checked_text("the schema", schema) if isinstance(schema, str) else to_json(schema)


def _choice(choice: str | None) -> Any:
    if choice is None or choice == "free":
        return _host.Choice_Free()
    if choice == "none":
        return _host.Choice_None_()
    if choice == "required":
        return _host.Choice_Required()
    return _host.Choice_Named(checked_text("choice", choice))


def _whole(name: str, value: int | None, below: int) -> int | None:
    if value is not None and not (isinstance(value, int) and 0 <= value < below):
        message = f"{name} must be a whole number from 0 to {below - 1}, not {value!r}"
        raise ValueError(message)
    return value
