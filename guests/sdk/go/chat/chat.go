// Package chat is for language models that the agent was granted (`model:NAME`).
//
//	question := chat.New("clever").System("Be brief.").User(m.String())
//	answer, err := question.Ask()
//	if err != nil {
//		return nil, err
//	}
//	question.Answered(answer).User("And why?")
package chat

import (
	"time"

	"wasm-engine/agent"
)

// A Question is a conversation so far, and how it is to be answered.
type Question struct {
	Model string
	// What was said, the oldest first.
	Turns []Turn
	// What has no method here may be set in them.
	Options Options
}

// New is a question for a model, without a word yet.
func New(model string) *Question { return &Question{Model: model} }

// Ask asks for one answer to one text, and waits; what it says.
func Ask(model, text string) (string, error) {
	answer, err := New(model).User(text).Ask()
	return answer.Content, err
}

// Describe says how many tokens a model can take.
func Describe(model string) (Description, error) { return abiDescribe(model) }

func (q *Question) say(turn Turn) *Question {
	q.Turns = append(q.Turns, turn)
	return q
}

// System says what holds for the whole conversation.
func (q *Question) System(text string) *Question {
	return q.say(Turn{Role: RoleSystem, Content: text})
}

// User says what the user says.
func (q *Question) User(text string) *Question { return q.say(Turn{Role: RoleUser, Content: text}) }

// Answered goes on after an answer, with what it called.
func (q *Question) Answered(answer Answer) *Question {
	return q.say(Turn{Role: RoleAssistant, Content: answer.Content, Calls: answer.Calls})
}

// Result says what came of a call.
func (q *Question) Result(call Call, text string) *Question {
	return q.say(Turn{Role: RoleTool, Content: text, Answers: &call.ID})
}

// Tool offers a function; its parameters are JSON Schema.
func (q *Question) Tool(name, description, parameters string) *Question {
	tool := Tool{Name: name, Description: description, Parameters: parameters}
	q.Options.Tools = append(q.Options.Tools, tool)
	return q
}

// Schema is the JSON Schema that the answer has to fit.
func (q *Question) Schema(schema string) *Question {
	q.Options.Schema = &schema
	return q
}

// Most is the most tokens that the answer may have.
func (q *Question) Most(tokens uint32) *Question {
	q.Options.Most = &tokens
	return q
}

// Temperature is how freely it answers; 0 is the likeliest answer.
func (q *Question) Temperature(temperature float64) *Question {
	q.Options.Temperature = &temperature
	return q
}

// Timeout is the span of real time until it ends with `timeout`.
func (q *Question) Timeout(span time.Duration) *Question {
	nanoseconds := uint64(max(span, 0))
	q.Options.Timeout = &nanoseconds
	return q
}

// Ask asks, and waits.
func (q *Question) Ask() (Answer, error) { return abiComplete(q.Model, q.Turns, q.Options) }

// Start asks, and goes on.
func (q *Question) Start() (agent.Pending[Answer], error) {
	number, err := abiStart(q.Model, q.Turns, q.Options)
	return agent.NewPending(number, abiTake), err
}
