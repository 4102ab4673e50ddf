"""Python: the interpreter with one agent in it. A `.py` runs as it is, too: this is to pass on."""

from __future__ import annotations

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.building.compiler import Task, unsupported
from wasm_engine.toolchain.guest_sources import guest_sources
from wasm_engine.toolchain.python_guest import build_python_guest

_EMBEDDING = '''"""The interpreter's handler, for an agent that is part of the component."""

import agent_file
import app


class _File:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def readall(self):
        return {source!r}


agent_file._find = lambda: {name!r}
agent_file.open = lambda *_, **__: _File()
Handler = app.Handler
'''


def build_python(task: Task) -> bytes:
    """A whole component: no core module comes out of this."""
    if task.world != "agent":
        raise unsupported("Python", task.world)
    source = task.sources[0]
    if len(task.sources) != 1:
        raise Misuse("a Python agent is one file")
    text = source.read_bytes()
    try:
        compile(text, source.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        where = f"{source.name}:{getattr(error, 'lineno', None) or 1}"
        message = f"this Python does not compile:\n{where}: {error}"
        raise Misuse(message, code="does-not-compile") from None
    embedding = _EMBEDDING.format(source=text, name=source.name)
    return build_python_guest(guest_sources(), task.note, embedding)
