// The scribe, in Go: see scribe.py, which does the same.
package main

import (
	"strconv"
	"strings"

	"wasm-engine/agent"
)

func init() {
	agent.Handle(handle)
}

func handle(message agent.Message) (agent.Reply, error) {
	if message.Topic != "document" {
		return nil, agent.Fail("unknown-topic", message.Topic)
	}
	route, text, _ := strings.Cut(message.String(), "\n")

	number := agent.GetNumber("documents") + 1
	if err := agent.SetNumber("documents", number); err != nil {
		return nil, err
	}

	words := len(strings.Fields(text))
	text += "\n" + agent.Address() + ": " + strconv.Itoa(words) + " words, document " + strconv.FormatUint(number, 10)
	if route != "" {
		to, rest, _ := strings.Cut(route, " ")
		answer, err := agent.Ask(to, "document", agent.Text(rest+"\n"+text))
		if err != nil {
			return nil, err
		}
		text = answer.String()
	}
	if message.Request == nil {
		agent.Info(text)
	}
	return agent.Text(text), nil
}

func main() {}
