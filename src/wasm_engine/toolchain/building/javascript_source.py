"""JavaScript: its interpreter with an agent in it. A `.js` runs as it is; this is to pass on."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.building.compiler import Task, unsupported
from wasm_engine.toolchain.interpreter import provided
from wasm_engine.toolchain.javascript.guest import with_agent
from wasm_engine.toolchain.javascript.sources import javascript_sources


def build_javascript(task: Task) -> bytes:
    """A whole component: no core module comes out of this."""
    if task.world != "agent":
        raise unsupported("JavaScript", task.world)
    source = one_script(task, "JavaScript")
    try:
        text = source.read_bytes().decode()
    except UnicodeDecodeError as error:
        message = f"this JavaScript does not compile:\n{source.name}: {error}"
        raise Misuse(message, code="does-not-compile") from None
    return with_interpreter(task, source.name, text)


def one_script(task: Task, language: str) -> Path:
    """The one file that such an agent is.

    Raises:
        Misuse: There are more.
    """
    if len(task.sources) != 1:
        hint = "bundle what it needs into it: docs/javascript-agents.md"
        raise Misuse(f"a {language} agent is one file", hint=hint)
    return task.sources[0]


def with_interpreter(task: Task, name: str, text: str) -> bytes:
    """The interpreter with an agent in it: the text of its file, and the name that traces have."""
    interpreter = provided("javascript", None, task.note)
    return with_agent(interpreter, javascript_sources(), name, text)
