// Greets whoever is named, and remembers how often.
#include "agent.hpp"

struct Greeter : agent::Agent {
  agent::Result<agent::Reply> handle(const agent::Message &message) override {
    if (message.topic != "greet") return agent::fail("unknown-topic", message.topic);
    const std::string &name = message.body.value;

    auto visits = std::to_string(agent::get_number(name) + 1);
    if (auto kept = agent::set(name, visits); !kept) return agent::fail(kept);

    auto greeting = "Hello " + name + ", this is visit " + visits + ".";
    agent::log(greeting);
    return agent::Reply(greeting);
  }
};

EXPORT_AGENT(Greeter)
