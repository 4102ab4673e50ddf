"""Tools that run code which is submitted to them: what interpreters export, and what is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wasm_engine.agents.contract import IMPORTS, PACKAGE
from wasm_engine.agents.manifest import Tool
from wasm_engine.agents.packages import CODE, RUNNER
from wasm_engine.agents.submitted_code import Caps
from wasm_engine.agents.tools.descriptors import Descriptor, descriptors_of
from wasm_engine.concepts import faults, json_text
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.json_text import NotJson
from wasm_engine.runtime import wit
from wasm_engine.runtime.component import Component, bare

OF_AGENTS = tuple(f"{PACKAGE}/{name}" for name in ("messaging", "agents", "state"))
"""Interfaces for those who have an address, a mailbox and a memory of their own."""
_WAIT_ANY, _CANCEL = (f"{PACKAGE}/messaging#{name}" for name in ("wait-any", "cancel-request"))
MAX_FAULT = 32 << 10
"""Characters of code and detail of a fault; runners shorten them to half of that."""
NO_JSON = "no-json"
"""The code where a value cannot be read; runners say so, too."""
_SUFFIX = 64
"""Characters in which a runner says how much more was printed."""
_TITLES = {"python": "Python", "javascript": "JavaScript"}
_DESCRIPTION = (
    "Runs source code in %s once, in memory that nothing ran in before, with no more than the "
    "caller may do. The code finds the JSON value of `input` under that name; the value of its "
    "last expression is the result's `value`, as JSON text."
)


def offered_by(tool: Tool, component: Component, data: bytes) -> list[Descriptor]:
    """What a tool of a manifest offers, whatever it runs; `data` are the component's bytes.

    Raises:
        BadComponent: It offers nothing that could be called so.
    """
    if tool.language:
        return _of_runner(tool.name, tool.language, component)
    return descriptors_of(tool.name, component, data)


def _of_runner(name: str, language: str, component: Component) -> list[Descriptor]:
    """The one function of a tool that runs submitted code: `NAME.run`.

    Raises:
        BadComponent: The interpreter is of another version.
    """
    functions, says = CODE.interfaces[RUNNER], _DESCRIPTION % _TITLES[language]
    for interface, held in component.exports.items():
        if bare(interface) == RUNNER and held.functions == functions:
            return [Descriptor(f"{name}.run", interface, "run", functions["run"], says)]
    message = f"the tool {name}: this interpreter runs no submitted code"
    option = "" if language == "python" else f" --language {language}"
    raise BadComponent(message, hint=f"wasm-engine interpreter build{option}")


def closed(functions: Mapping[str, HostFunction]) -> Mapping[str, HostFunction]:
    """Host functions of agents for code that is none; the interpreter imports them all the same.

    What it asked servers and people it may wait for, as an agent does.
    """
    found = {}
    for interface in OF_AGENTS:
        for function, ty in IMPORTS[interface].items():
            name = f"{interface}#{function}"
            found[name] = HostFunction(name, _answering(ty.result))
    wait, cancel = (functions[name].call for name in (_WAIT_ANY, _CANCEL))
    found[_WAIT_ANY] = HostFunction(_WAIT_ANY, partial(_wait_any, wait), suspends=True)
    found[_CANCEL] = HostFunction(_CANCEL, partial(_cancel, cancel))
    return found


def _wait_any(wait: Callable[..., Any], guest: Any, requests: list[int]) -> Any:
    strange = next((number for number in requests if number not in guest.own), None)
    if strange is not None:
        return refusal(faults.UNKNOWN_REQUEST, f"request {strange}")
    return wait(guest, requests)


def _cancel(cancel: Callable[..., Any], guest: Any, request: int) -> Any:
    return cancel(guest, request) if request in guest.own else None


def look(answer: Any, caps: Caps) -> Any:
    """What a run came to, held to what its caller was promised: code may change what runs it.

    So whoever calls gets JSON that can be read at any depth of its stack, and never more than it
    takes.
    """
    if isinstance(answer, Err):
        characters = sum(map(len, answer.payload))
        if characters > MAX_FAULT:
            return refusal(faults.TOO_LARGE, f"a fault of {characters} characters")
        return answer
    value, printed = answer
    if len(value) > caps.value:
        return _too_large("a value", value, caps.value)
    if len(printed) > caps.printed + _SUFFIX:
        return _too_large("prints", printed, caps.printed)
    try:
        json_text.check(value)
    except NotJson:  # its text may be a library's
        detail = f"its value is no JSON, or nested more than {json_text.MAX_DEPTH} deep"
        return refusal(NO_JSON, detail)
    return answer


def _too_large(what: str, text: str, most: int) -> Err:
    detail = f"{what} of {len(text)} characters; {most} are taken"
    return refusal(faults.TOO_LARGE, detail)


def _answering(result: wit.Type | None) -> Any:
    if isinstance(result, wit.Result):

        def refuse(guest: Caller, *_arguments: Any) -> Any:
            del guest
            return refusal(faults.NOT_GRANTED, "submitted code has no address and no mailbox")

        return refuse
    nothing = _nothing(result)
    return lambda _guest, *_arguments: nothing


def _nothing(result: wit.Type | None) -> Any:
    """What a function answers that cannot refuse: as if there were nothing."""
    if isinstance(result, wit.List):
        return []
    return False if isinstance(result, wit.Bool) else None
