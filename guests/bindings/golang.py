"""The Go glue: types of the contract, imports as functions, exports that call the kit's."""

from __future__ import annotations

from collections.abc import Iterator

from bindings.golang_names import PRIMITIVE_NAMES, camel, named, type_name
from bindings.golang_store import spilled, stored
from bindings.layout import Resolved, Signature, Type

HEAD = """\
// Written by guests/bindings from wit/wasm-engine-agent@0.1.0/agent.wit; do not edit.

package agent

import (
	"runtime"
	"unsafe"
)

// What the host gave is copied and let go of as it is read; until then it is kept here.
var given = map[uint32][]byte{}

// The place of the last result: the host writes it, and it is read before anybody else calls.
var area [8]uint64

//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	block := make([]byte, size+align)
	at := (uint32(uintptr(unsafe.Pointer(unsafe.SliceData(block)))) + align - 1) &^ (align - 1)
	if oldSize > 0 {
		copy(memory(at, size), memory(old, min(oldSize, size)))
		delete(given, old)
	}
	given[at] = block
	return at
}

func memory(at, size uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(uintptr(at))), size)
}

func place() uint32 { return uint32(uintptr(unsafe.Pointer(&area))) }

func byteAt(at uint32) uint8   { return *(*uint8)(unsafe.Pointer(uintptr(at))) }
func shortAt(at uint32) uint16 { return *(*uint16)(unsafe.Pointer(uintptr(at))) }
func wordAt(at uint32) uint32  { return *(*uint32)(unsafe.Pointer(uintptr(at))) }
func longAt(at uint32) uint64  { return *(*uint64)(unsafe.Pointer(uintptr(at))) }

func bytesOf(at, size uint32) []byte {
	if size == 0 {
		return nil
	}
	copied := append([]byte(nil), memory(at, size)...)
	delete(given, at)
	return copied
}

func textOf(at, size uint32) string {
	if size == 0 {
		return ""
	}
	copied := string(memory(at, size))
	delete(given, at)
	return copied
}

func bytesAt(at uint32) []byte { return bytesOf(wordAt(at), wordAt(at+4)) }
func textAt(at uint32) string  { return textOf(wordAt(at), wordAt(at+4)) }

func ofText(text string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(text)) }
func ofList[T any](list []T) unsafe.Pointer {
	if len(list) == 0 {
		return unsafe.Pointer(&area) // any aligned address will do
	}
	return unsafe.Pointer(unsafe.SliceData(list))
}

// Pairs as the host has them; the texts are kept by whoever has the pairs.
func pairs(list [][2]string) []uint32 {
	made := make([]uint32, 0, 4*len(list))
	for n := range list {
		for _, text := range list[n] {
			made = append(made, uint32(uintptr(ofText(text))), uint32(len(text)))
		}
	}
	return made
}
"""
_LOADS = {"u8": "byteAt", "u16": "shortAt", "u32": "wordAt", "u64": "longAt"}


def generate(resolved: Resolved, world: str) -> str:
    """The whole file."""
    shape = resolved.contract.worlds[world]
    lines = [HEAD]
    for interface in resolved.contract.interfaces:
        if interface == "types" or interface in (*shape.imports, *shape.exports):
            for it in resolved.own_types(interface):
                lines += type_text(it)
    for interface in shape.imports:
        for signature in resolved.signatures(interface):
            lines += import_text(resolved, signature)
    for interface in shape.exports:
        for signature in resolved.signatures(interface):
            lines += _export(resolved, signature)
    return "\n".join(lines)


def type_text(it: Type) -> list[str]:
    """A type's definition."""
    name = named(it)
    if it.form == "record":
        fields = [f"\t{camel(n, public=True)} {type_name(part)}" for n, part in it.parts if part]
        return [f"type {name} struct {{", *_columns(fields), "}", ""]
    cases = [f"\t{name}{camel(n, public=True)}" for n, _ in it.parts]
    if it.form == "enum":
        return [
            f"type {name} uint8",
            "",
            "const (",
            f"{cases[0]} {name} = iota",
            *cases[1:],
            ")",
            "",
        ]
    fields = [f"\t{camel(n, public=True)} {type_name(part)}" for n, part in it.parts if part]
    kind = f"{name}Kind"
    return [
        f"type {kind} uint8",
        "",
        "const (",
        f"{cases[0]} {kind} = iota",
        *cases[1:],
        ")",
        "",
        f"// {name} has the field that its kind names.",
        f"type {name} struct {{",
        *_columns([f"\tKind {kind}", *fields]),
        "}",
        "",
    ]


def _columns(fields: list[str]) -> list[str]:
    """Fields as gofmt has them: the types below each other."""
    pairs = [field.split(" ", 1) for field in fields]
    width = max(len(name) for name, _ in pairs)
    return [f"{name.ljust(width)} {kind}" for name, kind in pairs]


def _function(it: Signature) -> str:
    beside = "-" in it.interface
    return ("abi" if beside else camel(it.interface, public=False)) + camel(it.name, public=True)


def import_text(resolved: Resolved, it: Signature) -> list[str]:
    """An import, as the host has it and as the kit calls it."""
    writer = _Writer()
    if it.spilled:
        arguments, kinds = writer.spill(it.spilled), ["unsafe.Pointer"]
    else:
        arguments = [
            a for name, part in it.parameters for a in writer.lower(part, camel(name, public=False))
        ]
        kinds = [kind for _, part in it.parameters for kind in _raw(part)]
    name = _function(it)
    raw = ", ".join(f"a{n} {kind}" for n, kind in enumerate([*kinds, *_place(it)]))
    flat_result = {None: "", "i32": " uint32", "i64": " uint64"}[it.flat_result]
    parameters = ", ".join(f"{camel(n, public=False)} {type_name(p)}" for n, p in it.parameters)
    call = f"raw{name[0].upper()}{name[1:]}"
    full = resolved.contract.full_name(it.interface)
    body = list(writer.lines)
    if it.returns_in_memory:
        assert it.result is not None
        body.append(f"{call}({', '.join([*arguments, 'unsafe.Pointer(&area)'])})")
        body += writer.after
        body += _answer(it.result)
    elif it.result is not None:
        value = f"{call}({', '.join(arguments)})"
        body.append(f"return {value} != 0" if it.result.form == "bool" else f"return {value}")
    else:
        body.append(f"{call}({', '.join(arguments)})")
    return [
        f"//go:wasmimport {full} {it.name}",
        f"func {call}({raw}){flat_result}",
        "",
        f"func {name}({parameters}){_results(it.result)} {{",
        *(f"\t{line}" for line in body),
        "}",
        "",
    ]


def _place(it: Signature) -> list[str]:
    return ["unsafe.Pointer"] if it.returns_in_memory else []


def _raw(it: Type) -> list[str]:
    """The types of the raw arguments: pointers are seen by the collector."""
    if it.form in ("string", "list"):
        return ["unsafe.Pointer", "uint32"]
    if it.form in ("record", "tuple"):
        return [kind for _, part in it.parts if part for kind in _raw(part)]
    if it.form in ("variant", "option"):
        widest = max((_raw(part) for _, part in it.cases if part), key=len)
        return ["uint32", *widest]
    return ["uint64" if it.form == "u64" else "uint32"]


def _results(it: Type | None) -> str:
    if it is None:
        return ""
    if it.form == "result":
        ok = it.parts[0][1]
        return f" ({type_name(ok)}, error)" if ok else " error"
    return f" {type_name(it)}"


def _answer(it: Type) -> Iterator[str]:
    """Statements that return what lies in the place."""
    loader = _Loader()
    if it.form != "result":
        value = loader.load(it, "place()", 0)
        yield from loader.lines
        yield f"return {value}"
        return
    (_, ok), (_, error) = it.parts
    assert error is not None
    fault = _Loader()
    text = fault.load(error, "place()", it.payload_at)
    yield "if byteAt(place()) != 0 {"
    yield f"\tfault := {text}"
    yield "\treturn &fault" if ok is None else f"\treturn {_zero(ok)}, &fault"
    yield "}"
    if ok is None:
        yield "return nil"
        return
    value = loader.load(ok, "place()", it.payload_at)
    yield from loader.lines
    yield f"return {value}, nil"


def _zero(it: Type) -> str:
    if it.form in ("list", "option"):
        return "nil"
    if it.form == "enum":
        return "0"
    if it.form == "string":
        return '""'
    return f"{type_name(it)}{{}}" if it.form in ("record", "variant", "tuple") else "0"


class _Writer:
    """Statements that make the raw arguments of a call."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.after: list[str] = []
        self._count = 0

    def lower(self, it: Type, value: str) -> list[str]:
        """The raw arguments of a value."""
        if it.form == "u64":
            return [value]
        if it.form == "string":
            return [f"ofText({value})", f"uint32(len({value}))"]
        if it.form == "list":
            return self._list(it, value)
        if it.form in ("record", "tuple"):
            return [a for n, part in it.parts if part
                    for a in self.lower(part, f"{value}.{camel(n, public=True)}")]  # fmt: skip
        if it.form == "option":
            return self._option(it, value)
        if it.form == "variant":
            return self._variant(it, value)
        return [f"uint32({value})"]

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _list(self, it: Type, value: str) -> list[str]:
        if not it.is_plain_list and it.item.form != "tuple":
            name = self._fresh()
            self._keep(f"{name} := {stored(it, value)}")
            return [f"unsafe.Pointer(uintptr({name}))", f"uint32(len({value}))"]
        if it.item.form == "tuple":
            name = self._fresh()
            self.lines.append(f"{name} := pairs({value})")
            self.after.append(f"runtime.KeepAlive({value})")
            return [f"ofList({name})", f"uint32(len({value}))"]
        return [f"ofList({value})", f"uint32(len({value}))"]

    def _keep(self, *lines: str) -> None:
        self.lines += lines
        if "letGo()" not in self.after:
            self.after.append("letGo()")

    def spill(self, it: Type) -> list[str]:
        """All arguments in one place in memory, by their names."""
        name = self._fresh()
        self._keep(f"{name} := keepZeros({it.size})")
        for field, part, at in it.fields():
            self.lines += spilled(part, camel(field, public=False), name, at)
        return [f"unsafe.Pointer(uintptr({name}))"]

    def _option(self, it: Type, value: str) -> list[str]:
        it.passed(it.item)
        some, name = self._fresh(), self._fresh()
        kind = type_name(it.item)
        self.lines.append(f"{some}, {name} := uint32(0), *new({kind})")
        self.lines += [f"if {value} != nil {{", f"\t{some}, {name} = 1, *{value}", "}"]
        return [some, *self.lower(it.item, name)]

    def _variant(self, it: Type, value: str) -> list[str]:
        if any(part is None or part.form not in ("string", "list") for _, part in it.parts):
            raise NotImplementedError("a variant whose cases are no text or list")
        start, size = self._fresh(), self._fresh()
        kind = named(it)
        first, *rest = [n for n, _ in it.parts]
        parts = dict(it.parts)

        def pair(case: str) -> str:
            part = parts[case]
            assert part is not None
            return ", ".join(self.lower(part, f"{value}.{camel(case, public=True)}"))

        self.lines.append(f"{start}, {size} := {pair(first)}")
        for case in rest:
            self.lines.append(f"if {value}.Kind == {kind}{camel(case, public=True)} {{")
            self.lines += [f"\t{start}, {size} = {pair(case)}", "}"]
        return [f"uint32({value}.Kind)", start, size]


class _Loader:
    """Expressions that take values out of memory, and statements that they need before."""

    def __init__(self, count: int = 0) -> None:
        self.lines: list[str] = []
        self.count = count

    def load(self, it: Type, base: str, at: int) -> str:
        """An expression for the value that lies there."""
        place = f"{base}+{at}" if at else base
        if it.form in _LOADS:
            return f"{_LOADS[it.form]}({place})"
        if it.form == "bool":
            return f"byteAt({place}) != 0"
        if it.form == "string":
            return f"textAt({place})"
        if it.form == "enum":
            return f"{named(it)}(byteAt({place}))"
        if it.is_bytes:
            return f"bytesAt({place})"
        if it.is_plain_list:
            return f"listAt[{type_name(it.item)}]({place})"
        if it.form == "list":
            return self.list(it, f"wordAt({place})", f"wordAt({base}+{at + 4})")
        if it.form == "record":
            fields = (
                f"{camel(n, public=True)}: {self.load(part, base, at + o)}"
                for n, part, o in it.fields()
            )
            return f"{type_name(it)}{{{', '.join(fields)}}}"
        if it.form == "tuple":
            parts = (self.load(part, base, at + o) for _, part, o in it.fields())
            return f"{type_name(it)}{{{', '.join(parts)}}}"
        return self.cases(
            it, f"byteAt({place})", lambda part: self.load(part, base, at + it.payload_at)
        )

    def list(self, it: Type, start: str, count: str) -> str:
        """A list out of its place, which is let go of."""
        self.count += 1
        name, at = f"list{self.count}", f"at{self.count}"
        inner, first = _Loader(self.count), f"start{self.count}"
        value = inner.load(it.item, at, 0)
        self.lines += [
            f"{first}, count{self.count} := {start}, {count}",
            f"{name} := make({type_name(it)}, count{self.count})",
            f"for n := range {name} {{",
            f"\t{at} := {first} + uint32(n)*{it.item.size}",
            *(f"\t{line}" for line in inner.lines),
            f"\t{name}[n] = {value}",
            "}",
            f"delete(given, {first})",
        ]
        self.count = inner.count
        return name

    def cases(self, it: Type, tag: str, payload: object) -> str:
        """A variant or an option, in a variable of its own."""
        self.count += 1
        name = f"got{self.count}"
        self.lines.append(f"var {name} {type_name(it)}")
        if it.form == "option":
            self.lines.append(f"if {tag} != 0 {{")
            self.lines += [f"\tsome := {payload(it.item)}", f"\t{name} = &some", "}"]  # type: ignore[operator]
            return name
        kind = named(it)
        self.lines.append(f"{name}.Kind = {kind}Kind({tag})")
        for number, (case, part) in enumerate(it.parts):
            word = "if" if number == 0 else "} else if" if number < len(it.parts) - 1 else "} else"
            test = f" {name}.Kind == {kind}{camel(case, public=True)}" if word != "} else" else ""
            self.lines.append(f"{word}{test} {{")
            self.lines.append(f"\t{name}.{camel(case, public=True)} = {payload(part)}")  # type: ignore[operator]
        self.lines.append("}")
        return name

    def lift(self, it: Type, arguments: list[str]) -> str:
        """An expression for the value that core arguments make, which are used up."""
        if it.form in PRIMITIVE_NAMES:
            return arguments.pop(0)
        if it.form == "string":
            return f"textOf({arguments.pop(0)}, {arguments.pop(0)})"
        if it.is_bytes:
            return f"bytesOf({arguments.pop(0)}, {arguments.pop(0)})"
        if it.form == "list":
            return self.list(it, arguments.pop(0), arguments.pop(0))
        if it.form == "record":
            fields = [
                f"{camel(n, public=True)}: {self.lift(part, arguments)}"
                for n, part in it.parts
                if part
            ]
            return f"{type_name(it)}{{{', '.join(fields)}}}"
        own = [arguments.pop(0) for _ in it.flat]
        return self.cases(it, own[0], lambda part: self.lift(part, own[1:]))


_OUTCOME = ["i32"] * 5


def _export(resolved: Resolved, it: Signature) -> list[str]:
    """The function that the host calls: it calls `exported` and its name, a variable of the kit."""
    if it.result is None or it.result.flat != _OUTCOME:
        raise NotImplementedError("an export that answers something else than a fault")
    cores = [core for _, part in it.parameters for core in part.flat]
    names = [f"a{n}" for n in range(len(cores))]
    head = ", ".join(
        f"{a} {'uint64' if core == 'i64' else 'uint32'}"
        for a, core in zip(names, cores, strict=True)
    )
    loader, rest = _Loader(), list(names)
    arguments = ", ".join(loader.lift(part, rest) for _, part in it.parameters)
    name = camel(it.name, public=True)
    return [
        f"//go:wasmexport {resolved.contract.full_name(it.interface)}#{it.name}",
        f"func export{name}({head}) uint32 {{",
        *(f"\t{line}" for line in loader.lines),
        f"\treturn give(exported{name}({arguments}))",
        "}",
        "",
    ]
