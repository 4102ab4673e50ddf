"""What runs in the compiling child. Imports next to nothing: it must start fast, and may be killed.

Input: for each component a descriptor number and a length (decimal, a line), then the bytes of all.
For each it writes the compiled code to its descriptor and a line to standard output: `done N NOTE`
(see `keeping`), `bad N MESSAGE`, or `large N` where its code exceeds the limit.

What is compiled is the component as `rewrite` gives it: untrusted bytes are taken apart here only.
"""

from __future__ import annotations

import ctypes
import errno
import sys

from wasm_engine.runtime._wasmtime import capi, keeping, profile
from wasm_engine.runtime._wasmtime.rewrite import rewrite


def main(*, as_it_is: bool = False) -> None:
    """Compiles what is on standard input, one component after another.

    Args:
        as_it_is: Nothing is rewritten.
    """
    stdin, stdout = sys.stdin.buffer, sys.stdout
    heads = []
    while (line := stdin.readline()) != b"\n":
        if not line:  # whoever wanted it was killed meanwhile, perhaps before it set our limits
            return
        heads.append(line.split())
    engine = profile.new_engine()
    for number, (descriptor, length) in enumerate(heads):
        try:
            wasm = stdin.read(int(length))
            problem, kept = _rewritten(engine, wasm, int(descriptor), as_it_is=as_it_is)
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            stdout.write(f"large {number}\n")
            return
        if problem:
            line = f"bad {number} {' '.join(problem.split())[:1000]}"
            stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")
        else:
            stdout.write(f"done {number} {kept.noted().decode()}\n")
        stdout.flush()


def _rewritten(
    engine: int, wasm: bytes, descriptor: int, *, as_it_is: bool
) -> tuple[str, keeping.Keeping]:
    """Compiles a component rewritten, or as it is: what is wrong with it is said of the original.

    Returns:
        What is wrong, or nothing; and what can be done with its instances.
    """
    found = rewrite(wasm)
    kept = keeping.Keeping(found.capture, found.rollback, found.slots, found.surplus)
    if as_it_is:
        kept = keeping.Keeping.impossible("it is looked at as it is", kept.surplus)
    elif kept.rewritten and len(kept.noted()) == keeping.SIZE:
        if not _compile(engine, found.wasm, descriptor):
            return "", kept
        kept = keeping.Keeping.impossible("it is not valid once it is rewritten", kept.surplus)
    elif kept.rewritten:
        kept = keeping.Keeping.impossible("it has too many instances", kept.surplus)
    return _compile(engine, wasm, descriptor), kept


def _compile(engine: int, wasm: bytes, descriptor: int) -> str:
    """Writes the compiled code; answers what is wrong, or nothing."""
    component = ctypes.c_void_p()
    out = ctypes.addressof(component)
    error = capi.component_new(engine, id(wasm) + bytes.__basicsize__ - 1, len(wasm), out)
    if error:
        return capi.take_error(error)
    vector = (ctypes.c_size_t * 2)()
    error = capi.component_serialize(component, ctypes.addressof(vector))
    capi.component_delete(component)
    if error:
        return capi.take_error(error)
    code = (ctypes.c_char * vector[0]).from_address(vector[1])
    with open(descriptor, "wb", closefd=False) as file:
        file.write(memoryview(code))
    capi.free_bytes(vector)
    return ""
