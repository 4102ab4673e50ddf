"""The Go glue of the packages beside the contract."""

from __future__ import annotations

from bindings.beside import in_memory
from bindings.golang import HEAD, import_text, type_text
from bindings.golang_store import storer
from bindings.layout import Resolved

_HEAD = """\
// Written by guests/bindings from the WIT of packages beside the contract; do not edit.

package {package}

import (
{imports}
)

// Fault is why something was refused or failed.
type Fault = agent.Fault
"""
_SUPPORT = """
// What the host gave is kept by the allocator, until it is read.
//
//go:linkname given wasm-engine/agent.given
var given map[uint32][]byte

// The place of the last result: the host writes it, and it is read before anybody else calls.
var area [8]uint64

// What has to lie in memory until a call is done; kept here, it is on no stack, which might move.
var kept []unsafe.Pointer

func keep(at unsafe.Pointer) uint32 {
	kept = append(kept, at)
	return uint32(uintptr(at))
}

func letGo() { kept = nil }

// Zeros, aligned for whatever lies in them.
func keepZeros(size int) uint32 { return keep(ofList(make([]uint64, (size+7)/8))) }

// The elements of a list, one behind the other.
func keepEach[T any](list []T, size int, store func(uint32, *T)) uint32 {
	start := keepZeros(len(list) * size)
	for n := range list {
		store(start+uint32(n*size), &list[n])
	}
	return start
}

func setByte(at uint32, value uint8)  { *(*uint8)(unsafe.Pointer(uintptr(at))) = value }
func setWord(at uint32, value uint32) { *(*uint32)(unsafe.Pointer(uintptr(at))) = value }
func setLong(at uint32, value uint64) { *(*uint64)(unsafe.Pointer(uintptr(at))) = value }

func storeText(at uint32, text *string) {
	setWord(at, keep(ofText(*text)))
	setWord(at+4, uint32(len(*text)))
}

func storeList[T any](at uint32, list []T) {
	setWord(at, keep(ofList(list)))
	setWord(at+4, uint32(len(list)))
}

// A list of numbers that the host gave.
func listAt[T any](at uint32) []T {
	start, count := wordAt(at), wordAt(at+4)
	if count == 0 {
		return nil
	}
	copied := append([]T(nil), unsafe.Slice((*T)(unsafe.Pointer(uintptr(start))), count)...)
	delete(given, start)
	return copied
}
"""


def generate(resolved: Resolved, interface: str) -> str:
    """The file of one interface, which is a package."""
    lines = []
    types = resolved.own_types(interface)
    for it in types:
        lines += type_text(it)
    for it in in_memory(resolved, interface):
        lines += storer(it)
    for signature in resolved.signatures(interface):
        lines += import_text(resolved, signature)
    body = "\n".join([support(), *lines])
    names = [f'\t"{name}"' for name in ("math", "unsafe") if f"{name}." in body]
    imports = "\n".join([*names, "", '\t"wasm-engine/agent"'])
    return _HEAD.format(package=package(interface), imports=imports) + body


def package(interface: str) -> str:
    """The package of an interface."""
    return interface.partition("-")[2]


def support() -> str:
    """What the glue of each package stands on: the same as that of the contract."""
    return _SUPPORT + HEAD[HEAD.index("func memory(") : HEAD.index("// Pairs")].rstrip() + "\n"
