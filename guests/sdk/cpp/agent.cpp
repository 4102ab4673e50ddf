// What `agent.hpp` declares, on the C kit's header: the host's values are copied into those of C++.
#include "agent.hpp"

#include <charconv>

#include "lifting.hpp"

#define HANDLER "wasm-engine:agent/handler@0.1.0#"

extern "C" {
// The kit's allocator is malloc here.
void *allocate_again(void *old, size_t, size_t align, size_t size) {
  if (size == 0 && old == nullptr) return reinterpret_cast<void *>(align);
  void *block = std::realloc(old, size);
  if (block == nullptr) __builtin_trap();
  return block;
}
EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  return allocate_again(old_size == 0 ? nullptr : old, old_size, align, size);
}
}

namespace agent {
namespace {

Headers taken(headers_t headers) {
  Headers copy;
  copy.reserve(headers.count);
  for (size_t n = 0; n < headers.count; n++) {
    std::string name = taken(headers.ptr[n].name);
    copy.emplace_back(std::move(name), taken(headers.ptr[n].value));
  }
  release(headers.ptr, headers.count);
  return copy;
}
Done done(result_t result) {
  if (result.failed) return failed(result.fault);
  return {};
}
Result<Body> body(body_result_t result) {
  if (result.failed) return failed(result.fault);
  return taken(result.value);
}
Result<Request> request(Result<std::uint64_t> started) {
  if (!started) return fail(started);
  return Request{*started};
}
std::optional<std::string> option(text_option_t found) {
  if (!found.some) return {};
  return taken(found.value);
}

// Headers and a span as the host takes them; what they point to is the caller's.
std::vector<header_t> lent(const Headers &headers) {
  std::vector<header_t> made;
  for (const auto &[name, value] : headers) {
    made.push_back({lent(std::string_view(name)), lent(std::string_view(value))});
  }
  return made;
}
struct LentOptions {
  std::vector<header_t> headers;
  options_t value;
  explicit LentOptions(const Options &options) : headers(lent(options.headers)), value{} {
    value.timed = options.timeout.has_value();
    value.timeout = options.timeout ? nanoseconds(*options.timeout) : 0;
    value.headers = {headers.data(), headers.size()};
  }
};
struct LentRequest {
  std::vector<header_t> headers;
  request_t value;
  explicit LentRequest(const HttpRequest &request) : headers(lent(request.headers)), value{} {
    value.method = lent(std::string_view(request.method));
    value.url = lent(std::string_view(request.url));
    value.headers = {headers.data(), headers.size()};
    value.some = request.body.has_value();
    if (request.body) value.body = lent(*request.body);
    value.timed = request.timeout.has_value();
    value.timeout = request.timeout ? nanoseconds(*request.timeout) : 0;
  }
};
Result<HttpResponse> response(response_result_t result) {
  if (result.failed) return failed(result.fault);
  Headers headers = taken(result.value.headers);
  return HttpResponse{result.value.status, std::move(headers), taken(result.value.body)};
}

// The result of the last export: the host reads it, then the next one may come.
result_t outcome;
Fault kept;

const result_t *give(const Done &result) {
  outcome = {};
  if (!result) {
    kept = result.error();
    outcome.failed = true;
    outcome.fault = {lent(std::string_view(kept.code)), lent(std::string_view(kept.detail))};
  }
  return &outcome;
}

Done handled(const Message &message) {
  auto reply = exported().handle(message);
  if (!reply) return fail(reply);
  if (!reply->body || !message.request) return {};
  auto replied = done(messaging_reply(lent(*reply->body)));
  if (!replied && replied.error().code == "request-closed") {
    log("the reply came too late: dropped");
    return {};
  }
  return replied;
}

}  // namespace

extern "C" {
EXPORT(HANDLER "init") const result_t *export_init() { return give(exported().init()); }

EXPORT(HANDLER "handle") const result_t *export_handle(
    uint64_t id, const char *sender, size_t sender_size, const char *topic, size_t topic_size,
    int32_t kind, const char *body, size_t body_size, const header_t *headers, size_t count,
    int32_t asked, uint64_t request) {
  std::string from = taken(text_t{sender, sender_size}), about = taken(text_t{topic, topic_size});
  Body content = taken(body_t{static_cast<uint8_t>(kind), {body, body_size}});
  Message message{id, std::move(from), std::move(about), std::move(content),
                  taken(headers_t{headers, count}), {}};
  if (asked) message.request = request;
  return give(handled(message));
}
}

std::string_view Message::header(std::string_view name) const {
  for (const auto &[key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Done send(std::string_view to, std::string_view topic, const Body &body, const Options &options) {
  return done(messaging_send(lent(to), lent(topic), lent(body), LentOptions(options).value));
}
Done publish(std::string_view topic, const Body &body, const Options &options) {
  return done(messaging_publish(lent(topic), lent(body), LentOptions(options).value));
}
Result<std::uint64_t> schedule(Span after, std::string_view topic, const Body &body) {
  return number(messaging_schedule(nanoseconds(after), lent(topic), lent(body)));
}
bool cancel(std::uint64_t number) { return messaging_cancel(number) != 0; }

Result<Body> ask(std::string_view to, std::string_view topic, const Body &body_,
                 const Options &options) {
  return body(messaging_ask(lent(to), lent(topic), lent(body_), LentOptions(options).value));
}
Result<Request> start(std::string_view to, std::string_view topic, const Body &body,
                      const Options &options) {
  return request(number(messaging_start(lent(to), lent(topic), lent(body), LentOptions(options).value)));
}
Result<Request> wait_any(const std::vector<Request> &requests) {
  static_assert(sizeof(Request) == sizeof(std::uint64_t));
  auto *numbers = reinterpret_cast<const std::uint64_t *>(requests.data());
  return request(number(messaging_wait_any(numbers, requests.size())));
}
Result<Body> Request::wait() const {
  if (auto ended = agent::number(messaging_wait_any(&number, 1)); !ended) return fail(ended);
  return take();
}
Result<Body> Request::take() const { return body(messaging_take(number)); }
void Request::cancel() const { messaging_cancel_request(number); }
Result<std::uint64_t> defer() { return number(messaging_defer()); }
Done reply_to(std::uint64_t request, const Body &body) {
  return done(messaging_reply_to(request, lent(body)));
}

std::optional<std::string> get(std::string_view key) { return option(state_get(lent(key))); }
std::optional<std::string> get_bytes(std::string_view key) {
  return option(state_get_bytes(lent(key)));
}
std::uint64_t get_number(std::string_view key) {
  std::uint64_t found = 0;
  if (auto text = get(key)) std::from_chars(text->data(), text->data() + text->size(), found);
  return found;
}
Done set(std::string_view key, std::string_view value) {
  return done(state_set(lent(key), lent(value)));
}
Done set_bytes(std::string_view key, std::string_view value) {
  return done(state_set_bytes(lent(key), lent(value)));
}
void erase(std::string_view key) { state_delete(lent(key)); }
std::vector<std::string> keys(std::string_view prefix) {
  text_list_t found = state_keys(lent(prefix));
  std::vector<std::string> copy;
  for (size_t n = 0; n < found.count; n++) copy.push_back(taken(found.ptr[n]));
  release(found.ptr, found.count);
  return copy;
}

std::string address() { return taken(context_self_address()); }
std::string world() { return taken(context_world_name()); }
std::uint64_t step() { return context_step(); }
Span now() { return Span(static_cast<Span::rep>(context_now())); }
std::uint64_t random() { return context_random(); }
std::string config() { return taken(context_config()); }

Result<std::string> spawn(std::string_view kind, std::string_view key, std::string_view config) {
  return text(agents_spawn(lent(kind), lent(key), lent(config)));
}
Done stop(std::string_view agent) { return done(agents_stop(lent(agent))); }
Done watch(std::string_view agent) { return done(agents_watch(lent(agent))); }

std::vector<Tool> available_tools() {
  tool_list_t found = tools_available();
  std::vector<Tool> copy;
  for (size_t n = 0; n < found.count; n++) {
    const tool_t &it = found.ptr[n];
    copy.push_back({taken(it.name), taken(it.description), taken(it.input_schema),
                    taken(it.output_schema)});
  }
  release(found.ptr, found.count);
  return copy;
}
Result<std::string> call_tool(std::string_view name, std::string_view arguments) {
  return text(tools_call(lent(name), lent(arguments)));
}

Result<HttpResponse> fetch(const HttpRequest &request) {
  return response(http_fetch(LentRequest(request).value));
}
Result<Request> start_fetch(const HttpRequest &asked) {
  return request(number(http_start(LentRequest(asked).value)));
}
Result<HttpResponse> take_fetched(Request request) { return response(http_take(request.number)); }

void log(std::string_view text, Level level) { log_write(static_cast<level_t>(level), lent(text)); }

}  // namespace agent
