// Language models that this agent was granted (`model:NAME`).
//
//     agent::chat::Question question("clever");
//     question.system("Be brief.").user(message.body.value);
//     auto answer = question.ask();
//     if (!answer) return agent::fail(answer);
//     question.answered(*answer).user("And why?");
#ifndef WASM_ENGINE_CHAT_HPP
#define WASM_ENGINE_CHAT_HPP
#include "pending.hpp"

namespace agent::chat {

enum class Role : std::uint8_t { system, user, assistant, tool };
enum class Finish : std::uint8_t { stop, length, calls, refused };
// A function that the model wants to be called. The arguments are JSON as the model wrote it.
struct Call {
  std::string id, name, arguments;
};
struct Turn {
  Role role;
  std::string content;
  std::vector<Call> calls;             // of an assistant's turn
  std::optional<std::string> answers;  // of a tool's turn: which call
};
// The parameters are JSON Schema.
struct Tool {
  std::string name, description, parameters;
};
struct Choice {
  enum class Kind : std::uint8_t { free, none, required, named } kind = Kind::free;
  std::string name = {};  // of a named one
};
struct Usage {
  std::uint64_t prompt, answer;
};
struct Answer {
  std::string content;
  std::vector<Call> calls;
  Finish finish;
  Usage usage;
};
struct Options {
  std::vector<Tool> tools;
  Choice choice;
  std::optional<std::string> schema;  // JSON Schema that the answer has to fit
  std::optional<std::uint32_t> most;  // tokens of the answer
  std::optional<double> temperature, top_p;
  std::optional<std::uint32_t> top_k;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> stop;
  std::optional<Span> timeout;  // real time
};

// A conversation so far, and how it is to be answered.
struct Question {
  std::string model;
  std::vector<Turn> turns;
  Options options;
  explicit Question(std::string_view model) : model(model) {}
  Question &system(std::string_view text);
  Question &user(std::string_view text);
  // Goes on after an answer, with what it called.
  Question &answered(const Answer &answer);
  // Says what came of a call.
  Question &result(const Call &call, std::string_view text);
  // Offers a function.
  Question &tool(std::string_view name, std::string_view description, std::string_view parameters);
  Result<Answer> ask() const;
  Result<Pending<Answer>> start() const;
};

// Asks for one answer to one text, and waits; what it says.
Result<std::string> ask(std::string_view model, std::string_view text);

// Tokens: of a conversation with its answer, and the most of an answer.
struct Description {
  std::uint32_t context, most;
};
Result<Description> describe(std::string_view model);

}  // namespace agent::chat
#endif
