// Written by guests/bindings from the WIT of packages beside the contract; do not edit.

package models

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

type DataKind uint8

const (
	DataFloat32 DataKind = iota
	DataFloat64
	DataFloat16
	DataBfloat16
	DataInt8
	DataInt16
	DataInt32
	DataInt64
	DataUint8
	DataUint16
	DataUint32
	DataUint64
	DataBoolean
	DataText
)

// Data has the field that its kind names.
type Data struct {
	Kind     DataKind
	Float32  []float32
	Float64  []float64
	Float16  []uint16
	Bfloat16 []uint16
	Int8     []int8
	Int16    []int16
	Int32    []int32
	Int64    []int64
	Uint8    []uint8
	Uint16   []uint16
	Uint32   []uint32
	Uint64   []uint64
	Boolean  []bool
	Text     []string
}

type Tensor struct {
	Name  string
	Shape []uint32
	Data  Data
}

type Slot struct {
	Name     string
	Element  string
	Shape    []*uint32
	Optional bool
}

type Description struct {
	Digest   string
	Portable bool
	Inputs   []Slot
	Outputs  []Slot
}

func storeData(at uint32, it *Data) {
	setByte(at, uint8(it.Kind))
	switch it.Kind {
	case DataFloat32:
		storeList(at+4, it.Float32)
	case DataFloat64:
		storeList(at+4, it.Float64)
	case DataFloat16:
		storeList(at+4, it.Float16)
	case DataBfloat16:
		storeList(at+4, it.Bfloat16)
	case DataInt8:
		storeList(at+4, it.Int8)
	case DataInt16:
		storeList(at+4, it.Int16)
	case DataInt32:
		storeList(at+4, it.Int32)
	case DataInt64:
		storeList(at+4, it.Int64)
	case DataUint8:
		storeList(at+4, it.Uint8)
	case DataUint16:
		storeList(at+4, it.Uint16)
	case DataUint32:
		storeList(at+4, it.Uint32)
	case DataUint64:
		storeList(at+4, it.Uint64)
	case DataBoolean:
		storeList(at+4, it.Boolean)
	case DataText:
		setWord(at+4, keepEach(it.Text, 8, storeText))
		setWord(at+8, uint32(len(it.Text)))
	}
}

func storeTensor(at uint32, it *Tensor) {
	storeText(at, &it.Name)
	storeList(at+8, it.Shape)
	storeData(at+16, &it.Data)
}

//go:wasmimport wasm-engine:inference/models@0.1.0 describe
func rawAbiDescribe(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func abiDescribe(model string) (Description, error) {
	rawAbiDescribe(ofText(model), uint32(len(model)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return Description{}, &fault
	}
	start1, count1 := wordAt(place()+16), wordAt(place()+20)
	list1 := make([]Slot, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*28
		start2, count2 := wordAt(at1+16), wordAt(at1+20)
		list2 := make([]*uint32, count2)
		for n := range list2 {
			at2 := start2 + uint32(n)*8
			var got3 *uint32
			if byteAt(at2) != 0 {
				some := wordAt(at2+4)
				got3 = &some
			}
			list2[n] = got3
		}
		delete(given, start2)
		list1[n] = Slot{Name: textAt(at1), Element: textAt(at1+8), Shape: list2, Optional: byteAt(at1+24) != 0}
	}
	delete(given, start1)
	start4, count4 := wordAt(place()+24), wordAt(place()+28)
	list4 := make([]Slot, count4)
	for n := range list4 {
		at4 := start4 + uint32(n)*28
		start5, count5 := wordAt(at4+16), wordAt(at4+20)
		list5 := make([]*uint32, count5)
		for n := range list5 {
			at5 := start5 + uint32(n)*8
			var got6 *uint32
			if byteAt(at5) != 0 {
				some := wordAt(at5+4)
				got6 = &some
			}
			list5[n] = got6
		}
		delete(given, start5)
		list4[n] = Slot{Name: textAt(at4), Element: textAt(at4+8), Shape: list5, Optional: byteAt(at4+24) != 0}
	}
	delete(given, start4)
	return Description{Digest: textAt(place()+4), Portable: byteAt(place()+12) != 0, Inputs: list1, Outputs: list4}, nil
}

//go:wasmimport wasm-engine:inference/models@0.1.0 run
func rawAbiRun(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 uint64, a6 unsafe.Pointer)

func abiRun(model string, inputs []Tensor, timeout *uint64) ([]Tensor, error) {
	v1 := keepEach(inputs, 28, storeTensor)
	v2, v3 := uint32(0), *new(uint64)
	if timeout != nil {
		v2, v3 = 1, *timeout
	}
	rawAbiRun(ofText(model), uint32(len(model)), unsafe.Pointer(uintptr(v1)), uint32(len(inputs)), v2, v3, unsafe.Pointer(&area))
	letGo()
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return nil, &fault
	}
	start1, count1 := wordAt(place()+4), wordAt(place()+8)
	list1 := make([]Tensor, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*28
		var got2 Data
		got2.Kind = DataKind(byteAt(at1+16))
		if got2.Kind == DataFloat32 {
			got2.Float32 = listAt[float32](at1+20)
		} else if got2.Kind == DataFloat64 {
			got2.Float64 = listAt[float64](at1+20)
		} else if got2.Kind == DataFloat16 {
			got2.Float16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataBfloat16 {
			got2.Bfloat16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataInt8 {
			got2.Int8 = listAt[int8](at1+20)
		} else if got2.Kind == DataInt16 {
			got2.Int16 = listAt[int16](at1+20)
		} else if got2.Kind == DataInt32 {
			got2.Int32 = listAt[int32](at1+20)
		} else if got2.Kind == DataInt64 {
			got2.Int64 = listAt[int64](at1+20)
		} else if got2.Kind == DataUint8 {
			got2.Uint8 = bytesAt(at1+20)
		} else if got2.Kind == DataUint16 {
			got2.Uint16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataUint32 {
			got2.Uint32 = listAt[uint32](at1+20)
		} else if got2.Kind == DataUint64 {
			got2.Uint64 = listAt[uint64](at1+20)
		} else if got2.Kind == DataBoolean {
			got2.Boolean = listAt[bool](at1+20)
		} else {
		start3, count3 := wordAt(at1+20), wordAt(at1+24)
		list3 := make([]string, count3)
		for n := range list3 {
			at3 := start3 + uint32(n)*8
			list3[n] = textAt(at3)
		}
		delete(given, start3)
			got2.Text = list3
		}
		list1[n] = Tensor{Name: textAt(at1), Shape: listAt[uint32](at1+8), Data: got2}
	}
	delete(given, start1)
	return list1, nil
}

//go:wasmimport wasm-engine:inference/models@0.1.0 start
func rawAbiStart(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 uint64, a6 unsafe.Pointer)

func abiStart(model string, inputs []Tensor, timeout *uint64) (uint64, error) {
	v1 := keepEach(inputs, 28, storeTensor)
	v2, v3 := uint32(0), *new(uint64)
	if timeout != nil {
		v2, v3 = 1, *timeout
	}
	rawAbiStart(ofText(model), uint32(len(model)), unsafe.Pointer(uintptr(v1)), uint32(len(inputs)), v2, v3, unsafe.Pointer(&area))
	letGo()
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:inference/models@0.1.0 take
func rawAbiTake(a0 uint64, a1 unsafe.Pointer)

func abiTake(number uint64) ([]Tensor, error) {
	rawAbiTake(number, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return nil, &fault
	}
	start1, count1 := wordAt(place()+4), wordAt(place()+8)
	list1 := make([]Tensor, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*28
		var got2 Data
		got2.Kind = DataKind(byteAt(at1+16))
		if got2.Kind == DataFloat32 {
			got2.Float32 = listAt[float32](at1+20)
		} else if got2.Kind == DataFloat64 {
			got2.Float64 = listAt[float64](at1+20)
		} else if got2.Kind == DataFloat16 {
			got2.Float16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataBfloat16 {
			got2.Bfloat16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataInt8 {
			got2.Int8 = listAt[int8](at1+20)
		} else if got2.Kind == DataInt16 {
			got2.Int16 = listAt[int16](at1+20)
		} else if got2.Kind == DataInt32 {
			got2.Int32 = listAt[int32](at1+20)
		} else if got2.Kind == DataInt64 {
			got2.Int64 = listAt[int64](at1+20)
		} else if got2.Kind == DataUint8 {
			got2.Uint8 = bytesAt(at1+20)
		} else if got2.Kind == DataUint16 {
			got2.Uint16 = listAt[uint16](at1+20)
		} else if got2.Kind == DataUint32 {
			got2.Uint32 = listAt[uint32](at1+20)
		} else if got2.Kind == DataUint64 {
			got2.Uint64 = listAt[uint64](at1+20)
		} else if got2.Kind == DataBoolean {
			got2.Boolean = listAt[bool](at1+20)
		} else {
		start3, count3 := wordAt(at1+20), wordAt(at1+24)
		list3 := make([]string, count3)
		for n := range list3 {
			at3 := start3 + uint32(n)*8
			list3[n] = textAt(at3)
		}
		delete(given, start3)
			got2.Text = list3
		}
		list1[n] = Tensor{Name: textAt(at1), Shape: listAt[uint32](at1+8), Data: got2}
	}
	delete(given, start1)
	return list1, nil
}
