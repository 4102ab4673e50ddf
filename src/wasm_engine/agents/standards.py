"""Interfaces of WASI that are proposals still, as this engine has them: their functions' types.

A component that was built for another draft is refused as it is loaded, and not by a call that goes
wrong later. A test holds this against the WIT texts.
"""

from __future__ import annotations

from collections.abc import Mapping

_ERROR = "variant { no-such-store, access-denied, other(string) }"
_DONE = f"result<_, {_ERROR}>"
_VALUE = f"result<option<list<u8>>, {_ERROR}>"
_PAGE = "record { keys: list<string>, cursor: option<string> }"
_CAS_ERROR = f"variant {{ store-error({_ERROR}), cas-failed(cas) }}"
_PAIRS = "list<option<tuple<string, list<u8>>>>"
_PLACE = "record { container: string, object: string }"
_OBJECT = "record { name: string, container: string, created-at: u64, size: u64 }"
_ELEMENT = "enum { FP16, FP32, FP64, BF16, U8, I32, I64 }"
_ENCODING = "enum { openvino, onnx, tensorflow, pytorch, tensorflowlite, ggml, autodetect }"
_NN_CODE = (
    "enum { invalid-argument, invalid-encoding, timeout, runtime-error, unsupported-operation, "
    "too-large, not-found, security, unknown }"
)
_MAYBE = "option<string>"
_TEXTS = "list<tuple<string, string>>"


def _methods(resource: str, functions: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Parameters after the handle, and result, of each method of a resource."""
    handle = f"self: borrow<{resource}>"
    return {
        f"[method]{resource}.{name}": f"func({handle}{', ' * bool(more)}{more}) -> {result}"
        for name, (more, result) in functions.items()
    }


TYPES: Mapping[str, Mapping[str, str]] = {
    "wasi:keyvalue/store": {
        "open": f"func(identifier: string) -> result<bucket, {_ERROR}>",
        **_methods(
            "bucket",
            {
                "get": ("key: string", _VALUE),
                "set": ("key: string, value: list<u8>", _DONE),
                "delete": ("key: string", _DONE),
                "exists": ("key: string", f"result<bool, {_ERROR}>"),
                "list-keys": (f"cursor: {_MAYBE}", f"result<{_PAGE}, {_ERROR}>"),
            },
        ),
    },
    "wasi:keyvalue/atomics": {
        "[static]cas.new": f"func(bucket: borrow<bucket>, key: string) -> result<cas, {_ERROR}>",
        **_methods("cas", {"current": ("", _VALUE)}),
        "increment": (
            f"func(bucket: borrow<bucket>, key: string, delta: s64) -> result<s64, {_ERROR}>"
        ),
        "swap": f"func(cas: cas, value: list<u8>) -> result<_, {_CAS_ERROR}>",
    },
    "wasi:keyvalue/batch": {
        "get-many": (
            f"func(bucket: borrow<bucket>, keys: list<string>) -> result<{_PAIRS}, {_ERROR}>"
        ),
        "set-many": (
            "func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> " + _DONE
        ),
        "delete-many": f"func(bucket: borrow<bucket>, keys: list<string>) -> {_DONE}",
    },
    "wasi:blobstore/types": {
        "[static]outgoing-value.new-outgoing-value": "func() -> outgoing-value",
        **_methods("outgoing-value", {"outgoing-value-write-body": ("", "result<output-stream>")}),
        "[static]outgoing-value.finish": "func(this: outgoing-value) -> result<_, string>",
        "[static]incoming-value.incoming-value-consume-sync": (
            "func(this: incoming-value) -> result<list<u8>, string>"
        ),
        "[static]incoming-value.incoming-value-consume-async": (
            "func(this: incoming-value) -> result<input-stream, string>"
        ),
        **_methods("incoming-value", {"size": ("", "u64")}),
    },
    "wasi:blobstore/container": {
        **_methods(
            "container",
            {
                "name": ("", "result<string, string>"),
                "info": ("", "result<record { name: string, created-at: u64 }, string>"),
                "get-data": (
                    "name: string, start: u64, end: u64",
                    "result<incoming-value, string>",
                ),
                "write-data": (
                    "name: string, data: borrow<outgoing-value>",
                    "result<_, string>",
                ),
                "list-objects": ("", "result<stream-object-names, string>"),
                "delete-object": ("name: string", "result<_, string>"),
                "delete-objects": ("names: list<string>", "result<_, string>"),
                "has-object": ("name: string", "result<bool, string>"),
                "object-info": ("name: string", f"result<{_OBJECT}, string>"),
                "clear": ("", "result<_, string>"),
            },
        ),
        **_methods(
            "stream-object-names",
            {
                "read-stream-object-names": (
                    "len: u64",
                    "result<tuple<list<string>, bool>, string>",
                ),
                "skip-stream-object-names": ("num: u64", "result<tuple<u64, bool>, string>"),
            },
        ),
    },
    "wasi:blobstore/blobstore": {
        "create-container": "func(name: string) -> result<container, string>",
        "get-container": "func(name: string) -> result<container, string>",
        "delete-container": "func(name: string) -> result<_, string>",
        "container-exists": "func(name: string) -> result<bool, string>",
        "copy-object": f"func(src: {_PLACE}, dest: {_PLACE}) -> result<_, string>",
        "move-object": f"func(src: {_PLACE}, dest: {_PLACE}) -> result<_, string>",
    },
    "wasi:nn/tensor": {
        "[constructor]tensor": (
            f"func(dimensions: list<u32>, ty: {_ELEMENT}, data: list<u8>) -> tensor"
        ),
        **_methods(
            "tensor",
            {"dimensions": ("", "list<u32>"), "ty": ("", _ELEMENT), "data": ("", "list<u8>")},
        ),
    },
    "wasi:nn/errors": _methods("error", {"code": ("", _NN_CODE), "data": ("", "string")}),
    "wasi:nn/inference": _methods(
        "graph-execution-context",
        {
            "compute": (
                "inputs: list<tuple<string, tensor>>",
                "result<list<tuple<string, tensor>>, error>",
            )
        },
    ),
    "wasi:nn/graph": {
        **_methods(
            "graph", {"init-execution-context": ("", "result<graph-execution-context, error>")}
        ),
        "load": (
            f"func(builder: list<list<u8>>, encoding: {_ENCODING}, "
            "target: enum { cpu, gpu, tpu }) -> result<graph, error>"
        ),
        "load-by-name": "func(name: string) -> result<graph, error>",
    },
    "wasi:config/store": {
        "get": f"func(key: string) -> {_MAYBE}",
        "get-all": f"func() -> {_TEXTS}",
    },
    "wasi:logging/logging": {
        "log": (
            "func(level: enum { trace, debug, info, warn, error, critical }, "
            "context: string, message: string)"
        )
    },
}
"""By interface (without its version) and function: the type, as it is written."""

ALIKE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "wasi:config/store": {
        "get": ("func(key: string) -> result<option<string>, ",),
        "get-all": (f"func() -> result<{_TEXTS}, ",),
    },
}
"""How types of other drafts begin whose values are the same: they are taken, too."""


def other_type(interface: str, function: str, found: str) -> str | None:
    """The type that a function has here, if the one that was found will not do; else None.

    Args:
        interface: Its name, without version.
        function: The function's.
        found: The type that a component imports it with.
    """
    wanted = TYPES.get(interface, {}).get(function)
    alike = ALIKE.get(interface, {}).get(function, ())
    fits = wanted is None or found == wanted or (alike and found.startswith(alike))
    return None if fits else wanted
