"""A source line is found in the memory of a stopped interpreter, or nothing is claimed."""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import random
import struct
import typing
from types import CodeType

import pytest

from wasm_engine.agents.python_frames import frames, line_at


def codes(code: CodeType):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


@pytest.mark.parametrize("module", [argparse, ast, inspect, json.decoder, typing])
def test_lines_are_those_that_python_itself_finds(module):
    for code in codes(compile(inspect.getsource(module), module.__file__, "exec")):
        for start, end, line in code.co_lines():
            for instruction in range(start, end, 2):
                assert line_at(code.co_linetable, code.co_firstlineno, instruction) == line


TABLE = dict.fromkeys(range(80), 0) | {
    0: 0x030E00F0,
    4: 700,  # the runtime's first interpreter
    8: 16,  # an interpreter's first thread
    25: 52,  # a thread's frame
    31: 4, 32: 0, 33: 28,  # a frame: the one before, its code, the instruction
    39: 80, 40: 84, 42: 92, 43: 44, 47: 128,  # a code: file, name, lines, first line, instructions
    74: 8, 75: 16, 78: 8, 79: 20,  # bytes and texts: size, data
}  # fmt: skip


class Memory:
    """A memory with one frame in it, laid out by hand."""

    def __init__(self) -> None:
        self.data = bytearray(8192)
        self.data[256:264] = b"xdebugpy"
        struct.pack_into("<80Q", self.data, 264, *(TABLE[i] for i in range(80)))
        self.pointers = {256 + 700: 1000, 1000 + 16: 1100, 1100 + 52: 1200}
        self.pointers |= {1200: 2000 | 1, 1200 + 4: 0, 1200 + 28: 2000 + 128 + 2}
        self.pointers |= {2000 + 80: 3000, 2000 + 84: 3100, 2000 + 92: 3200, 2000 + 44: 7}
        self.text(3000, b"agent.py")
        self.text(3100, b"greet")
        self.pointers[3200 + 8] = 4
        self.data[3216:3220] = bytes([0x80 | 10 << 3, 0, 0, 0x80 | 11 << 3])

    def text(self, address: int, text: bytes) -> None:
        self.pointers[address + 8] = len(text)
        self.data[address + 20 : address + 20 + len(text)] = text

    def __bytes__(self) -> bytes:
        data = bytearray(self.data)
        for address, value in self.pointers.items():
            struct.pack_into("<I", data, address, value)
        return bytes(data)


def test_a_frame_is_read():
    memory = Memory()
    memory.data[3219:3222] = bytes([0x80 | 11 << 3, 0, 0])
    memory.pointers[3200 + 8] = 6
    assert frames(bytes(memory)) == [("agent.py", 8, "greet")]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (256 + 700, 0),
        (256 + 700, 0xFFFFFFFF),
        (1000 + 16, 9000),
        (1100 + 52, 0),
        (1200, 1 << 31),
        (2000 + 80, 8190),
        (3000 + 8, 0xFFFFFFFF),
        (3200 + 8, 0),
        (264, 0x030D0000),
    ],
)
def test_what_does_not_fit_is_no_frame(address, value):
    memory = Memory()
    memory.pointers[address] = value
    assert frames(bytes(memory)) == []


def test_frames_that_lead_back_to_themselves_end():
    memory = Memory()
    memory.pointers[1200 + 4] = 1200
    memory.data[3219:3222] = bytes([0x80 | 11 << 3, 0, 0])
    memory.pointers[3200 + 8] = 6
    assert len(frames(bytes(memory))) == 100


def test_no_memory_breaks_the_reader():
    chance = random.Random(5)
    for _ in range(300):
        memory = bytearray(bytes(Memory()))
        for _ in range(chance.randrange(1, 8)):
            memory[chance.randrange(264, 3300)] = chance.randrange(256)
        frames(bytes(memory))
    assert frames(b"") == frames(b"xdebugpy") == frames(b"xdebugpy" * 500) == []
