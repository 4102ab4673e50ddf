"""What the binding assumes about the library is what the wheel's own bindings declare."""

from __future__ import annotations

import ctypes
from importlib.metadata import version
from pathlib import Path

import pytest
from wasmtime import _bindings as declared
from wasmtime import _ffi

from wasm_engine.runtime._wasmtime import capi, codegen, library


def offsets(structure):
    return [(name, getattr(structure, name).offset) for name, *_ in structure._fields_]


def test_versions_agree():
    assert version("wasmtime") == library.VERSION
    assert Path(library.PATH).samefile(_ffi.filename)


@pytest.mark.parametrize(
    ("name", "size", "fields"),
    [
        ("wasmtime_component_val_t", 32, [("kind", 0), ("of", 8)]),
        ("wasmtime_component_valrecord_entry_t", 48, [("name", 0), ("val", 16)]),
        ("wasmtime_component_valtype_t", 16, [("kind", 0), ("of", 8)]),
        ("wasmtime_component_item_t", 24, [("kind", 0), ("of", 8)]),
        ("wasm_byte_vec_t", 16, [("size", 0), ("data", 8)]),
        ("wasmtime_component_instance_t", 16, None),
        ("wasmtime_component_func_t", 32, None),
        (
            "wasmtime_async_continuation_t",
            24,
            [("callback", 0), ("env", 8), ("finalizer", 16)],
        ),
        (
            "wasmtime_linear_memory_t",
            32,
            [("env", 0), ("get_memory", 8), ("grow_memory", 16), ("finalizer", 24)],
        ),
        ("wasmtime_memory_creator_t", 24, [("env", 0), ("new_memory", 8), ("finalizer", 16)]),
    ],
)
def test_structures(name, size, fields):
    structure = getattr(declared, name)
    assert ctypes.sizeof(structure) == size
    assert fields is None or offsets(structure) == fields


def test_kinds_of_values():
    def kind(name):
        return getattr(_ffi, f"WASMTIME_COMPONENT_{name}").value

    for ty, (number, _, size) in codegen.SCALARS.items():
        assert kind(ty.__name__.upper()) == number
        assert size in (1, 2, 4, 8)
    for name in [
        "BOOL",
        "CHAR",
        "STRING",
        "LIST",
        "RECORD",
        "TUPLE",
        "VARIANT",
        "ENUM",
        "OPTION",
        "RESULT",
        "FLAGS",
        "RESOURCE",
    ]:
        assert kind(name) == getattr(codegen, name)


def test_kinds_of_types():
    names = [
        "BOOL",
        "S8",
        "S16",
        "S32",
        "S64",
        "U8",
        "U16",
        "U32",
        "U64",
        "F32",
        "F64",
        "CHAR",
        "STRING",
        "LIST",
        "RECORD",
        "TUPLE",
        "VARIANT",
        "ENUM",
        "OPTION",
        "RESULT",
        "FLAGS",
        "OWN",
        "BORROW",
        "FUTURE",
        "STREAM",
        "ERROR_CONTEXT",
    ]
    numbers = [getattr(_ffi, f"WASMTIME_COMPONENT_VALTYPE_{name}").value for name in names]
    assert numbers == list(range(len(names)))


def test_every_function_exists_with_as_many_arguments():
    for name, ours in vars(capi).items():
        if not isinstance(ours, ctypes._CFuncPtr):
            continue
        arguments = ours.argtypes
        theirs = getattr(declared, "_" + ours.__name__).argtypes
        assert len(theirs) == len(arguments), name


def test_callbacks_have_the_shape_that_is_declared():
    def arguments(prototype):
        return len(prototype._argtypes_)

    function = declared.wasmtime_component_func_callback_t
    # One less: the number of results is not looked at, and it is the caller who cleans up.
    assert arguments(capi.FUNCTION) == arguments(function) - 1
    assert arguments(capi.ASYNC_FUNCTION) == arguments(
        declared.wasmtime_component_func_async_callback_t
    )
    # Functions of C stand for it, which take a word.
    assert arguments(declared.wasmtime_func_async_continuation_callback_t) == 1
    assert arguments(capi.DESTRUCTOR) == arguments(
        declared.wasmtime_component_resource_destructor_t
    )


def test_memory_callbacks():
    """Each takes and answers what the declared one does: words, whatever they stand for."""
    ours = {
        "wasmtime_new_memory_callback_t": capi.NEW_MEMORY,
        "wasmtime_memory_get_callback_t": capi.GET_MEMORY,
        "wasmtime_memory_grow_callback_t": capi.GROW_MEMORY,
    }
    for name, callback in ours.items():
        found = getattr(declared, name)
        assert len(found._argtypes_) == len(callback._argtypes_), name
        for ty in (*found._argtypes_, *callback._argtypes_, found._restype_, callback._restype_):
            assert ctypes.sizeof(ty) == 8
