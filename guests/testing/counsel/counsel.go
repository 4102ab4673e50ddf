// Asks models, people and about swaps, and says what came of it: the same text in each language.
package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"wasm-engine/agent"
	"wasm-engine/chat"
	"wasm-engine/embeddings"
	"wasm-engine/human"
	"wasm-engine/models"
	"wasm-engine/swap"
)

func told(value string, err error) string {
	if err != nil {
		return "!" + agent.Code(err)
	}
	return value
}

func flag(b bool) string { return strconv.FormatBool(b) }

func number[T int | uint16 | uint32 | uint64](it T) string { return strconv.FormatUint(uint64(it), 10) }

func talk() (lines []string, err error) {
	question := chat.New("clever").System("Be brief.").User("weather").Tool("look", "Looks.", `{"type":"object"}`)
	answer, err := question.Ask()
	if err != nil {
		return nil, err
	}
	call := answer.Calls[0]
	lines = append(lines, flag(answer.Finish == chat.FinishCalls)+" "+call.Name+" "+call.Arguments)
	answer, err = question.Answered(answer).Result(call, "wet").Ask()
	if err != nil {
		return nil, err
	}
	lines = append(lines, answer.Content+" "+number(answer.Usage.Prompt)+"+"+number(answer.Usage.Answer))
	full := chat.New("clever").User("all").Tool("look", "Looks.", "{}").Schema(`{"type":"string"}`)
	full.Most(7).Temperature(0.5).Timeout(time.Second)
	topP, topK, seed := 0.25, uint32(3), uint64(9)
	full.Options.Choice = chat.Choice{Kind: chat.ChoiceNamed, Named: "look"}
	full.Options.TopP, full.Options.TopK, full.Options.Seed = &topP, &topK, &seed
	full.Options.Stop = []string{"\n", "end"}
	answer, err = full.Ask()
	lines = append(lines, told(answer.Content, err))
	first, _ := chat.New("clever").User("one").Start()
	second, err := chat.New("clever").User("two").Start()
	if err != nil {
		return nil, err
	}
	ended, _ := agent.WaitAny(first.Request, second.Request)
	answer, err = first.Take()
	lines = append(lines, flag(ended == first.Request)+" "+told(answer.Content, err))
	answer, err = second.Wait()
	lines = append(lines, told(answer.Content, err))
	lines = append(lines, told(chat.Ask("clever", "three")), told(chat.Ask("nobody", "three")))
	about, err := chat.Describe("clever")
	return append(lines, told(number(about.Context)+" "+number(about.Most), err)), nil
}

func shown(slots []models.Slot) string {
	var all []string
	for _, slot := range slots {
		var sizes []string
		for _, size := range slot.Shape {
			if size == nil {
				sizes = append(sizes, "any")
			} else {
				sizes = append(sizes, number(*size))
			}
		}
		text := slot.Name + " " + slot.Element + "[" + strings.Join(sizes, ",") + "]"
		if slot.Optional {
			text += "?"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func inputs(x float32) []models.Tensor {
	return []models.Tensor{
		models.New("words", []uint32{2}, []string{"grün", ""}),
		models.New("yes", nil, []bool{true}),
		models.New("x", []uint32{1, 2}, []float32{x, 1.5}),
	}
}

func said(outputs []models.Tensor, err error) string {
	if err != nil {
		return told("", err)
	}
	words, _ := models.Values[string](outputs[0])
	no, _ := models.Values[bool](outputs[1])
	sums, _ := models.Values[float32](outputs[2])
	var tenths []string
	for _, it := range sums {
		tenths = append(tenths, number(int(it*10)))
	}
	return strings.Join(words, "|") + " " + flag(no[0]) + " " + outputs[2].Name + " " + strings.Join(tenths, ",")
}

func compute() (lines []string, err error) {
	add := func(line string) { lines = append(lines, line) }
	about, err := models.Describe("mixed")
	if err != nil {
		return nil, err
	}
	add(number(len(about.Digest)) + " " + flag(about.Portable) + " " + shown(about.Inputs))
	add(shown(about.Outputs))
	add(said(models.Run("mixed", inputs(0.5)...)))
	first, _ := models.Start("mixed", inputs(1)...)
	second, err := models.Model{Name: "mixed", Timeout: 9 * time.Second}.Start(inputs(2)...)
	if err != nil {
		return nil, err
	}
	second.Cancel()
	add(said(first.Wait()))
	add(said(second.Take()))
	add(said(models.Run("nobody")))
	add(said(models.Run("mixed", inputs(0.5)[:1]...)))
	bits := models.Data{Kind: models.DataFloat16, Float16: []uint16{0x3c00}}
	half, err := models.Run("half", models.Tensor{Name: "h", Shape: []uint32{1}, Data: bits})
	if err != nil {
		return nil, err
	}
	add(flag(half[0].Data.Float16[0] == 0x3c00) + " " + number(half[0].Shape[0]))
	floats, err := models.Values[float32](half[0])
	add(told(number(len(floats)), err))
	return lines, nil
}

func embed() (lines []string, err error) {
	it, err := embeddings.Embed("texts", "a cat", "a cat", "the dog")
	if err != nil {
		return nil, err
	}
	same := flag(slices.Equal(it[0], it[1])) + " " + flag(slices.Equal(it[0], it[2]))
	lines = append(lines, number(len(it))+" "+number(len(it[0]))+" "+same)
	it, err = embeddings.Embed("texts")
	lines = append(lines, told(number(len(it)), err))
	count, err := embeddings.Dimensions("texts")
	lines = append(lines, told(number(count), err))
	it, err = embeddings.Embed("nobody", "a")
	return append(lines, told(number(len(it)), err)), nil
}

func swaps() (lines []string, err error) {
	it, err := swap.Running("idle")
	lines = append(lines, told(it.Name+" "+number(len(it.Digest))+" "+flag(it.OnTrial), err))
	count, err := swap.To("idle", "none")
	lines = append(lines, told(number(count), err))
	count, err = swap.Keeping("counsel", "source", 0)
	return append(lines, told(number(count), err)), nil
}

func people() (lines []string, err error) {
	owner := human.Person{Role: "owner"}
	approval, err := owner.StartApprove("Pay?", "All of it.")
	if err != nil {
		return nil, err
	}
	answer, err := owner.Ask("Which?", "this", "that")
	if err != nil {
		return nil, err
	}
	decision, err := approval.Wait()
	if err != nil {
		return nil, err
	}
	waiting := told(human.Person{Role: "owner", Timeout: time.Second}.Ask("Now?"))
	refused, err := human.Person{Role: "nobody"}.Approve("Pay?", "")
	all := []string{answer, flag(decision.Approved), decision.Comment, decision.By, waiting, told(refused.By, err)}
	return []string{strings.Join(all, " ")}, nil
}

func init() {
	topics := map[string]func() ([]string, error){
		"chat": talk, "models": compute, "texts": embed, "swap": swaps, "people": people,
	}
	agent.Handle(func(m agent.Message) (agent.Reply, error) {
		does, there := topics[m.Topic]
		if !there {
			return agent.NoReply, nil
		}
		lines, err := does()
		if err == nil {
			agent.Info(strings.Join(lines, "\n"))
		}
		return agent.NoReply, err
	})
}

func main() {}
