"""WIT types as plain data, for the layers above."""

from wasm_engine.runtime._wasmtime.types import (
    U8,
    U16,
    U64,
    Bool,
    Enum,
    FuncType,
    List,
    Option,
    Record,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)

__all__ = [
    "U8",
    "U16",
    "U64",
    "Bool",
    "Enum",
    "FuncType",
    "List",
    "Option",
    "Record",
    "Result",
    "String",
    "Tuple",
    "Type",
    "Variant",
]
