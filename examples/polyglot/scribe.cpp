// The scribe, in C++: see scribe.py, which does the same.
#include "agent.hpp"

static std::size_t words_in(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  std::size_t count = 0;
  for (auto at = text.find_first_not_of(space); at != text.npos;
       at = text.find_first_not_of(space, text.find_first_of(space, at))) {
    count++;
  }
  return count;
}

// What stands before the first such character, and what after it.
static std::pair<std::string, std::string> split(const std::string &text, char at) {
  auto place = text.find(at);
  if (place == text.npos) return {text, ""};
  return {text.substr(0, place), text.substr(place + 1)};
}

struct Scribe : agent::Agent {
  agent::Result<agent::Reply> handle(const agent::Message &message) override {
    if (message.topic != "document") return agent::fail("unknown-topic", message.topic);
    auto [route, text] = split(message.body.value, '\n');

    auto number = std::to_string(agent::get_number("documents") + 1);
    if (auto kept = agent::set("documents", number); !kept) return agent::fail(kept);

    text += "\n" + agent::address() + ": " + std::to_string(words_in(text)) + " words, document " + number;
    if (!route.empty()) {
      auto [to, rest] = split(route, ' ');
      auto answer = agent::ask(to, "document", rest + "\n" + text);
      if (!answer) return agent::fail(answer);
      text = answer->value;
    }
    if (!message.request) agent::log(text);
    return agent::Reply(text);
  }
};

EXPORT_AGENT(Scribe)
