"""What tables for the standard embedder are made of: NumPy files, safetensors, tokenizers."""

from __future__ import annotations

import json
import struct

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.tables import lexical_rows, read_npy, read_safetensors, table

REFUSES = (Misuse,)


def check(data: bytes) -> None:
    """Whatever is read has rows, and these make a table of the size that its head says."""
    if data[:1] == b"{":
        try:
            rows = lexical_rows(json.loads(data), 8)
        except (ValueError, RecursionError):
            return
    else:
        rows = (read_npy if data[:1] == b"\x93" else read_safetensors)(data)
    for small in (False, True):
        made = table(rows, small=small)
        count, size = struct.unpack_from("<2I", made, 12)
        assert (count, size) == (len(rows), len(rows[0]))
        assert len(made) == 32 + count * (4 + size + -size % 4 if small else 4 * size)


def seeds() -> list[bytes]:
    """One of each."""
    numbers = struct.pack("<4f", 1, -2, 0.5, 3)
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n"
    npy = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + numbers
    tensors = {
        "embeddings": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "mapping": {"dtype": "I32", "shape": [2], "data_offsets": [16, 24]},
        "weights": {"dtype": "F16", "shape": [2], "data_offsets": [24, 28]},
    }
    text = json.dumps(tensors).encode()
    data = numbers + struct.pack("<2i", 1, 0) + struct.pack("<2e", 1, 2)
    tokenizer = json.dumps({"model": {"vocab": {"[UNK]": 0, "a": 1, "##b": 2}}}).encode()
    return [npy, len(text).to_bytes(8, "little") + text + data, tokenizer]
