"""The part of Wasmtime's C API that the engine uses, over ctypes, every pointer a plain integer.

The shared library of the `wasmtime` wheel is loaded directly: importing the package itself builds
some thousand ctypes classes (35 ms) of which none is needed here. `tests/binding/test_layout.py`
compares every layout assumed below with the package's own declarations.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_bool, c_char_p, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

from wasm_engine.runtime._wasmtime import library

_P, _Z = c_void_p, c_size_t


_dll = ctypes.CDLL(library.PATH)
# The same functions called with the GIL kept: for those that neither block nor call back.
_short = ctypes.PyDLL(library.PATH)


def _declare(
    dll: ctypes.CDLL, name: str, restype: Any, argtypes: tuple[Any, ...]
) -> Callable[..., Any]:
    function = dll[name]  # a fresh function object: prototypes are ours alone
    function.restype = restype
    function.argtypes = argtypes
    return function


def _blocking(name: str, restype: Any, *argtypes: Any) -> Callable[..., Any]:
    return _declare(_dll, name, restype, argtypes)


def _quick(name: str, restype: Any, *argtypes: Any) -> Callable[..., Any]:
    return _declare(_short, name, restype, argtypes)


# -- configuration and engine
config_new = _quick("wasm_config_new", _P)
config_delete = _quick("wasm_config_delete", None, _P)
engine_new = _quick("wasm_engine_new_with_config", _P, _P)
engine_delete = _quick("wasm_engine_delete", None, _P)
_KINDS = {"bool": c_bool, "size": c_size_t, "u64": c_uint64, "u8": c_uint8}


def config_set(config: int, name: str, kind: str, value: int) -> None:
    """Calls `wasmtime_config_<name>_set`; `kind` is the C type of the value."""
    _quick(f"wasmtime_config_{name}_set", None, _P, _KINDS[kind])(config, value)


config_target = _quick("wasmtime_config_target_set", _P, _P, c_char_p)
config_memory_creator = _quick("wasmtime_config_host_memory_creator_set", None, _P, _P)

# -- errors
error_new = _quick("wasmtime_error_new", _P, c_char_p)
error_delete = _quick("wasmtime_error_delete", None, _P)
_error_message = _quick("wasmtime_error_message", None, _P, _P)
_bytes_delete = _quick("wasm_byte_vec_delete", None, _P)

# -- components
wat_to_wasm = _quick("wasmtime_wat2wasm", _P, c_char_p, _Z, _P)
component_new = _blocking("wasmtime_component_new", _P, _P, _P, _Z, _P)
component_serialize = _blocking("wasmtime_component_serialize", _P, _P, _P)
component_deserialize_file = _blocking("wasmtime_component_deserialize_file", _P, _P, c_char_p, _P)
component_delete = _quick("wasmtime_component_delete", None, _P)
component_type = _quick("wasmtime_component_type", _P, _P)
component_export_index = _quick("wasmtime_component_get_export_index", _P, _P, _P, c_char_p, _Z)
export_index_delete = _quick("wasmtime_component_export_index_delete", None, _P)

# -- stores
store_new = _quick("wasmtime_store_new", _P, _P, _P, _P)
store_delete = _blocking("wasmtime_store_delete", None, _P)
store_context = _quick("wasmtime_store_context", _P, _P)
store_limiter = _quick(
    "wasmtime_store_limiter", None, _P, c_int64, c_int64, c_int64, c_int64, c_int64
)
set_fuel = _quick("wasmtime_context_set_fuel", _P, _P, c_uint64)
get_fuel = _quick("wasmtime_context_get_fuel", _P, _P, _P)
fuel_slice = _quick("wasmtime_context_fuel_async_yield_interval", _P, _P, c_uint64)

# -- linking
linker_new = _quick("wasmtime_component_linker_new", _P, _P)
linker_delete = _quick("wasmtime_component_linker_delete", None, _P)
linker_root = _quick("wasmtime_component_linker_root", _P, _P)
linker_instance_delete = _quick("wasmtime_component_linker_instance_delete", None, _P)
add_instance = _quick("wasmtime_component_linker_instance_add_instance", _P, _P, c_char_p, _Z, _P)
add_func = _quick("wasmtime_component_linker_instance_add_func", _P, _P, c_char_p, _Z, _P, _P, _P)
add_func_async = _quick(
    "wasmtime_component_linker_instance_add_func_async", _P, _P, c_char_p, _Z, _P, _P, _P
)
add_resource = _quick(
    "wasmtime_component_linker_instance_add_resource", _P, _P, c_char_p, _Z, _P, _P, _P, _P
)
resource_type_host = _quick("wasmtime_component_resource_type_new_host", _P, c_uint32)
resource_type_equal = _quick("wasmtime_component_resource_type_equal", c_bool, _P, _P)
resource_type_delete = _quick("wasmtime_component_resource_type_delete", None, _P)

# -- calls: a future is made, polled until it is done, and deleted
instantiate_async = _quick("wasmtime_component_linker_instantiate_async", _P, _P, _P, _P, _P, _P)
call_async = _quick("wasmtime_component_func_call_async", _P, _P, _P, _P, _Z, _P, _Z, _P)
future_poll = _blocking("wasmtime_call_future_poll", c_bool, _P)
future_delete = _quick("wasmtime_call_future_delete", None, _P)
# The same for a call that is not over: its fiber is unwound, so other threads may run meanwhile.
future_cancel = _blocking("wasmtime_call_future_delete", None, _P)
instance_get_func = _quick("wasmtime_component_instance_get_func", c_bool, _P, _P, _P, _P)
val_delete = _quick("wasmtime_component_val_delete", None, _P)
val_clone = _quick("wasmtime_component_val_clone", None, _P, _P)

# -- resources
host_resource_new = _quick("wasmtime_component_resource_host_new", _P, c_bool, c_uint32, c_uint32)
host_resource_delete = _quick("wasmtime_component_resource_host_delete", None, _P)
host_resource_rep = _quick("wasmtime_component_resource_host_rep", c_uint32, _P)
host_to_any = _quick("wasmtime_component_resource_host_to_any", _P, _P, _P, _P)
any_to_host = _quick("wasmtime_component_resource_any_to_host", _P, _P, _P, _P)
any_clone = _quick("wasmtime_component_resource_any_clone", _P, _P)
any_delete = _quick("wasmtime_component_resource_any_delete", None, _P)

# -- callbacks: plain integers in and out, no pointer objects are built
# (the last argument of a function, how many results there are, is left out: it is the caller's)
FUNCTION = ctypes.CFUNCTYPE(_P, _P, _P, _P, _P, _Z, _P)
ASYNC_FUNCTION = ctypes.CFUNCTYPE(None, _P, _P, _P, _P, _Z, _P, _Z, _P, _P)
DESTRUCTOR = ctypes.CFUNCTYPE(_P, _P, _P, c_uint32)
NEW_MEMORY = ctypes.CFUNCTYPE(_P, _P, _P, _Z, _Z, _Z, _Z, _P)
GET_MEMORY = ctypes.CFUNCTYPE(_P, _P, _P, _P)
GROW_MEMORY = ctypes.CFUNCTYPE(_P, _P, _Z)


def address(callback: Any) -> int:
    """The address of a callback made by one of the prototypes above."""
    value = ctypes.cast(callback, c_void_p).value
    assert value is not None
    return value


def take_error(error: int) -> str:
    """The message of an error that the library gave us; the error itself is freed."""
    vector = (c_size_t * 2)()
    _error_message(error, ctypes.addressof(vector))
    text = take_bytes(vector)
    error_delete(error)
    return text.decode("utf-8", "replace")


def take_bytes(vector: ctypes.Array[c_size_t]) -> bytes:
    """The bytes of a `wasm_byte_vec_t { size, data }`, which is freed."""
    data = ctypes.string_at(vector[1], vector[0])
    free_bytes(vector)
    return data


def free_bytes(vector: ctypes.Array[c_size_t]) -> None:
    """Frees what a `wasm_byte_vec_t` points to."""
    _bytes_delete(ctypes.addressof(vector))


def type_function(name: str, restype: Any, *argtypes: Any) -> Callable[..., Any]:
    """One of the many functions that take types apart: `wasmtime_component_<name>`."""
    return _quick(f"wasmtime_component_{name}", restype, *argtypes)
