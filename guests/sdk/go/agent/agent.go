// Package agent is for writing agents in Go: handle messages, ask others, remember things.
//
//	package main
//
//	import "wasm-engine/agent"
//
//	func init() {
//		agent.Handle(func(m agent.Message) (agent.Reply, error) {
//			count := agent.GetNumber("count") + 1
//			if err := agent.SetNumber("count", count); err != nil {
//				return agent.NoReply, err
//			}
//			return agent.Text("Hello " + m.Sender), nil
//		})
//	}
//
//	func main() {}
//
// `wasm-engine component build greeter.go` makes a component of it. What a program does in `init`
// functions is done once, and frozen into the image that every message meets: what is to be remembered
// goes into the state. `main` is never called.
//
// Below the standard library is the world: time.Now is world time, crypto/rand is the agent's entropy,
// and what is printed goes to the agent's log. There are no files, and time.Sleep takes no world time.
// The shared generator of math/rand is seeded before there is a world: use Random or crypto/rand.
package agent

import (
	"strconv"
	"unsafe"
)

// Error says the code and, where there is one, the detail.
func (f *Fault) Error() string {
	if f.Detail == "" {
		return f.Code
	}
	return f.Code + ": " + f.Detail
}

// Fail makes a failure with a code of one's own: returned, it ends the handling of the message.
func Fail(code, detail string) error { return &Fault{Code: code, Detail: detail} }

// Code is the code of a fault, "" where there is no error, and "error" for an error of another kind.
func Code(err error) string {
	if err == nil {
		return ""
	}
	if fault, ok := err.(*Fault); ok {
		return fault.Code
	}
	return "error"
}

// Text is a body of text.
func Text(text string) Body { return Body{Kind: BodyText, Text: text} }

// Data is a body of bytes.
func Data(bytes []byte) Body { return Body{Kind: BodyBytes, Bytes: bytes} }

// String is the text, or the bytes as they are.
func (b Body) String() string {
	if b.Kind == BodyBytes {
		return string(b.Bytes)
	}
	return b.Text
}

// Reply is what a handler answers: a body, or NoReply.
type Reply interface{ reply() *Body }

func (b Body) reply() *Body { return &b }

type none struct{}

func (none) reply() *Body { return nil }

// NoReply answers nothing. A request ends with `no-reply`, unless it was deferred.
var NoReply Reply = none{}

// String is the text of the body.
func (m Message) String() string { return m.Body.String() }

// Header is the first header of a name, or "".
func (m Message) Header(name string) string {
	for _, header := range m.Headers {
		if header[0] == name {
			return header[1]
		}
	}
	return ""
}

// Defer keeps the request of the message open after the handler returned; ReplyTo answers it.
func (m Message) Defer() (request uint64, err error) { return messagingDefer() }

var handler func(Message) (Reply, error)
var starter func() error

// Handle says who handles messages. What is answered goes to the sender, if it waits for a reply; an
// error fails the message, a Fault with its code, any other with `error`.
func Handle(function func(Message) (Reply, error)) { handler = function }

// Init says what to do before the first message. Only Config and the log answer in it.
func Init(function func() error) { starter = function }

func exportedInit() (err error) {
	defer recovered(&err)
	if handler == nil {
		return Fail("no-handler", "agent.Handle was not called in an init function")
	}
	if starter != nil {
		return starter()
	}
	return nil
}

func exportedHandle(message Message) (err error) {
	defer recovered(&err)
	reply, err := handler(message)
	if err != nil || reply == nil || message.Request == nil {
		return err
	}
	if body := reply.reply(); body != nil {
		err = messagingReply(*body)
		if Code(err) == "request-closed" {
			Info("the reply came too late: dropped")
			err = nil
		}
	}
	return err
}

// recovered makes an error of a panic.
func recovered(err *error) {
	switch why := recover().(type) {
	case nil:
	case error:
		*err = Fail("error", "panic: "+why.Error())
	case string:
		*err = Fail("error", "panic: "+why)
	default:
		*err = Fail("error", "panic")
	}
}

// The result of the last export: the host reads it, then the next one may come.
var outcome [5]uint32
var failed Fault

func give(err error) uint32 {
	outcome = [5]uint32{}
	if err != nil {
		if fault, ok := err.(*Fault); ok {
			failed = *fault
		} else {
			failed = Fault{Code: "error", Detail: err.Error()}
		}
		outcome = [5]uint32{
			1,
			uint32(uintptr(ofText(failed.Code))), uint32(len(failed.Code)),
			uint32(uintptr(ofText(failed.Detail))), uint32(len(failed.Detail)),
		}
	}
	return uint32(uintptr(unsafe.Pointer(&outcome)))
}

// Get is the text of a key of the state; false where there is none, or where it holds bytes.
func Get(key string) (string, bool) {
	if value := stateGet(key); value != nil {
		return *value, true
	}
	return "", false
}

// GetBytes is the bytes of a key, or its text as UTF-8.
func GetBytes(key string) ([]byte, bool) {
	if value := stateGetBytes(key); value != nil {
		return *value, true
	}
	return nil, false
}

// GetNumber is the number of a key that holds one as text, or 0.
func GetNumber(key string) uint64 {
	text, _ := Get(key)
	number, _ := strconv.ParseUint(text, 10, 64)
	return number
}

// Set keeps text.
func Set(key, value string) error { return stateSet(key, value) }

// SetBytes keeps bytes.
func SetBytes(key string, value []byte) error { return stateSetBytes(key, value) }

// SetNumber keeps a number as text.
func SetNumber(key string, value uint64) error { return stateSet(key, strconv.FormatUint(value, 10)) }

// Delete forgets a key.
func Delete(key string) { stateDelete(key) }

// Keys are the keys that begin with a prefix, in the order of their UTF-8 bytes.
func Keys(prefix string) []string { return stateKeys(prefix) }
