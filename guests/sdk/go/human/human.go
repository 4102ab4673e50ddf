// Package human is for people whom the agent may ask.
//
//	answer, err := human.Person{Role: "owner"}.Ask("Which?", "this", "that")
package human

import (
	"time"

	"wasm-engine/agent"
)

// A Person answers when it suits, over any number of restarts; asked by a role that this agent was
// granted (`human:ROLE`).
type Person struct {
	Role string
	// World time after which a question is withdrawn, and ends with `timeout`; 0 for none.
	Timeout time.Duration
}

func (p Person) options(choices []string) Options {
	return Options{Choices: choices, Timeout: limit(p.Timeout)}
}

// Ask asks, and waits for the answer: one of the choices, or any text where there are none.
func (p Person) Ask(question string, choices ...string) (string, error) {
	return abiAsk(p.Role, question, p.options(choices))
}

// StartAsk asks, and goes on.
func (p Person) StartAsk(question string, choices ...string) (agent.Pending[string], error) {
	number, err := abiStartAsk(p.Role, question, p.options(choices))
	return agent.NewPending(number, abiTakeAnswer), err
}

// Approve lays something before a person, and waits for the decision; `what` is one line.
func (p Person) Approve(what, details string) (Decision, error) {
	return abiApprove(p.Role, what, details, limit(p.Timeout))
}

// StartApprove lays it before them, and goes on.
func (p Person) StartApprove(what, details string) (agent.Pending[Decision], error) {
	number, err := abiStartApprove(p.Role, what, details, limit(p.Timeout))
	return agent.NewPending(number, abiTakeDecision), err
}

func limit(span time.Duration) *uint64 {
	if span <= 0 {
		return nil
	}
	nanoseconds := uint64(span)
	return &nanoseconds
}
