// Calls every function of the contract, and says what came of it: the same text in each language.
package main

import (
	"strconv"
	"strings"
	"time"

	"wasm-engine/agent"
)

func init() {
	agent.Init(func() error {
		agent.Info("init " + agent.Config())
		agent.Set("a", "b")
		return nil
	})
	agent.Handle(handle)
}

func list(bytes []byte) string {
	var parts []string
	for _, b := range bytes {
		parts = append(parts, strconv.Itoa(int(b)))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func told(value string, err error) string {
	if err != nil {
		return "!" + agent.Code(err)
	}
	return value
}

func done(err error) string { return told("done", err) }

func got(body agent.Body, err error) string {
	if body.Kind == agent.BodyBytes {
		return told(list(body.Bytes), err)
	}
	return told(body.Text, err)
}

func flag(b bool) string { return strconv.FormatBool(b) }

func memory() (lines []string) {
	lines = append(lines, done(agent.Set("a", "grün")), done(agent.SetBytes("b", []byte{0, 1, 255})))
	text, _ := agent.Get("a")
	_, there := agent.Get("b")
	lines = append(lines, strconv.Quote(text)+" "+flag(!there))
	bytes, _ := agent.GetBytes("b")
	lines = append(lines, list(bytes), strings.Join(agent.Keys(""), ","))
	agent.Delete("a")
	_, a := agent.Get("a")
	_, none := agent.GetBytes("none")
	return append(lines, flag(!a)+" "+flag(!none), done(agent.Set("", "no key")))
}

func surroundings() (lines []string) {
	lines = append(lines, agent.Address()+" "+agent.World()+" "+strconv.Itoa(int(agent.Step())))
	lines = append(lines, strconv.Itoa(int(agent.Now()))+" "+flag(agent.Random() != agent.Random()))
	lines = append(lines, agent.Config())
	agent.Debug("d")
	agent.Info("i")
	agent.Warning("w")
	agent.Error("e")
	return lines
}

func sending() (lines []string) {
	add := func(line string) { lines = append(lines, line) }
	add(got(agent.Ask("echo", "text", agent.Text("for you"))))
	add(got(agent.Ask("echo", "bytes", agent.Data([]byte{1, 2, 3}))))
	add(got(agent.Ask("echo", "header", agent.Text(""), agent.WithHeader("k", "v"), agent.WithHeader("l", ""))))
	add(got(agent.Ask("echo", "fail", agent.Text("x"))))
	add(got(agent.Ask("nobody", "text", agent.Text("x"))))
	add(got(agent.Ask("echo", "keep", agent.Text("x"), agent.WithTimeout(5*time.Millisecond))))
	add(done(agent.Send("echo", "text", agent.Text("one way"))))
	add(done(agent.Publish("news", agent.Text("to all"))))
	first, _ := agent.Start("echo", "keep", agent.Text("x"))
	second, _ := agent.Start("echo", "text", agent.Text("second"))
	ended, _ := agent.WaitAny(first, second)
	add(flag(ended == second) + " " + got(ended.Take()))
	first.Cancel()
	add(got(first.Take()))
	number, _ := agent.Schedule(time.Second, "later", agent.Text(""))
	add(flag(agent.Cancel(number)) + " " + flag(agent.Cancel(number)))
	return lines
}

func others() (lines []string) {
	add := func(line string) { lines = append(lines, line) }
	add(told(agent.Spawn("child", "one", "{\"n\":1}")))
	add(told(agent.Spawn("none", "one", "")))
	add(done(agent.Watch("child/one")))
	add(done(agent.Stop("child/one")))
	add(strconv.Itoa(len(agent.AvailableTools())))
	add(told(agent.CallTool("none", "{}")))
	body := agent.Text("x")
	request := agent.HTTPRequest{Method: "GET", URL: "https://nowhere.example/", Headers: [][2]string{{"a", "b"}}, Body: &body}
	response, err := agent.Fetch(request)
	add(told(strconv.Itoa(int(response.Status)), err))
	second := uint64(time.Second)
	request.Timeout = &second
	_, err = agent.StartFetch(request)
	add(told("started", err))
	return lines
}

func handle(message agent.Message) (agent.Reply, error) {
	switch message.Topic {
	case "text", "bytes":
		return message.Body, nil
	case "header":
		return agent.Text(message.Headers[0][0] + "=" + message.Header("k")), nil
	case "fail":
		return nil, agent.Fail("on-purpose", message.Sender)
	case "keep":
		kept, err := message.Defer()
		if err != nil {
			return nil, err
		}
		return agent.NoReply, agent.SetNumber("kept", kept)
	case "tour":
		lines := append(memory(), surroundings()...)
		lines = append(lines, sending()...)
		agent.Info(strings.Join(append(lines, others()...), "\n"))
	}
	return agent.NoReply, nil
}

func main() {}
