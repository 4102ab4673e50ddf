"""What runs in the compiling child. Imports next to nothing: it must start fast, and may be killed.

Input: for each component a descriptor number and a length (decimal, a line), then the bytes of all.
For each it writes the compiled code to its descriptor and a line to standard output: `start N`,
then `done N` or `bad N MESSAGE`.
"""

from __future__ import annotations

import ctypes
import os
import sys

from wasm_engine.runtime._wasmtime import capi, profile


def main() -> None:
    """Compiles what is on standard input, one component after another."""
    stdin = sys.stdin.buffer
    heads = [line.split() for line in iter(stdin.readline, b"\n")]
    engine = profile.new_engine()
    for number, (descriptor, length) in enumerate(heads):
        print("start", number, flush=True)
        problem = _compile(engine, stdin.read(int(length)), int(descriptor))
        line = f"bad {number} {' '.join(problem.split())[:1000]}" if problem else f"done {number}"
        print(line.encode("ascii", "backslashreplace").decode(), flush=True)
    os._exit(0)  # nothing is left to tidy up


def _compile(engine: int, wasm: bytes, descriptor: int) -> str:
    """Writes the compiled code; answers what is wrong, or nothing."""
    component = ctypes.c_void_p()
    out = ctypes.addressof(component)
    error = capi.component_new(engine, id(wasm) + bytes.__basicsize__ - 1, len(wasm), out)
    if error:
        return capi.take_error(error)
    vector = (ctypes.c_size_t * 2)()
    error = capi.component_serialize(component, ctypes.addressof(vector))
    if error:
        return capi.take_error(error)
    code = memoryview((ctypes.c_char * vector[0]).from_address(vector[1])).cast("B")
    while code:
        code = code[os.write(descriptor, code) :]
    capi.component_delete(component)
    return ""
