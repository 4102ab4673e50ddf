// Package models is for models of tensors that the agent was granted (`model:NAME`).
//
//	outputs, err := models.Run("mlp", models.New("x", []uint32{1, 2}, []float32{0.5, 1}))
//	if err != nil {
//		return nil, err
//	}
//	y, err := models.Values[float32](outputs[0])
package models

import (
	"time"

	"wasm-engine/agent"
)

// Run has a model compute, and waits; all that it gives, in its order.
func Run(model string, inputs ...Tensor) ([]Tensor, error) { return Model{Name: model}.Run(inputs...) }

// Start has it compute, and goes on.
func Start(model string, inputs ...Tensor) (agent.Pending[[]Tensor], error) {
	return Model{Name: model}.Start(inputs...)
}

// Describe says what a model takes and gives. Of a Slot's shape nil is any length.
func Describe(model string) (Description, error) { return abiDescribe(model) }

// A Model with less time than the manifest gives.
type Model struct {
	Name string
	// Real time until a call ends with `timeout`; 0 for what the manifest says.
	Timeout time.Duration
}

// Run has the model compute, and waits.
func (m Model) Run(inputs ...Tensor) ([]Tensor, error) {
	return abiRun(m.Name, inputs, limit(m.Timeout))
}

// Start has it compute, and goes on.
func (m Model) Start(inputs ...Tensor) (agent.Pending[[]Tensor], error) {
	number, err := abiStart(m.Name, inputs, limit(m.Timeout))
	return agent.NewPending(number, abiTake), err
}

// An Element is what a tensor may hold. Half-precision numbers are the bits in Tensor.Data.
type Element interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | bool | string
}

// New is a tensor, in row-major order; one number by itself has no shape.
func New[T Element](name string, shape []uint32, values []T) Tensor {
	made := Tensor{Name: name, Shape: shape}
	field, kind := fieldOf[T](&made.Data)
	made.Data.Kind, *field = kind, values
	return made
}

// Values are those of a tensor that holds such; a Fault `bad-tensor` where it does not.
func Values[T Element](tensor Tensor) ([]T, error) {
	field, kind := fieldOf[T](&tensor.Data)
	if tensor.Data.Kind != kind {
		return nil, agent.Fail("bad-tensor", tensor.Name+" holds something else")
	}
	return *field, nil
}

// fieldOf is where values of a type lie in a tensor's data, and its kind then.
func fieldOf[T Element](data *Data) (*[]T, DataKind) {
	var none T
	var field any
	var kind DataKind
	switch any(none).(type) {
	case float32:
		field, kind = &data.Float32, DataFloat32
	case float64:
		field, kind = &data.Float64, DataFloat64
	case int8:
		field, kind = &data.Int8, DataInt8
	case int16:
		field, kind = &data.Int16, DataInt16
	case int32:
		field, kind = &data.Int32, DataInt32
	case int64:
		field, kind = &data.Int64, DataInt64
	case uint8:
		field, kind = &data.Uint8, DataUint8
	case uint16:
		field, kind = &data.Uint16, DataUint16
	case uint32:
		field, kind = &data.Uint32, DataUint32
	case uint64:
		field, kind = &data.Uint64, DataUint64
	case bool:
		field, kind = &data.Boolean, DataBoolean
	default:
		field, kind = &data.Text, DataText
	}
	return field.(*[]T), kind
}

func limit(span time.Duration) *uint64 {
	if span <= 0 {
		return nil
	}
	nanoseconds := uint64(span)
	return &nanoseconds
}
