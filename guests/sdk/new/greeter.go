// Greets whoever is named, and remembers how often.
package main

import (
	"strconv"

	"wasm-engine/agent"
)

func init() {
	agent.Handle(handle)
}

func handle(message agent.Message) (agent.Reply, error) {
	if message.Topic != "greet" {
		return nil, agent.Fail("unknown-topic", message.Topic)
	}
	name := message.String()

	visits := agent.GetNumber(name) + 1
	if err := agent.SetNumber(name, visits); err != nil {
		return nil, err
	}

	greeting := "Hello " + name + ", this is visit " + strconv.FormatUint(visits, 10) + "."
	agent.Info(greeting)
	return agent.Text(greeting), nil
}

func main() {}
