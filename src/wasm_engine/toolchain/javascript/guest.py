"""Builds the component that runs `.js` agents: QuickJS, the SDK and what binds them to WIT."""

from __future__ import annotations

from collections.abc import Callable

from wasm_engine.runtime.text import assembled
from wasm_engine.toolchain.javascript.binary import splice, stripped
from wasm_engine.toolchain.javascript.engine import DIGEST
from wasm_engine.toolchain.javascript.outer import MARKER, Outer
from wasm_engine.toolchain.javascript.scripts import glue
from wasm_engine.toolchain.javascript.sources import JavaScriptSources
from wasm_engine.toolchain.javascript.wit import Packages

BUILDER = f"quickjs {DIGEST} 1"
"""What a build depends on beside its sources; the number rises when we build otherwise."""
_WORLD = "wasm-engine:javascript/javascript-agent@0.1.0"


def build_javascript_guest(sources: JavaScriptSources, engine: Callable[[], bytes]) -> bytes:
    """The interpreter component: the same bytes for the same sources.

    Args:
        sources: What it is built from.
        engine: Gives QuickJS as a core module.
    """
    outer = Outer(Packages(sources.packages()), _WORLD)
    text = outer.text(glue(sources.glue(), outer, sources.scripts()))
    return stripped(splice(assembled(text), MARKER.encode(), engine()))
