// Written by guests/bindings from the WIT of packages beside the contract; do not edit.

package swap

import (
	"unsafe"

	"wasm-engine/agent"
)

// Fault is why something was refused or failed.
type Fault = agent.Fault

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

type Standing struct {
	Name    string
	Digest  string
	OnTrial bool
}

//go:wasmimport wasm-engine:swap/swap@0.1.0 swap
func rawAbiSwap(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 uint32, a6 unsafe.Pointer)

func abiSwap(kind string, to string, keepOld *uint32) (uint32, error) {
	v1, v2 := uint32(0), *new(uint32)
	if keepOld != nil {
		v1, v2 = 1, *keepOld
	}
	rawAbiSwap(ofText(kind), uint32(len(kind)), ofText(to), uint32(len(to)), v1, uint32(v2), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return 0, &fault
	}
	return wordAt(place()+4), nil
}

//go:wasmimport wasm-engine:swap/swap@0.1.0 running
func rawAbiRunning(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func abiRunning(kind string) (Standing, error) {
	rawAbiRunning(ofText(kind), uint32(len(kind)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return Standing{}, &fault
	}
	return Standing{Name: textAt(place()+4), Digest: textAt(place()+12), OnTrial: byteAt(place()+20) != 0}, nil
}
