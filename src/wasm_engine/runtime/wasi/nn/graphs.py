"""wasi:nn/graph: models of the world by their names, and those that a guest has the bytes of."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.model_calls import ask_as, granted, granted_own, taken
from wasm_engine.runtime.wasi.nn.handles import Graph, error, error_of


def load_by_name(guest: Any, name: str) -> Graph | Err:
    """A model of the world that the manifest grants."""
    refused = guest.given(lambda: _refusal(guest, name))
    return Graph(guest.wasi.room, name) if refused is None else error_of(refused)


def _refusal(guest: Caller, name: str) -> Err | None:
    found = granted(guest, name, "tensors")
    return found if isinstance(found, Err) else None


def load(guest: Any, builder: list[bytes], encoding: str, target: str) -> Any:
    """A model of bytes that the guest has; looked at in a process of its own."""
    name = guest.given(lambda: granted_own(guest))
    if name is None:
        return error("security", "no model is granted that agents bring the bytes of")
    if encoding not in ("onnx", "autodetect"):
        return error("invalid-encoding", f"{encoding}: models are of ONNX")
    if target != "cpu" or len(builder) != 1:
        return error("unsupported-operation", "models of one part, on the processor")
    data = builder[0]
    number = guest.given(lambda: ask_as(guest, "slots", name, sha256(data), [data], len(data)))
    if isinstance(number, Err):
        return error_of(number)
    guest.began(number)
    return guest.wait({number: None}, None, lambda it: _loaded(it, number, name, data))


def _loaded(guest: Any, number: int, name: str, data: bytes) -> Graph | Err:
    found = guest.given(lambda: taken(guest, number, "slots"))
    if isinstance(found, Err):
        return error_of(found)
    return Graph(guest.wasi.room, name, data, found[0])


def context_of(guest: Any, graph: Graph) -> Graph:
    """What computes a model; it holds nothing of its own."""
    return Graph(guest.wasi.room, graph.name, graph.data, graph.inputs)


_NAME = "wasi:nn/graph#"
FUNCTIONS = (
    HostFunction(_NAME + "load", load, suspends=True),
    HostFunction(_NAME + "load-by-name", load_by_name),
    HostFunction(_NAME + "[method]graph.init-execution-context", context_of),
)
