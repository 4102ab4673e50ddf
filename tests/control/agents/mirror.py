"""Reads all of its own linear memory, as no program in Python should be able to.

A bytearray over all of the memory is forged: what the interpreter takes for one is laid out in the
bytes of an honest object, and a function whose code asks for a constant far behind its last one
finds the address of that. So it is bound to the layout of CPython 3.14 on 32 bits.

To read is to write: so the memory is copied at one stroke, into room that was made before, and
from within the very call that suspends this agent, while its last argument is read.
"""

import hashlib
import struct
from opcode import opmap

from wasm_agent import on, send
from wasm_agent.contract import messaging, types

PAGE = 4096
IMMORTAL = 5 << 28
"""A count of references that is not counted."""
END_OF_ALL = (1 << 31) - 1
ROOM = 4 << 20
HEAD_OF_BYTES = bytes.__basicsize__ - 1
HEAD_OF_TUPLE = tuple.__basicsize__
PLACE_IN_BYTEARRAY = 16
"""Where in a bytearray the address of its first byte is."""
KEPT = []
NOTHING = types.Body_Text("")
NO_HEADERS = []


class Looking:
    """Options of a request that copy the memory when they are read, the headers last.

    It is copied before that too, and after it, when the reply is made into an object: what was
    taken from the allocator for the arguments has not been given back yet. These copies are not
    made as the one is, so that they differ also in what is written only while memory is copied.
    """

    timeout = None

    def __init__(self, copies, *memories):
        self.before, self.during, self.after = copies
        self.other, self.memory = (memory[: len(self.during)] for memory in memories)

    @property
    def headers(self):
        self.during[:] = self.memory
        return NO_HEADERS

    def ask(self):
        def arrive(body, value):
            self.after[0:] = self.other
            body.value = value

        made, types.Body_Text.__init__ = types.Body_Text.__init__, arrive
        self.before[0:] = self.other
        messaging.ask("witness", "look", NOTHING, self)
        types.Body_Text.__init__ = made


def object_at(address):
    """What lies at an address, taken for an object."""

    def constant():
        return "any"

    slots = struct.pack("<2I", address, address)
    place = id(slots) + HEAD_OF_BYTES
    place += -place % 4
    plain = constant.__code__
    number = (place - id(plain.co_consts) - HEAD_OF_TUPLE) // 4 % (1 << 30)
    code = [opmap["RESUME"], 0]
    for shift in (24, 16, 8):
        code += [opmap["EXTENDED_ARG"], number >> shift & 255]
    code += [opmap["LOAD_CONST"], number & 255, opmap["RETURN_VALUE"], 0]
    constant.__code__ = plain.replace(co_code=bytes(code))
    return constant()


def all_memory():
    forged = struct.pack("<7I", IMMORTAL, id(bytearray), END_OF_ALL, END_OF_ALL, 0, 0, 0)
    KEPT.append(forged)
    return memoryview(object_at(id(forged) + HEAD_OF_BYTES))


def place_of(array, memory):
    return struct.unpack_from("<I", memory, id(array) + PLACE_IN_BYTEARRAY)[0]


def room_for_copies(memory):
    """Room for three copies of what is below them, and its addresses."""
    size = place_of(bytearray(ROOM), memory) + ROOM
    arrays = [bytearray(size) for _ in range(3)]
    places = [place_of(array, memory) for array in arrays]
    return [memoryview(array)[: min(places)] for array in arrays], places


def pages(copy):
    return [bytes(copy[start : start + PAGE]) for start in range(0, len(copy), PAGE)]


def digest(page):
    return hashlib.blake2b(page, digest_size=32).digest()


@on("show")
def show(message):
    memory = all_memory()
    copies, places = room_for_copies(memory)
    Looking(copies, all_memory(), memory).ask()
    before, during, after = map(pages, copies)
    equal = [a == b == c for a, b, c in zip(before, during, after, strict=True)]
    changing = [number for number, same in enumerate(equal) if not same]
    send("witness", "places", {"copies": places, "end": len(copies[0]), "changing": changing})
    send("witness", "digests", b"".join(map(digest, during)))
    for copy in copies:
        copy[:] = bytes(len(copy))  # it would be kept with the run


@on("look")
def look(message):
    return "seen"


@on("places")
@on("digests")
def told(message):
    pass
