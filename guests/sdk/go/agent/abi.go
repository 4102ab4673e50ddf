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

type BodyKind uint8

const (
	BodyText BodyKind = iota
	BodyBytes
)

// Body has the field that its kind names.
type Body struct {
	Kind  BodyKind
	Text  string
	Bytes []uint8
}

type Message struct {
	ID      uint64
	Sender  string
	Topic   string
	Body    Body
	Headers [][2]string
	Request *uint64
}

type Fault struct {
	Code   string
	Detail string
}

type Options struct {
	Timeout *uint64
	Headers [][2]string
}

type Tool struct {
	Name         string
	Description  string
	InputSchema  string
	OutputSchema string
}

type HTTPRequest struct {
	Method  string
	URL     string
	Headers [][2]string
	Body    *Body
	Timeout *uint64
}

type HTTPResponse struct {
	Status  uint16
	Headers [][2]string
	Body    Body
}

type Level uint8

const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarning
	LevelError
)

//go:wasmimport wasm-engine:agent/messaging@0.1.0 send
func rawMessagingSend(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 unsafe.Pointer, a6 uint32, a7 uint32, a8 uint64, a9 unsafe.Pointer, a10 uint32, a11 unsafe.Pointer)

func messagingSend(to string, topic string, body Body, options Options) error {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	v3, v4 := uint32(0), *new(uint64)
	if options.Timeout != nil {
		v3, v4 = 1, *options.Timeout
	}
	v5 := pairs(options.Headers)
	rawMessagingSend(ofText(to), uint32(len(to)), ofText(topic), uint32(len(topic)), uint32(body.Kind), v1, v2, v3, v4, ofList(v5), uint32(len(options.Headers)), unsafe.Pointer(&area))
	runtime.KeepAlive(options.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 publish
func rawMessagingPublish(a0 unsafe.Pointer, a1 uint32, a2 uint32, a3 unsafe.Pointer, a4 uint32, a5 uint32, a6 uint64, a7 unsafe.Pointer, a8 uint32, a9 unsafe.Pointer)

func messagingPublish(topic string, body Body, options Options) error {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	v3, v4 := uint32(0), *new(uint64)
	if options.Timeout != nil {
		v3, v4 = 1, *options.Timeout
	}
	v5 := pairs(options.Headers)
	rawMessagingPublish(ofText(topic), uint32(len(topic)), uint32(body.Kind), v1, v2, v3, v4, ofList(v5), uint32(len(options.Headers)), unsafe.Pointer(&area))
	runtime.KeepAlive(options.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 reply
func rawMessagingReply(a0 uint32, a1 unsafe.Pointer, a2 uint32, a3 unsafe.Pointer)

func messagingReply(body Body) error {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	rawMessagingReply(uint32(body.Kind), v1, v2, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 defer
func rawMessagingDefer(a0 unsafe.Pointer)

func messagingDefer() (uint64, error) {
	rawMessagingDefer(unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 reply-to
func rawMessagingReplyTo(a0 uint64, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer)

func messagingReplyTo(request uint64, body Body) error {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	rawMessagingReplyTo(request, uint32(body.Kind), v1, v2, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 ask
func rawMessagingAsk(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 unsafe.Pointer, a6 uint32, a7 uint32, a8 uint64, a9 unsafe.Pointer, a10 uint32, a11 unsafe.Pointer)

func messagingAsk(to string, topic string, body Body, options Options) (Body, error) {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	v3, v4 := uint32(0), *new(uint64)
	if options.Timeout != nil {
		v3, v4 = 1, *options.Timeout
	}
	v5 := pairs(options.Headers)
	rawMessagingAsk(ofText(to), uint32(len(to)), ofText(topic), uint32(len(topic)), uint32(body.Kind), v1, v2, v3, v4, ofList(v5), uint32(len(options.Headers)), unsafe.Pointer(&area))
	runtime.KeepAlive(options.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return Body{}, &fault
	}
	var got1 Body
	got1.Kind = BodyKind(byteAt(place()+4))
	if got1.Kind == BodyText {
		got1.Text = textAt(place()+8)
	} else {
		got1.Bytes = bytesAt(place()+8)
	}
	return got1, nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 start
func rawMessagingStart(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 uint32, a5 unsafe.Pointer, a6 uint32, a7 uint32, a8 uint64, a9 unsafe.Pointer, a10 uint32, a11 unsafe.Pointer)

func messagingStart(to string, topic string, body Body, options Options) (uint64, error) {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	v3, v4 := uint32(0), *new(uint64)
	if options.Timeout != nil {
		v3, v4 = 1, *options.Timeout
	}
	v5 := pairs(options.Headers)
	rawMessagingStart(ofText(to), uint32(len(to)), ofText(topic), uint32(len(topic)), uint32(body.Kind), v1, v2, v3, v4, ofList(v5), uint32(len(options.Headers)), unsafe.Pointer(&area))
	runtime.KeepAlive(options.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 wait-any
func rawMessagingWaitAny(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func messagingWaitAny(requests []uint64) (uint64, error) {
	rawMessagingWaitAny(ofList(requests), uint32(len(requests)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 take
func rawMessagingTake(a0 uint64, a1 unsafe.Pointer)

func messagingTake(request uint64) (Body, error) {
	rawMessagingTake(request, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return Body{}, &fault
	}
	var got1 Body
	got1.Kind = BodyKind(byteAt(place()+4))
	if got1.Kind == BodyText {
		got1.Text = textAt(place()+8)
	} else {
		got1.Bytes = bytesAt(place()+8)
	}
	return got1, nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 cancel-request
func rawMessagingCancelRequest(a0 uint64)

func messagingCancelRequest(request uint64) {
	rawMessagingCancelRequest(request)
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 schedule
func rawMessagingSchedule(a0 uint64, a1 unsafe.Pointer, a2 uint32, a3 uint32, a4 unsafe.Pointer, a5 uint32, a6 unsafe.Pointer)

func messagingSchedule(after uint64, topic string, body Body) (uint64, error) {
	v1, v2 := ofText(body.Text), uint32(len(body.Text))
	if body.Kind == BodyBytes {
		v1, v2 = ofList(body.Bytes), uint32(len(body.Bytes))
	}
	rawMessagingSchedule(after, ofText(topic), uint32(len(topic)), uint32(body.Kind), v1, v2, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:agent/messaging@0.1.0 cancel
func rawMessagingCancel(a0 uint64) uint32

func messagingCancel(id uint64) bool {
	return rawMessagingCancel(id) != 0
}

//go:wasmimport wasm-engine:agent/agents@0.1.0 spawn
func rawAgentsSpawn(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer, a5 uint32, a6 unsafe.Pointer)

func agentsSpawn(kind string, key string, config string) (string, error) {
	rawAgentsSpawn(ofText(kind), uint32(len(kind)), ofText(key), uint32(len(key)), ofText(config), uint32(len(config)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return "", &fault
	}
	return textAt(place()+4), nil
}

//go:wasmimport wasm-engine:agent/agents@0.1.0 stop
func rawAgentsStop(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func agentsStop(agent string) error {
	rawAgentsStop(ofText(agent), uint32(len(agent)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/agents@0.1.0 watch
func rawAgentsWatch(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func agentsWatch(agent string) error {
	rawAgentsWatch(ofText(agent), uint32(len(agent)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/state@0.1.0 get
func rawStateGet(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func stateGet(key string) *string {
	rawStateGet(ofText(key), uint32(len(key)), unsafe.Pointer(&area))
	var got1 *string
	if byteAt(place()) != 0 {
		some := textAt(place()+4)
		got1 = &some
	}
	return got1
}

//go:wasmimport wasm-engine:agent/state@0.1.0 set
func rawStateSet(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer)

func stateSet(key string, value string) error {
	rawStateSet(ofText(key), uint32(len(key)), ofText(value), uint32(len(value)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/state@0.1.0 delete
func rawStateDelete(a0 unsafe.Pointer, a1 uint32)

func stateDelete(key string) {
	rawStateDelete(ofText(key), uint32(len(key)))
}

//go:wasmimport wasm-engine:agent/state@0.1.0 keys
func rawStateKeys(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func stateKeys(prefix string) []string {
	rawStateKeys(ofText(prefix), uint32(len(prefix)), unsafe.Pointer(&area))
	start1, count1 := wordAt(place()), wordAt(place()+4)
	list1 := make([]string, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*8
		list1[n] = textAt(at1)
	}
	delete(given, start1)
	return list1
}

//go:wasmimport wasm-engine:agent/state@0.1.0 get-bytes
func rawStateGetBytes(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer)

func stateGetBytes(key string) *[]uint8 {
	rawStateGetBytes(ofText(key), uint32(len(key)), unsafe.Pointer(&area))
	var got1 *[]uint8
	if byteAt(place()) != 0 {
		some := bytesAt(place()+4)
		got1 = &some
	}
	return got1
}

//go:wasmimport wasm-engine:agent/state@0.1.0 set-bytes
func rawStateSetBytes(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer)

func stateSetBytes(key string, value []uint8) error {
	rawStateSetBytes(ofText(key), uint32(len(key)), ofList(value), uint32(len(value)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return &fault
	}
	return nil
}

//go:wasmimport wasm-engine:agent/context@0.1.0 self-address
func rawContextSelfAddress(a0 unsafe.Pointer)

func contextSelfAddress() string {
	rawContextSelfAddress(unsafe.Pointer(&area))
	return textAt(place())
}

//go:wasmimport wasm-engine:agent/context@0.1.0 world-name
func rawContextWorldName(a0 unsafe.Pointer)

func contextWorldName() string {
	rawContextWorldName(unsafe.Pointer(&area))
	return textAt(place())
}

//go:wasmimport wasm-engine:agent/context@0.1.0 step
func rawContextStep() uint64

func contextStep() uint64 {
	return rawContextStep()
}

//go:wasmimport wasm-engine:agent/context@0.1.0 now
func rawContextNow() uint64

func contextNow() uint64 {
	return rawContextNow()
}

//go:wasmimport wasm-engine:agent/context@0.1.0 random
func rawContextRandom() uint64

func contextRandom() uint64 {
	return rawContextRandom()
}

//go:wasmimport wasm-engine:agent/context@0.1.0 config
func rawContextConfig(a0 unsafe.Pointer)

func contextConfig() string {
	rawContextConfig(unsafe.Pointer(&area))
	return textAt(place())
}

//go:wasmimport wasm-engine:agent/tools@0.1.0 available
func rawToolsAvailable(a0 unsafe.Pointer)

func toolsAvailable() []Tool {
	rawToolsAvailable(unsafe.Pointer(&area))
	start1, count1 := wordAt(place()), wordAt(place()+4)
	list1 := make([]Tool, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*32
		list1[n] = Tool{Name: textAt(at1), Description: textAt(at1+8), InputSchema: textAt(at1+16), OutputSchema: textAt(at1+24)}
	}
	delete(given, start1)
	return list1
}

//go:wasmimport wasm-engine:agent/tools@0.1.0 call
func rawToolsCall(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer)

func toolsCall(name string, arguments string) (string, error) {
	rawToolsCall(ofText(name), uint32(len(name)), ofText(arguments), uint32(len(arguments)), unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return "", &fault
	}
	return textAt(place()+4), nil
}

//go:wasmimport wasm-engine:agent/http@0.1.0 fetch
func rawHttpFetch(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer, a5 uint32, a6 uint32, a7 uint32, a8 unsafe.Pointer, a9 uint32, a10 uint32, a11 uint64, a12 unsafe.Pointer)

func httpFetch(request HTTPRequest) (HTTPResponse, error) {
	v1 := pairs(request.Headers)
	v2, v3 := uint32(0), *new(Body)
	if request.Body != nil {
		v2, v3 = 1, *request.Body
	}
	v4, v5 := ofText(v3.Text), uint32(len(v3.Text))
	if v3.Kind == BodyBytes {
		v4, v5 = ofList(v3.Bytes), uint32(len(v3.Bytes))
	}
	v6, v7 := uint32(0), *new(uint64)
	if request.Timeout != nil {
		v6, v7 = 1, *request.Timeout
	}
	rawHttpFetch(ofText(request.Method), uint32(len(request.Method)), ofText(request.URL), uint32(len(request.URL)), ofList(v1), uint32(len(request.Headers)), v2, uint32(v3.Kind), v4, v5, v6, v7, unsafe.Pointer(&area))
	runtime.KeepAlive(request.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return HTTPResponse{}, &fault
	}
	start1, count1 := wordAt(place()+8), wordAt(place()+12)
	list1 := make([][2]string, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*16
		list1[n] = [2]string{textAt(at1), textAt(at1+8)}
	}
	delete(given, start1)
	var got2 Body
	got2.Kind = BodyKind(byteAt(place()+16))
	if got2.Kind == BodyText {
		got2.Text = textAt(place()+20)
	} else {
		got2.Bytes = bytesAt(place()+20)
	}
	return HTTPResponse{Status: shortAt(place()+4), Headers: list1, Body: got2}, nil
}

//go:wasmimport wasm-engine:agent/http@0.1.0 start
func rawHttpStart(a0 unsafe.Pointer, a1 uint32, a2 unsafe.Pointer, a3 uint32, a4 unsafe.Pointer, a5 uint32, a6 uint32, a7 uint32, a8 unsafe.Pointer, a9 uint32, a10 uint32, a11 uint64, a12 unsafe.Pointer)

func httpStart(request HTTPRequest) (uint64, error) {
	v1 := pairs(request.Headers)
	v2, v3 := uint32(0), *new(Body)
	if request.Body != nil {
		v2, v3 = 1, *request.Body
	}
	v4, v5 := ofText(v3.Text), uint32(len(v3.Text))
	if v3.Kind == BodyBytes {
		v4, v5 = ofList(v3.Bytes), uint32(len(v3.Bytes))
	}
	v6, v7 := uint32(0), *new(uint64)
	if request.Timeout != nil {
		v6, v7 = 1, *request.Timeout
	}
	rawHttpStart(ofText(request.Method), uint32(len(request.Method)), ofText(request.URL), uint32(len(request.URL)), ofList(v1), uint32(len(request.Headers)), v2, uint32(v3.Kind), v4, v5, v6, v7, unsafe.Pointer(&area))
	runtime.KeepAlive(request.Headers)
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+8), Detail: textAt(place()+16)}
		return 0, &fault
	}
	return longAt(place()+8), nil
}

//go:wasmimport wasm-engine:agent/http@0.1.0 take
func rawHttpTake(a0 uint64, a1 unsafe.Pointer)

func httpTake(number uint64) (HTTPResponse, error) {
	rawHttpTake(number, unsafe.Pointer(&area))
	if byteAt(place()) != 0 {
		fault := Fault{Code: textAt(place()+4), Detail: textAt(place()+12)}
		return HTTPResponse{}, &fault
	}
	start1, count1 := wordAt(place()+8), wordAt(place()+12)
	list1 := make([][2]string, count1)
	for n := range list1 {
		at1 := start1 + uint32(n)*16
		list1[n] = [2]string{textAt(at1), textAt(at1+8)}
	}
	delete(given, start1)
	var got2 Body
	got2.Kind = BodyKind(byteAt(place()+16))
	if got2.Kind == BodyText {
		got2.Text = textAt(place()+20)
	} else {
		got2.Bytes = bytesAt(place()+20)
	}
	return HTTPResponse{Status: shortAt(place()+4), Headers: list1, Body: got2}, nil
}

//go:wasmimport wasm-engine:agent/log@0.1.0 write
func rawLogWrite(a0 uint32, a1 unsafe.Pointer, a2 uint32)

func logWrite(level Level, text string) {
	rawLogWrite(uint32(level), ofText(text), uint32(len(text)))
}

//go:wasmexport wasm-engine:agent/handler@0.1.0#init
func exportInit() uint32 {
	return give(exportedInit())
}

//go:wasmexport wasm-engine:agent/handler@0.1.0#handle
func exportHandle(a0 uint64, a1 uint32, a2 uint32, a3 uint32, a4 uint32, a5 uint32, a6 uint32, a7 uint32, a8 uint32, a9 uint32, a10 uint32, a11 uint64) uint32 {
	var got1 Body
	got1.Kind = BodyKind(a5)
	if got1.Kind == BodyText {
		got1.Text = textOf(a6, a7)
	} else {
		got1.Bytes = bytesOf(a6, a7)
	}
	start2, count2 := a8, a9
	list2 := make([][2]string, count2)
	for n := range list2 {
		at2 := start2 + uint32(n)*16
		list2[n] = [2]string{textAt(at2), textAt(at2+8)}
	}
	delete(given, start2)
	var got3 *uint64
	if a10 != 0 {
		some := a11
		got3 = &some
	}
	return give(exportedHandle(Message{ID: a0, Sender: textOf(a1, a2), Topic: textOf(a3, a4), Body: got1, Headers: list2, Request: got3}))
}
