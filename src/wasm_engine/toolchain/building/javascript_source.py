"""JavaScript: its interpreter with an agent in it. A `.js` runs as it is; this is to pass on."""

from __future__ import annotations

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.building.compiler import Task, unsupported
from wasm_engine.toolchain.interpreter import provided
from wasm_engine.toolchain.javascript.guest import with_agent
from wasm_engine.toolchain.javascript.sources import javascript_sources


def build_javascript(task: Task) -> bytes:
    """A whole component: no core module comes out of this."""
    if task.world != "agent":
        raise unsupported("JavaScript", task.world)
    source = task.sources[0]
    if len(task.sources) != 1:
        hint = "bundle what it needs into it: docs/javascript-agents.md"
        raise Misuse("a JavaScript agent is one file", hint=hint)
    try:
        text = source.read_bytes().decode()
    except UnicodeDecodeError as error:
        message = f"this JavaScript does not compile:\n{source.name}: {error}"
        raise Misuse(message, code="does-not-compile") from None
    interpreter = provided("javascript", None, task.note)
    return with_agent(interpreter, javascript_sources(), source.name, text)
