"""Builds the component that runs `.js` agents: QuickJS, the SDK and what binds them to WIT."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from wasm_engine.runtime.text import assembled
from wasm_engine.toolchain.componentize.binary import splice, stripped, taken
from wasm_engine.toolchain.javascript.engine import DIGEST
from wasm_engine.toolchain.javascript.outer import MARKER, Outer
from wasm_engine.toolchain.javascript.scripts import glue
from wasm_engine.toolchain.javascript.sources import JavaScriptSources
from wasm_engine.toolchain.javascript.wit import Packages

BUILDER = f"quickjs {DIGEST} 3"
"""What a build depends on beside its sources; the number rises when we build otherwise."""
_WORLD = "wasm-engine:javascript/javascript-agent@0.1.0"
_FINDS_AGENT = "interpreter/agent-file.js"
"""The script that says which agent there is; another one stands there where it is embedded."""


def build_javascript_guest(sources: JavaScriptSources, engine: Callable[[], bytes]) -> bytes:
    """The interpreter component: the same bytes for the same sources.

    Args:
        sources: What it is built from.
        engine: Gives QuickJS as a core module.
    """
    around = _around(sources, sources.scripts())
    return stripped(splice(around, MARKER.encode(), engine()))


def with_agent(interpreter: bytes, sources: JavaScriptSources, name: str, source: str) -> bytes:
    """The interpreter component with an agent in it: the same bytes for the same sources.

    QuickJS comes out of the interpreter: one that was imported is enough.

    Args:
        interpreter: What was built from the same sources.
        sources: What it is built from.
        name: The agent's file, as traces of the stack name it.
        source: Its text.
    """
    # JSON is JavaScript.
    found = json.dumps({"name": name, "source": source})
    scripts = sources.scripts()
    scripts[_FINDS_AGENT] = f"const agent = {found};\nexport const findSource = () => agent;\n"
    around = _around(sources, scripts)
    engine = taken(interpreter, around, MARKER.encode())
    return stripped(splice(around, MARKER.encode(), engine))


def _around(sources: JavaScriptSources, scripts: Mapping[str, str]) -> bytes:
    """The component, with a mark in the place of QuickJS."""
    outer = Outer(Packages(sources.packages()), _WORLD)
    return assembled(outer.text(glue(sources.glue(), outer, scripts)))
