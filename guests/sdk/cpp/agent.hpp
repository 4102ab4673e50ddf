// Write an agent in C++: handle messages, ask others, remember things.
//
//     #include "agent.hpp"
//
//     struct Greeter : agent::Agent {
//       agent::Result<agent::Reply> handle(const agent::Message &message) override {
//         auto count = agent::get_number("count") + 1;
//         if (auto kept = agent::set("count", std::to_string(count)); !kept) return agent::fail(kept);
//         return agent::Reply("Hello " + message.sender);
//       }
//     };
//     EXPORT_AGENT(Greeter)
//
// `wasm-engine component build greeter.cpp` makes a component of it. It stands on the C kit's header,
// with the standard library above it. There are no exceptions: what can fail is a Result, which is a
// std::expected. Every message meets the instance as `init` left it; what is to be remembered goes into
// the state. What is written to std::cout and std::cerr goes to the agent's log.
#ifndef WASM_ENGINE_AGENT_HPP
#define WASM_ENGINE_AGENT_HPP
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

// Why something was refused or failed: a stable code, and a text for people.
struct Fault {
  std::string code, detail;
};
template <typename T> using Result = std::expected<T, Fault>;
using Done = Result<void>;
using Span = std::chrono::nanoseconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

// A failure with a code of one's own: returned, it ends the handling of the message.
inline std::unexpected<Fault> fail(std::string code, std::string detail = "") {
  return std::unexpected(Fault{std::move(code), std::move(detail)});
}
// Hands on the fault of something that failed.
template <typename T> std::unexpected<Fault> fail(const Result<T> &failed) {
  return std::unexpected(failed.error());
}

// Text, or bytes.
struct Body {
  std::string value;
  bool bytes = false;
  Body(std::string text) : value(std::move(text)) {}
  Body(std::string_view text) : value(text) {}
  Body(const char *text) : value(text) {}
  Body(std::string value, bool bytes) : value(std::move(value)), bytes(bytes) {}
};

// What a handler answers: a body, or nothing.
struct Reply {
  std::optional<Body> body;
  Reply() = default;
  template <typename T> Reply(T &&value) : body(std::in_place, std::forward<T>(value)) {}
};

struct Message {
  std::uint64_t id;
  std::string sender, topic;
  Body body;
  Headers headers;
  std::optional<std::uint64_t> request;
  // The first header of a name, or nothing.
  std::string_view header(std::string_view name) const;
};

struct Agent {
  virtual ~Agent() = default;
  // Once per instance, before its first message. Only `config` and the log answer in it.
  virtual Done init() { return {}; }
  // One message. What is answered goes to the sender, if it waits for a reply.
  virtual Result<Reply> handle(const Message &message) = 0;
};

// The agent of this component; EXPORT_AGENT defines it.
Agent &exported();
#define EXPORT_AGENT(type) \
  agent::Agent &agent::exported() { static type it; return it; }

// Sending. Nothing leaves before the segment ends well: at the next wait, or the end.
struct Options {
  std::optional<Span> timeout;
  Headers headers;
};
Done send(std::string_view to, std::string_view topic, const Body &body, const Options &options = {});
Done publish(std::string_view topic, const Body &body, const Options &options = {});
Result<std::uint64_t> schedule(Span after, std::string_view topic, const Body &body);
bool cancel(std::uint64_t number);

// Requests: `ask` suspends the agent until the reply is there; several at once are started.
Result<Body> ask(std::string_view to, std::string_view topic, const Body &body,
                 const Options &options = {});
struct Request {
  std::uint64_t number;
  Result<Body> wait() const;
  Result<Body> take() const;
  void cancel() const;
};
Result<Request> start(std::string_view to, std::string_view topic, const Body &body,
                      const Options &options = {});
Result<Request> wait_any(const std::vector<Request> &requests);
// Keeps the request of the message being handled open; its number is for `reply_to`.
Result<std::uint64_t> defer();
Done reply_to(std::uint64_t request, const Body &body);

// The agent's own durable memory.
std::optional<std::string> get(std::string_view key);
std::optional<std::string> get_bytes(std::string_view key);
std::uint64_t get_number(std::string_view key);
Done set(std::string_view key, std::string_view value);
Done set_bytes(std::string_view key, std::string_view value);
void erase(std::string_view key);
std::vector<std::string> keys(std::string_view prefix = "");

// Who and when am I.
std::string address();
std::string world();
std::uint64_t step();
Span now();
std::uint64_t random();
std::string config();

// Other agents.
Result<std::string> spawn(std::string_view kind, std::string_view key, std::string_view config = "");
Done stop(std::string_view agent);
Done watch(std::string_view agent);

// Granted tools; arguments and results are JSON.
struct Tool {
  std::string name, description, input_schema, output_schema;
};
std::vector<Tool> available_tools();
Result<std::string> call_tool(std::string_view name, std::string_view arguments);

// Granted servers.
struct HttpRequest {
  std::string method, url;
  Headers headers;
  std::optional<Body> body;
  std::optional<Span> timeout;
};
struct HttpResponse {
  std::uint16_t status;
  Headers headers;
  Body body;
};
Result<HttpResponse> fetch(const HttpRequest &request);
Result<Request> start_fetch(const HttpRequest &request);
Result<HttpResponse> take_fetched(Request request);

enum class Level { debug, info, warning, error };
void log(std::string_view text, Level level = Level::info);

}  // namespace agent
#endif
