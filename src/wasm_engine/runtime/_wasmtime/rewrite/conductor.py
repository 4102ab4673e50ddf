"""The core module that is added to a component: it acts on all instances of the others."""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.concepts.wasm_binary import leb
from wasm_engine.runtime._wasmtime.rewrite import shadow
from wasm_engine.runtime._wasmtime.rewrite.additions import START, global_name
from wasm_engine.runtime._wasmtime.rewrite.filler import FILL
from wasm_engine.runtime._wasmtime.rewrite.module import HEADER, Module
from wasm_engine.runtime._wasmtime.rewrite.reading import NotKept
from wasm_engine.runtime._wasmtime.rewrite.shadow import Mutable
from wasm_engine.runtime._wasmtime.rewrite.writing import Piece, body, items, name

DROPS = b"drop"
# () -> (), () -> i32, (i32) -> (), (i32) -> i32, (i32) -> i64, (i32, i64) -> ()
_TYPES = [
    b"\x60\0\0", b"\x60\0\x01\x7f", b"\x60\x01\x7f\0", b"\x60\x01\x7f\x01\x7f",
    b"\x60\x01\x7f\x01\x7e", b"\x60\x02\x7f\x7e\0",
]  # fmt: skip
_NOTHING, _FLAG, _TAKE, _SAME, _READ, _WRITE = range(6)


class Instance(NamedTuple):
    """A core instance of the component.

    Attributes:
        number: Which it is.
        module: What it is an instance of.
        filler: The number of the instance that fills its memory; -1 without one.
    """

    number: int
    module: Module
    filler: int


class Conductor:
    """Its code is written instance by instance.

    Attributes:
        functions: What it exports: names in their order.
    """

    def __init__(self, instances: list[Instance], resources: int) -> None:
        self._imported = 0
        self._imports: list[bytes] = []
        self._codes: list[tuple[bytes, int, bytes]] = []
        self._begin = b"".join(map(self._begun, instances))
        drops = [self._import_drop(n) for n in range(resources)]
        self._shadows: list[bytes] = []
        kept = self._globals(instances)
        everything = [each for one in kept for each in one]
        self._codes += [
            (b"begin", _NOTHING, body(self._begin)),
            (b"save", _NOTHING, shadow.save(everything)),
            (b"restore", _NOTHING, shadow.restore(everything)),
            (b"changed", _FLAG, shadow.changed(everything)),
            (b"give", _SAME, body(b"\x20\0")),
        ]
        for k, mutable in enumerate(kept):
            self._codes.append((b"get-%d" % k, _READ, shadow.get(mutable)))
            self._codes.append((b"set-%d" % k, _WRITE, shadow.put(mutable)))
        for n, function in enumerate(drops):
            self._codes.append((b"drop-%d" % n, _TAKE, body(b"\x20\0\x10" + leb(function))))

    @property
    def functions(self) -> list[bytes]:
        """What it exports."""
        return [exported for exported, _, _ in self._codes]

    def pieces(self) -> list[Piece]:
        """The module's bytes."""
        exports = [
            name(exported) + b"\0" + leb(self._imported + place)
            for place, exported in enumerate(self.functions)
        ]
        return [
            HEADER,
            *items(1, _TYPES),
            *items(2, self._imports),
            *items(3, [leb(kind) for _, kind, _ in self._codes]),
            *items(6, self._shadows),
            *items(7, exports),
            *items(10, [code for _, _, code in self._codes]),
        ]

    def _import(self, source: bytes, function: bytes, kind: int) -> int:
        self._imports.append(name(source) + name(function) + b"\0" + leb(kind))
        self._imported += 1
        return self._imported - 1

    def _import_drop(self, resource: int) -> int:
        return self._import(DROPS, b"%d" % resource, _TAKE)

    def _begun(self, it: Instance) -> bytes:
        """The calls that make up for what instantiation does no more."""
        calls = []
        if it.filler >= 0:
            calls.append(self._import(instance_name(it.filler), FILL, _NOTHING))
        if it.module.start >= 0:
            calls.append(self._import(instance_name(it.number), START, _NOTHING))
        return b"".join(b"\x10" + leb(function) for function in calls)

    def _globals(self, instances: list[Instance]) -> list[list[Mutable]]:
        """The mutable globals of each instance that has any, by their numbers here."""
        count = sum(len(it.module.mutable) for it in instances)
        if count > shadow.MOST:
            raise NotKept("it has too many mutable globals")
        kept, number = [], 0
        for it in instances:
            mutable = []
            for place, each in enumerate(it.module.mutable):
                imported = global_name(place) + b"\x03" + bytes((each.type, 1))
                self._imports.append(name(instance_name(it.number)) + imported)
                self._shadows.append(shadow.shadow_of(each.type))
                mutable.append(Mutable(number, each.type, count + number))
                number += 1
            if mutable:
                kept.append(mutable)
        return kept


def instance_name(number: int) -> bytes:
    """What the conductor knows a core instance as."""
    return b"%d" % number
