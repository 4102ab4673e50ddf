// Calls every function of the contract, and says what came of it: the same text in each language.
#include "agent.hpp"

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

static std::string told(const agent::Result<std::string> &it) { return it ? *it : "!" + it.error().code; }
static std::string done(const agent::Done &it) { return it ? "done" : "!" + it.error().code; }
static std::string flag(bool it) { return it ? "true" : "false"; }
static std::string list(const std::string &bytes) {
  std::string text = "[";
  for (unsigned char byte : bytes) text += (text.size() > 1 ? ", " : "") + std::to_string(byte);
  return text + "]";
}
static std::string got(const agent::Result<agent::Body> &it) {
  if (!it) return "!" + it.error().code;
  return it->bytes ? list(it->value) : it->value;
}
static std::string joined(const Lines &lines, const char *with) {
  std::string text;
  for (const auto &line : lines) text += (text.empty() ? "" : with) + line;
  return text;
}

static void memory(Lines &lines) {
  lines.push_back(done(agent::set("a", "grün")));
  lines.push_back(done(agent::set_bytes("b", std::string_view("\0\1\377", 3))));
  lines.push_back("\"" + *agent::get("a") + "\" " + flag(!agent::get("b")));
  lines.push_back(list(*agent::get_bytes("b")));
  lines.push_back(joined(agent::keys(), ","));
  agent::erase("a");
  lines.push_back(flag(!agent::get("a")) + " " + flag(!agent::get_bytes("none")));
  lines.push_back(done(agent::set("", "no key")));
}

static void surroundings(Lines &lines) {
  lines.push_back(agent::address() + " " + agent::world() + " " + std::to_string(agent::step()));
  auto now = std::to_string(agent::now().count());
  lines.push_back(now + " " + flag(agent::random() != agent::random()));
  lines.push_back(agent::config());
  agent::log("d", agent::Level::debug);
  agent::log("i");
  agent::log("w", agent::Level::warning);
  agent::log("e", agent::Level::error);
}

static void sending(Lines &lines) {
  lines.push_back(got(agent::ask("echo", "text", "for you")));
  lines.push_back(got(agent::ask("echo", "bytes", agent::Body("\1\2\3", true))));
  lines.push_back(got(agent::ask("echo", "header", "", {.timeout = {}, .headers = {{"k", "v"}, {"l", ""}}})));
  lines.push_back(got(agent::ask("echo", "fail", "x")));
  lines.push_back(got(agent::ask("nobody", "text", "x")));
  lines.push_back(got(agent::ask("echo", "keep", "x", {.timeout = 5ms, .headers = {}})));
  lines.push_back(done(agent::send("echo", "text", "one way")));
  lines.push_back(done(agent::publish("news", "to all")));
  auto first = *agent::start("echo", "keep", "x"), second = *agent::start("echo", "text", "second");
  auto ended = *agent::wait_any({first, second});
  lines.push_back(flag(ended.number == second.number) + " " + got(ended.take()));
  first.cancel();
  lines.push_back(got(first.take()));
  auto number = *agent::schedule(1s, "later", "");
  auto once = flag(agent::cancel(number));
  lines.push_back(once + " " + flag(agent::cancel(number)));
}

static void others(Lines &lines) {
  lines.push_back(told(agent::spawn("child", "one", "{\"n\":1}")));
  lines.push_back(told(agent::spawn("none", "one")));
  lines.push_back(done(agent::watch("child/one")));
  lines.push_back(done(agent::stop("child/one")));
  lines.push_back(std::to_string(agent::available_tools().size()));
  lines.push_back(told(agent::call_tool("none", "{}")));
  agent::HttpRequest request{"GET", "https://nowhere.example/", {{"a", "b"}}, "x", {}};
  auto response = agent::fetch(request);
  lines.push_back(response ? std::to_string(response->status) : "!" + response.error().code);
  request.timeout = 1s;
  auto started = agent::start_fetch(request);
  lines.push_back(started ? "started" : "!" + started.error().code);
}

struct Tour : agent::Agent {
  agent::Done init() override {
    agent::log("init " + agent::config());
    (void)agent::set("a", "b");
    return {};
  }

  agent::Result<agent::Reply> handle(const agent::Message &message) override {
    if (message.topic == "text" || message.topic == "bytes") return agent::Reply(message.body);
    if (message.topic == "header") {
      return agent::Reply(message.headers[0].first + "=" + std::string(message.header("k")));
    }
    if (message.topic == "fail") return agent::fail("on-purpose", message.sender);
    if (message.topic == "keep") {
      auto kept = agent::defer();
      if (!kept) return agent::fail(kept);
      if (auto set = agent::set("kept", std::to_string(*kept)); !set) return agent::fail(set);
    }
    if (message.topic != "tour") return {};
    Lines lines;
    memory(lines);
    surroundings(lines);
    sending(lines);
    others(lines);
    agent::log(joined(lines, "\n"));
    return {};
  }
};

EXPORT_AGENT(Tour)
