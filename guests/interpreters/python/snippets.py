"""Source code that somebody submits, run once: input and value are JSON, what it prints is kept."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import linecache
import sys
from types import CodeType, ModuleType
from typing import Any

from componentize_py_types import Err
from wasm_agent import entropy
from wasm_agent.contract import types
from wasm_agent.faults import Fault
from wasm_agent.surroundings import config
from wasm_agent.tracebacks import describe, shortened
from wasm_agent.values import to_json
from wit_world.exports import runner

_NAME = "snippet"
_VALUE, _PRINTED = "value", "printed"
_CAPS = {_VALUE: 1 << 20, _PRINTED: 64 << 10}
"""Characters of what comes out; the tool's configuration may say otherwise."""


class _Printed(io.TextIOBase):
    """Keeps what is printed, up to a bound; what is more is counted."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._parts: list[str] = []
        self._lost = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        kept = text[: self._left]
        self._left -= len(kept)
        self._lost += len(text) - len(kept)
        if kept:
            self._parts.append(kept)
        return len(text)

    def text(self) -> str:
        whole = "".join(self._parts).encode(errors="backslashreplace").decode()
        return f"{whole}\n... {self._lost} more characters" if self._lost else whole


def run(source: str, given: str) -> runner.Outcome:
    """Runs it.

    Raises:
        Err: What it is given is no JSON (`invalid-arguments`); it does not compile
            (`syntax-error`), raised something (`raised`; a `Fault` that it raised keeps its code),
            or came to no JSON value (`no-json`), or to too much of it (`too-large`).
    """
    entropy.generator.unsettle()
    caps = {**_CAPS, **config.get("caps", {})}
    sys.stdout = sys.stderr = printed = _Printed(caps[_PRINTED])
    found = _given(given)
    body, last = _compiled(source)
    value = _json(_executed(source, body, last, found), printed)
    if len(value) > caps[_VALUE]:
        raise _fault("too-large", f"a value of {len(value)} characters; {caps[_VALUE]} are taken")
    return runner.Outcome(value, printed.text())


def _given(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        detail = f"input is no JSON: {type(error).__name__}: {error}"
        raise _fault("invalid-arguments", detail) from None


def _compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """The code, and that of its last expression if it ends in one: that is its value."""
    try:
        tree = ast.parse(source, _NAME)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            expression = ast.Expression(tree.body.pop().value)
            last = _code(expression, "eval")
        return _code(tree, "exec"), last
    except SyntaxError as error:
        raise _fault("syntax-error", f"line {error.lineno}: {error.msg}") from None
    except (MemoryError, RecursionError, ValueError) as error:
        raise _fault("syntax-error", f"{type(error).__name__}: {error}") from None


def _code(tree: Any, mode: str) -> CodeType:
    code: CodeType = compile(tree, _NAME, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def _executed(source: str, body: CodeType, last: CodeType | None, given: Any) -> Any:
    module = ModuleType(_NAME)
    module.__dict__["input"] = given
    sys.modules[_NAME] = module
    lines = list(io.StringIO(source))
    linecache.cache[_NAME] = (len(source), None, lines, _NAME)
    try:
        if _waits(body, last):
            return asyncio.run(_through(body, last, module.__dict__))
        exec(body, module.__dict__)
        return None if last is None else eval(last, module.__dict__)
    except BaseException as error:
        if isinstance(error, Fault) and isinstance(error.code, str):
            detail = describe(error) if error.from_host else str(error.detail)
            raise _fault(error.code, detail) from None
        raise _fault("raised", describe(error)) from None


def _waits(*codes: CodeType | None) -> bool:
    """Whether it says `await` outside of any function."""
    coroutine = 0x80  # inspect.CO_COROUTINE
    return any(code is not None and code.co_flags & coroutine for code in codes)


async def _through(body: CodeType, last: CodeType | None, names: dict[str, Any]) -> Any:
    for code in (body, last):
        value = None if code is None else eval(code, names)
        if _waits(code):
            value = await value
    return value


def _json(value: Any, printed: _Printed) -> str:
    try:
        return to_json(value)
    except BaseException as error:
        shown = printed.text()[-200:]
        detail = f"its value is no JSON: {_said(error)}" + (
            f"; it printed: {shown}" if shown else ""
        )
        raise _fault("no-json", detail) from None


def _said(error: BaseException) -> str:
    plain = isinstance(error, (TypeError, ValueError))
    return str(error) if plain else f"{type(error).__name__} as it was read"


def _fault(code: str, detail: str) -> Err:
    return Err(types.Fault(shortened(code), shortened(detail)))
