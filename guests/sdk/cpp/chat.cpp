// What `chat.hpp` declares, on the C kit's header.
#include "chat.hpp"

#include "lifting.hpp"

extern "C" {
#include "chat.h"
#include "layout_beside.h"
}

namespace agent::chat {
namespace {

text_t lent(const std::string &text) { return agent::lent(std::string_view(text)); }
text_option_t lent(const std::optional<std::string> &text) {
  return text ? text_option_t{true, lent(*text)} : text_option_t{};
}
template <typename To, typename T> To some(const std::optional<T> &value) {
  return value ? To{true, *value} : To{};
}

// A question as the host takes it; what it points to is the caller's.
struct Lent {
  std::vector<std::vector<chat_call_t>> calls;
  std::vector<chat_turn_t> turns;
  std::vector<chat_tool_t> tools;
  std::vector<text_t> stop;
  chat_question_t value{};
  explicit Lent(const Question &question) {
    for (const Turn &it : question.turns) {
      auto &called = calls.emplace_back();
      for (const Call &call : it.calls) {
        called.push_back({lent(call.id), lent(call.name), lent(call.arguments)});
      }
      turns.push_back({static_cast<uint8_t>(it.role), lent(it.content),
                       {called.data(), called.size()}, lent(it.answers)});
    }
    const Options &options = question.options;
    for (const Tool &it : options.tools) {
      tools.push_back({lent(it.name), lent(it.description), lent(it.parameters)});
    }
    for (const std::string &it : options.stop) stop.push_back(lent(it));
    value.model = lent(question.model);
    value.turns = {turns.data(), turns.size()};
    value.options = {
        {tools.data(), tools.size()},
        {static_cast<uint8_t>(options.choice.kind), lent(options.choice.name)},
        lent(options.schema),
        some<chat_u32_t>(options.most),
        some<chat_f64_t>(options.temperature),
        some<chat_f64_t>(options.top_p),
        some<chat_u32_t>(options.top_k),
        some<chat_u64_t>(options.seed),
        {stop.data(), stop.size()},
        some<chat_u64_t>(options.timeout.transform(nanoseconds)),
    };
  }
};

Result<Answer> taken(chat_answer_result_t result) {
  if (result.failed) return failed(result.fault);
  const chat_answer_t &it = result.value;
  Answer answer{agent::taken(it.content), {}, Finish{it.finish}, {it.usage.prompt, it.usage.answer}};
  for (size_t n = 0; n < it.calls.count; n++) {
    const chat_call_t &call = it.calls.ptr[n];
    std::string id = agent::taken(call.id), name = agent::taken(call.name);
    answer.calls.push_back({std::move(id), std::move(name), agent::taken(call.arguments)});
  }
  release(it.calls.ptr, it.calls.count);
  return answer;
}
Result<Answer> take(std::uint64_t number) { return taken(chat_take(number)); }

Question &said(Question &to, Role role, std::string_view text) {
  to.turns.push_back({role, std::string(text), {}, {}});
  return to;
}

}  // namespace

Question &Question::system(std::string_view text) { return said(*this, Role::system, text); }
Question &Question::user(std::string_view text) { return said(*this, Role::user, text); }
Question &Question::answered(const Answer &answer) {
  said(*this, Role::assistant, answer.content).turns.back().calls = answer.calls;
  return *this;
}
Question &Question::result(const Call &call, std::string_view text) {
  said(*this, Role::tool, text).turns.back().answers = call.id;
  return *this;
}
Question &Question::tool(std::string_view name, std::string_view description,
                         std::string_view parameters) {
  options.tools.push_back({std::string(name), std::string(description), std::string(parameters)});
  return *this;
}
Result<Answer> Question::ask() const {
  Lent question(*this);
  return taken(chat_complete(&question.value));
}
Result<Pending<Answer>> Question::start() const {
  Lent question(*this);
  auto started = number(chat_start(&question.value));
  return started.transform([](std::uint64_t it) { return Pending(it, take); });
}

Result<std::string> ask(std::string_view model, std::string_view text) {
  return Question(model).user(text).ask().transform([](const Answer &it) { return it.content; });
}

Result<Description> describe(std::string_view model) {
  chat_description_result_t found = chat_describe(agent::lent(model));
  if (found.failed) return failed(found.fault);
  return Description{found.value.context, found.value.most};
}

}  // namespace agent::chat
