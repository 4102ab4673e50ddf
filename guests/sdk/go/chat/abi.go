// Written by guests/bindings from the WIT of packages beside the contract; do not edit.

package chat

import (
	"math"
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

type Role uint8

const (
	RoleSystem Role = iota
	RoleUser
	RoleAssistant
	RoleTool
)

type Call struct {
	ID        string
	Name      string
	Arguments string
}

type Turn struct {
	Role    Role
	Content string
	Calls   []Call
	Answers *string
}

type Tool struct {
	Name        string
	Description string
	Parameters  string
}

type ChoiceKind uint8

const (
	ChoiceFree ChoiceKind = iota
	ChoiceNone
	ChoiceRequired
	ChoiceNamed
)

// Choice has the field that its kind names.
type Choice struct {
	Kind  ChoiceKind
	Named string
}

type Options struct {
	Tools       []Tool
	Choice      Choice
	Schema      *string
	Most        *uint32
	Temperature *float64
	TopP        *float64
	TopK        *uint32
	Seed        *uint64
	Stop        []string
	Timeout     *uint64
}

type Finish uint8

const (
	FinishStop Finish = iota
	FinishLength
	FinishCalls
	FinishRefused
)

type Usage struct {
	Prompt uint64
	Answer uint64
}

type Answer struct {
	Content string
	Calls   []Call
	Finish  Finish
	Usage   Usage
}

type Description struct {
	Context uint32
	Most    uint32
}

func storeCall(at uint32, it *Call) {
	storeText(at, &it.ID)
	storeText(at+8, &it.Name)
	storeText(at+16, &it.Arguments)
}

func storeTurn(at uint32, it *Turn) {
	setByte(at, uint8(it.Role))
	storeText(at+4, &it.Content)
	setWord(at+12, keepEach(it.Calls, 24, storeCall))
	setWord(at+16, uint32(len(it.Calls)))
	if it.Answers != nil {
		setByte(at+20, 1)
		storeText(at+24, it.Answers)
	}
}

func storeTool(at uint32, it *Tool) {
	storeText(at, &it.Name)
	storeText(at+8, &it.Description)
	storeText(at+16, &it.Parameters)
}

func storeChoice(at uint32, it *Choice) {
	setByte(at, uint8(it.Kind))
	switch it.Kind {
	case ChoiceNamed:
		storeText(at+4, &it.Named)
	}
}

func storeOptions(at uint32, it *Options) {
	setWord(at, keepEach(it.Tools, 24, storeTool))
	setWord(at+4, uint32(len(it.Tools)))
	storeChoice(at+8, &it.Choice)
	if it.Schema != nil {
		setByte(at+20, 1)
		storeText(at+24, it.Schema)
	}
	if it.Most != nil {
		setByte(at+32, 1)
		setWord(at+36, uint32(*it.Most))
	}
	if it.Temperature != nil {
		setByte(at+40, 1)
		setLong(at+48, math.Float64bits(*it.Temperature))
	}
	if it.TopP != nil {
		setByte(at+56, 1)
		setLong(at+64, math.Float64bits(*it.TopP))
	}
	if it.TopK != nil {
		setByte(at+72, 1)
		setWord(at+76, uint32(*it.TopK))
	}
	if it.Seed != nil {
		setByte(at+80, 1)
		setLong(at+88, uint64(*it.Seed))
	}
	setWord(at+96, keepEach(it.Stop, 8, storeText))
	setWord(at+100, uint32(len(it.Stop)))
	if it.Timeout != nil {
		setByte(at+104, 1)
		setLong(at+112, uint64(*it.Timeout))
	}
}

//go:wasmimport wasm-engine:inference/chat@0.1.0 describe
func rawAbiDescribe(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func abiDescribe(model string) (Description, error) {
	rawAbiDescribe(ofText(model), uint32(len(model)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return Description{}, &fault
	}
	return Description{Context: wordAt(place()+4), Most: wordAt(place()+8)}, nil
}

//go:wasmimport wasm-engine:inference/chat@0.1.0 complete
func rawAbiComplete(a0 unsafe.Pointer, a1 unsafe.Pointer)

func abiComplete(model string, turns []Turn, options Options) (Answer, error) {
	v1 := keepZeros(136)
	storeText(v1, &model)
	setWord(v1+8, keepEach(turns, 32, storeTurn))
	setWord(v1+12, uint32(len(turns)))
	storeOptions(v1+16, &options)
	rawAbiComplete(unsafe.Pointer(uintptr(v1)), unsafe.Pointer(&area))
	letGo()
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return Answer{}, &fault
	}
	start1, count1 := wordAt(place()+16), wordAt(place()+20)
	list1 := make([]Call, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*24
		list1[n] = Call{ID: textAt(at1), Name: textAt(at1+8), Arguments: textAt(at1+16)}
	}
	delete(given, start1)
	return Answer{Content: textAt(place()+8), Calls: list1, Finish: Finish(byteAt(place()+24)), Usage: Usage{Prompt: longAt(place()+32), Answer: longAt(place()+40)}}, nil
}

//go:wasmimport wasm-engine:inference/chat@0.1.0 start
func rawAbiStart(a0 unsafe.Pointer, a1 unsafe.Pointer)

func abiStart(model string, turns []Turn, options Options) (uint64, error) {
	v1 := keepZeros(136)
	storeText(v1, &model)
	setWord(v1+8, keepEach(turns, 32, storeTurn))
	setWord(v1+12, uint32(len(turns)))
	storeOptions(v1+16, &options)
	rawAbiStart(unsafe.Pointer(uintptr(v1)), unsafe.Pointer(&area))
	letGo()
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:inference/chat@0.1.0 take
func rawAbiTake(a0 uint64, a1 unsafe.Pointer)

func abiTake(number uint64) (Answer, error) {
	rawAbiTake(number, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return Answer{}, &fault
	}
	start1, count1 := wordAt(place()+16), wordAt(place()+20)
	list1 := make([]Call, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*24
		list1[n] = Call{ID: textAt(at1), Name: textAt(at1+8), Arguments: textAt(at1+16)}
	}
	delete(given, start1)
	return Answer{Content: textAt(place()+8), Calls: list1, Finish: Finish(byteAt(place()+24)), Usage: Usage{Prompt: longAt(place()+32), Answer: longAt(place()+40)}}, nil
}
