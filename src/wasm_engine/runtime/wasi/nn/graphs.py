"""wasi:nn/graph: models of the world, by their names in the manifest."""

from __future__ import annotations

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.model_calls import granted
from wasm_engine.runtime.wasi.nn.handles import Graph, error, error_of


def load_by_name(guest: Caller, name: str) -> Graph | Err:
    """A model of the world that the manifest grants."""
    refused = guest.given(lambda: _refusal(guest, name))
    return Graph(name) if refused is None else error_of(refused)


def _refusal(guest: Caller, name: str) -> Err | None:
    found = granted(guest, name, "tensors")
    return found if isinstance(found, Err) else None


def load(_guest: Caller, _builder: list[bytes], _encoding: str, _target: str) -> Err:
    """A model of bytes that the guest has. Nobody is granted that."""
    return error("security", "models are those of the world, which `load-by-name` gives")


def context_of(_guest: Caller, graph: Graph) -> Graph:
    """What computes a model; it holds nothing of its own."""
    return Graph(graph.name)


_NAME = "wasi:nn/graph#"
FUNCTIONS = (
    HostFunction(_NAME + "load", load),
    HostFunction(_NAME + "load-by-name", load_by_name),
    HostFunction(_NAME + "[method]graph.init-execution-context", context_of),
)
