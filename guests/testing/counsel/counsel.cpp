// Asks models, people and about swaps, and says what came of it: the same text in each language.
#include "agent.hpp"
#include "chat.hpp"
#include "human.hpp"
#include "models.hpp"
#include "swap.hpp"

using namespace std::chrono_literals;
using namespace std::literals;
using agent::models::Slot, agent::models::Tensor;
using Lines = std::vector<std::string>;
using Outputs = agent::Result<std::vector<Tensor>>;

static std::string flag(bool it) { return it ? "true" : "false"; }
static std::string told(const agent::Result<std::string> &it) { return it ? *it : "!" + it.error().code; }
static std::string told(const agent::Result<std::uint32_t> &it) {
  return it ? std::to_string(*it) : "!" + it.error().code;
}
static std::string joined(const Lines &lines, const char *with) {
  std::string text;
  for (size_t n = 0; n < lines.size(); n++) text += (n ? with : "") + lines[n];
  return text;
}

static agent::Done talk(Lines &lines) {
  agent::chat::Question question("clever");
  question.system("Be brief.").user("weather").tool("look", "Looks.", "{\"type\":\"object\"}");
  auto answer = question.ask();
  if (!answer) return agent::fail(answer);
  const auto &call = answer->calls[0];
  lines.push_back(flag(answer->finish == agent::chat::Finish::calls) + " " + call.name + " " + call.arguments);
  auto next = question.answered(*answer).result(call, "wet").ask();
  if (!next) return agent::fail(next);
  lines.push_back(next->content + " " + std::to_string(next->usage.prompt) + "+" + std::to_string(next->usage.answer));
  agent::chat::Question full("clever");
  full.user("all").tool("look", "Looks.", "{}");
  full.options.choice = {agent::chat::Choice::Kind::named, "look"};
  full.options.schema = "{\"type\":\"string\"}";
  full.options.most = 7;
  full.options.temperature = 0.5;
  full.options.top_p = 0.25;
  full.options.top_k = 3;
  full.options.seed = 9;
  full.options.stop = {"\n", "end"};
  full.options.timeout = 1s;
  lines.push_back(told(full.ask().transform([](const auto &it) { return it.content; })));
  auto first = agent::chat::Question("clever").user("one").start();
  auto second = agent::chat::Question("clever").user("two").start();
  if (!first || !second) return agent::fail("not-started");
  auto ended = agent::wait_any({first->request, second->request});
  if (!ended) return agent::fail(ended);
  lines.push_back(flag(ended->number == first->request.number) + " " + first->take()->content);
  lines.push_back(second->wait()->content);
  lines.push_back(told(agent::chat::ask("clever", "three")));
  lines.push_back(told(agent::chat::ask("nobody", "three")));
  lines.push_back(told(agent::chat::describe("clever").transform(
      [](const auto &it) { return std::to_string(it.context) + " " + std::to_string(it.most); })));
  return {};
}

static std::string shown(const std::vector<Slot> &slots) {
  Lines all;
  for (const Slot &slot : slots) {
    Lines sizes;
    for (auto size : slot.shape) sizes.push_back(size ? std::to_string(*size) : "any");
    all.push_back(slot.name + " " + slot.element + "[" + joined(sizes, ",") + "]" + (slot.optional ? "?" : ""));
  }
  return joined(all, " ");
}
static std::vector<Tensor> inputs(float x) {
  return {{"words", {2}, std::vector{"grün"s, ""s}},
          {"yes", {}, std::vector{agent::models::Boolean{true}}},
          {"x", {1, 2}, std::vector{x, 1.5f}}};
}
static std::string said(const Outputs &outputs) {
  if (!outputs) return "!" + outputs.error().code;
  auto words = *(*outputs)[0].values<std::string>();
  Lines tenths;
  for (float it : *(*outputs)[2].values<float>()) tenths.push_back(std::to_string(static_cast<int>(it * 10)));
  return joined({words.begin(), words.end()}, "|") + " " +
         flag((*outputs)[1].values<agent::models::Boolean>()->front().value) + " " + (*outputs)[2].name +
         " " + joined(tenths, ",");
}

static agent::Done compute(Lines &lines) {
  auto about = agent::models::describe("mixed");
  if (!about) return agent::fail(about);
  lines.push_back(std::to_string(about->digest.size()) + " " + flag(about->portable) + " " + shown(about->inputs));
  lines.push_back(shown(about->outputs));
  lines.push_back(said(agent::models::run("mixed", inputs(0.5))));
  auto first = agent::models::start("mixed", inputs(1));
  auto second = agent::models::start("mixed", inputs(2), 9s);
  if (!first || !second) return agent::fail("not-started");
  second->cancel();
  lines.push_back(said(first->wait()));
  lines.push_back(said(second->take()));
  lines.push_back(said(agent::models::run("nobody", {})));
  auto few = inputs(0.5);
  few.resize(1);
  lines.push_back(said(agent::models::run("mixed", few)));
  auto half = agent::models::run("half", {{"h", {1}, std::vector{agent::models::Float16{0x3c00}}}});
  if (!half) return agent::fail(half);
  auto bits = (*half)[0].values<agent::models::Float16>();
  lines.push_back(flag(bits && bits->front().bits == 0x3c00) + " " + std::to_string((*half)[0].shape[0]));
  auto floats = (*half)[0].values<float>();
  lines.push_back(floats ? std::to_string(floats->size()) : "!" + floats.error().code);
  return {};
}

static agent::Done embed(Lines &lines) {
  using agent::embeddings::embed, agent::embeddings::dimensions;
  auto count = [](const auto &it) { return it ? std::to_string(it->size()) : "!" + it.error().code; };
  auto it = embed("texts", {"a cat", "a cat", "the dog"});
  if (!it) return agent::fail(it);
  lines.push_back(count(it) + " " + std::to_string((*it)[0].size()) + " " + flag((*it)[0] == (*it)[1]) + " " +
                  flag((*it)[0] == (*it)[2]));
  lines.push_back(count(embed("texts", {})));
  lines.push_back(told(dimensions("texts")));
  lines.push_back(count(embed("nobody", {"a"})));
  return {};
}

static agent::Done swaps(Lines &lines) {
  auto it = agent::swap::running("idle");
  lines.push_back(it ? it->name + " " + std::to_string(it->digest.size()) + " " + flag(it->on_trial)
                     : "!" + it.error().code);
  lines.push_back(told(agent::swap::to("idle", "none")));
  lines.push_back(told(agent::swap::to("counsel", "source", 0)));
  return {};
}

static agent::Done people(Lines &lines) {
  auto approval = agent::human::start_approve("owner", "Pay?", "All of it.");
  if (!approval) return agent::fail(approval);
  auto answer = agent::human::ask("owner", "Which?", {.choices = {"this", "that"}, .timeout = {}});
  if (!answer) return agent::fail(answer);
  auto decision = approval->wait();
  if (!decision) return agent::fail(decision);
  auto waiting = agent::human::ask("owner", "Now?", {.choices = {}, .timeout = 1s});
  auto refused = agent::human::approve("nobody", "Pay?");
  lines.push_back(*answer + " " + flag(decision->approved) + " " + decision->comment + " " + decision->by +
                  " " + told(waiting) + " " + told(refused.transform([](const auto &it) { return it.by; })));
  return {};
}

struct Counsel : agent::Agent {
  agent::Result<agent::Reply> handle(const agent::Message &message) override {
    Lines lines;
    agent::Done done;
    if (message.topic == "chat") done = talk(lines);
    if (message.topic == "models") done = compute(lines);
    if (message.topic == "texts") done = embed(lines);
    if (message.topic == "swap") done = swaps(lines);
    if (message.topic == "people") done = people(lines);
    if (!done) return agent::fail(done);
    agent::log(joined(lines, "\n"));
    return agent::Reply();
  }
};

EXPORT_AGENT(Counsel)
