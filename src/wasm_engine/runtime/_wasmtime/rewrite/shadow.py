"""Mutable globals: kept, taken back, compared, and told and set by number.

Of each there is a second one, which an instance keeps the first one's value in and takes it back
from. By number values travel from one instance to another. All are compared and moved by their
bits.
"""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.concepts.wasm_binary import leb
from wasm_engine.runtime._wasmtime.rewrite.writing import body

V128 = 0x7B
REFERENCES = (0x6F, 0x70)
TYPES = (0x7F, 0x7E, 0x7D, 0x7C, V128, *REFERENCES)
"""Types that globals have."""
MOST = 5_000
"""Mutable globals of a component: what is added grows with them."""

_ZERO = {
    0x7F: b"\x41\x00",
    0x7E: b"\x42\x00",
    0x7D: b"\x43" + bytes(4),
    0x7C: b"\x44" + bytes(8),
    V128: b"\xfd\x0c" + bytes(16),
}
# Type -> instructions that make 64 bits of a value, and a value of 64 bits.
_TO_BITS = {0x7F: b"\xad", 0x7E: b"", 0x7D: b"\xbc\xad", 0x7C: b"\xbd"}
_FROM_BITS = {0x7F: b"\xa7", 0x7E: b"", 0x7D: b"\xa7\xbe", 0x7C: b"\xbf"}
_GET, _SET, _LOCAL_0, _LOCAL_1, _RETURN = b"\x23", b"\x24", b"\x20\x00", b"\x20\x01", b"\x0f"


class Mutable(NamedTuple):
    """A mutable global.

    Attributes:
        number: Which global it is.
        type: Its type, a byte.
        shadow: The number of the global beside it.
    """

    number: int
    type: int
    shadow: int = -1


def shadow_of(value_type: int) -> bytes:
    """A global of the type, as a module's section has it."""
    return bytes((value_type, 1)) + _ZERO[value_type] + b"\x0b"


def slots(mutable: list[Mutable]) -> int:
    """How many numbers of 64 bits hold the values of all."""
    return sum(len(_places(each)) for each in mutable)


def save(mutable: list[Mutable]) -> bytes:
    """The function that keeps all values."""
    pairs = ((_GET + leb(each.number) + _SET + leb(each.shadow)) for each in mutable)
    return body(b"".join(pairs))


def restore(mutable: list[Mutable]) -> bytes:
    """The function that takes all values back."""
    pairs = ((_GET + leb(each.shadow) + _SET + leb(each.number)) for each in mutable)
    return body(b"".join(pairs))


def changed(mutable: list[Mutable]) -> bytes:
    """The function that answers whether any value differs from the one that was kept."""
    code = [b"\x41\x01"]
    for each in mutable:
        ours, kept = _GET + leb(each.number), _GET + leb(each.shadow)
        if each.type == V128:
            differs = ours + kept + b"\xfd\x51\xfd\x53"  # xor, any true
        else:
            bits = _TO_BITS[each.type]
            differs = ours + bits + kept + bits + b"\x52"
        # To the end at once: a sum of thousands of terms takes the compiler's time squared.
        code.append(differs + b"\x0d\x00")
    return body(b"".join(code) + b"\x1a\x41\x00")


def get(mutable: list[Mutable]) -> bytes:
    """The function that answers a slot by its number."""
    return _by_slot([_read(each, lane) for each in mutable for lane in _places(each)])


def put(mutable: list[Mutable]) -> bytes:
    """The function that sets a slot by its number."""
    return _by_slot([_write(each, lane) for each in mutable for lane in _places(each)])


def _places(each: Mutable) -> tuple[int, ...]:
    return (0, 1) if each.type == V128 else (0,)


def _read(each: Mutable, lane: int) -> bytes:
    code = _GET + leb(each.number)
    if each.type == V128:
        return code + b"\xfd\x1d" + leb(lane)
    return code + _TO_BITS[each.type]


def _write(each: Mutable, lane: int) -> bytes:
    place = leb(each.number)
    if each.type == V128:
        return _GET + place + _LOCAL_1 + b"\xfd\x1e" + leb(lane) + _SET + place
    return _LOCAL_1 + _FROM_BITS[each.type] + _SET + place


def _by_slot(cases: list[bytes]) -> bytes:
    """A function that goes by its first argument; a number beyond the last case traps."""
    labels = b"".join(map(leb, range(len(cases) + 1)))
    table = b"\x0e" + leb(len(cases)) + labels
    code = b"\x02\x40" * (len(cases) + 1) + _LOCAL_0 + table
    return body(code + b"".join(b"\x0b" + case + _RETURN for case in cases) + b"\x0b\x00")
