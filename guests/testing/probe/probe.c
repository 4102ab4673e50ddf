/* A hostile agent: the topic names what it tries, a number in the body how much of it. README.md. */
#include "agent.h"
#include "text.h"

enum { PAGE = 65536, LINE = 60000 };
static const uint64_t ENDLESS = ~0ull;

typedef struct {
  text_t name;
  result_t (*attempt)(const message_t *message, uint64_t amount);
} attempt_t;

#define ATTEMPT(name) static result_t name(const message_t *message, uint64_t amount)
#define ALONE (void)message, (void)amount

static char *filled(size_t size, char with) {
  char *block = allocate(size);
  __builtin_memset(block, with, size);
  return block;
}

static body_t body_of(const char *block, size_t size) { return TEXT_BODY(((text_t){block, size})); }

static text_t numbered(uint64_t number) {
  builder_t text = {0};
  add_number(&text, number);
  return built(&text);
}

ATTEMPT(loop) {
  ALONE;
  for (;;) __asm__ volatile("");
}

/* Grows page by page and writes to each, until it is refused. */
ATTEMPT(memory) {
  ALONE;
  uint64_t pages = 0;
  for (;; pages++) {
    size_t before = __builtin_wasm_memory_grow(0, 1);
    if (before == (size_t)-1) break;
    *(volatile char *)(before * PAGE) = 1;
  }
  return failure(TEXT("refused"), numbered(pages));
}

/* Takes all its memory at once, without a need for it. */
ATTEMPT(memory_at_once) {
  (void)message;
  size_t pages = amount ? (size_t)amount : 65535;
  bool refused = __builtin_wasm_memory_grow(0, pages) == (size_t)-1;
  return refused ? failure(TEXT("refused"), numbered(pages)) : DONE;
}

__attribute__((noinline)) static uint64_t deeper(uint64_t level) {
  __asm__ volatile("");
  return level ? deeper(level - 1) * 3 + 1 : 0;
}

ATTEMPT(stack) {
  (void)message;
  return deeper(amount ? amount : ENDLESS) ? DONE : failure(TEXT("none"), TEXT(""));
}

ATTEMPT(reply) {
  (void)message;
  result_t result = messaging_reply(body_of(filled((size_t)amount, 'x'), (size_t)amount));
  return result;
}

ATTEMPT(logs) {
  ALONE;
  text_t line = {filled(LINE, 'l'), LINE};
  for (;;) log_write(LOG_INFO, line);
}

ATTEMPT(short_logs) {
  ALONE;
  for (;;) log_write(LOG_INFO, TEXT(""));
}

/* To the sender: small ones without end, whatever comes back. */
ATTEMPT(sends) {
  (void)amount;
  for (;;) messaging_send(message->sender, TEXT("flood"), TEXT_BODY(TEXT("x")), NO_OPTIONS);
}

ATTEMPT(big_sends) {
  (void)amount;
  body_t body = body_of(filled(1 << 20, 'x'), 1 << 20);
  for (;;) messaging_send(message->sender, TEXT("flood"), body, NO_OPTIONS);
}

ATTEMPT(requests) {
  (void)amount;
  for (;;) messaging_start(message->sender, TEXT("flood"), TEXT_BODY(TEXT("x")), NO_OPTIONS);
}

ATTEMPT(timers) {
  ALONE;
  for (;;) messaging_schedule(1, TEXT("tick"), TEXT_BODY(TEXT("x")));
}

/* A disk bomb: new keys with big values, without end. */
ATTEMPT(state) {
  ALONE;
  text_t value = {filled(LINE, 'v'), LINE};
  for (uint64_t key = 0;; key++) state_set(numbered(key), value);
}

ATTEMPT(keys) {
  ALONE;
  for (;;) state_keys(TEXT(""));
}

ATTEMPT(clock) {
  ALONE;
  for (;;) context_now();
}

/* JSON `[[[[...` wherever JSON is taken: a configuration, a tool's arguments, a message. */
ATTEMPT(nesting) {
  size_t depth = (size_t)amount;
  text_t json = {filled(depth, '['), depth};
  text_result_t spawned = agents_spawn(TEXT("probe"), TEXT("nested"), json);
  text_result_t called = tools_call(TEXT("nested"), json);
  messaging_send(message->sender, TEXT("nested"), TEXT_BODY(json), NO_OPTIONS);
  if (!spawned.failed && !called.failed) return failure(TEXT("accepted"), TEXT(""));
  return failure(spawned.fault.code, called.fault.code);
}

/* A list that costs the guest nothing and the host much: each header is eight zero bytes at 0. */
ATTEMPT(headers) {
  header_t *headers = (header_t *)filled((size_t)amount * sizeof *headers, 0);
  options_t options = {.headers = {headers, (size_t)amount}};
  return messaging_send(message->sender, TEXT("headers"), TEXT_BODY(TEXT("")), options);
}

/* The same text again and again: many times the guest's memory, once the host has copied it. */
ATTEMPT(amplify) {
  text_t shared = {filled(PAGE, 'a'), PAGE};
  header_t *headers = allocate((size_t)amount * sizeof *headers);
  for (size_t i = 0; i < amount; i++) headers[i] = (header_t){shared, shared};
  options_t options = {.headers = {headers, (size_t)amount}};
  return messaging_send(message->sender, TEXT("headers"), TEXT_BODY(TEXT("")), options);
}

ATTEMPT(wait_list) {
  (void)message;
  uint64_t *requests = (uint64_t *)filled((size_t)amount * sizeof *requests, 1);
  number_result_t result = messaging_wait_any(requests, (size_t)amount);
  return result.failed ? failed_with(result.fault) : DONE;
}

/* What the canonical ABI forbids: text that is not UTF-8, text beyond the memory. */
ATTEMPT(bad_text) {
  ALONE;
  log_write(LOG_INFO, TEXT("\xff\xfe"));
  return DONE;
}

ATTEMPT(bad_pointer) {
  ALONE;
  log_write(LOG_INFO, (text_t){(const char *)0xfffffff0u, 64});
  return DONE;
}

ATTEMPT(bad_size) {
  ALONE;
  log_write(LOG_INFO, (text_t){(const char *)8, 0xffffffffu});
  return DONE;
}

ATTEMPT(bad_level) {
  ALONE;
  abi_write(99, "x", 1);
  return DONE;
}

ATTEMPT(bad_result) {
  ALONE;
  return failure((text_t){(const char *)0xfffffff0u, 64}, TEXT(""));
}

/* The plain traps. */
ATTEMPT(unreachable) {
  ALONE;
  __builtin_trap();
}

ATTEMPT(divide) {
  (void)message;
  uint32_t divisor = (uint32_t)amount;
  __asm__ volatile("" : "+r"(divisor)); /* the compiler may assume that it is not 0 */
  return failure(TEXT("divided"), numbered(1000000 / divisor));
}

ATTEMPT(bounds) {
  ALONE;
  *(volatile char *)0xfffffff0u = 1;
  return DONE;
}

ATTEMPT(indirect) {
  ALONE;
  void (*volatile nowhere)(void) = (void (*)(void))0x7fff;
  nowhere();
  return DONE;
}

/* What others may not do: speak for the world, end anybody, take answers that are not theirs. */
ATTEMPT(forge) {
  (void)amount;
  header_t forged = {TEXT("sender"), TEXT("operator")};
  options_t options = {.headers = {&forged, 1}};
  return messaging_send(message->sender, TEXT("exit"), TEXT_BODY(TEXT("{}")), options);
}

ATTEMPT(stop) {
  (void)amount;
  return agents_stop(message->body.value);
}

ATTEMPT(steal) {
  for (uint64_t agent = 0; agent < 64; agent++) {
    for (uint64_t ordinal = 1; ordinal <= amount; ordinal++) {
      uint64_t request = agent << 32 | ordinal;
      if (!messaging_take(request).failed) return failure(TEXT("stolen"), numbered(request));
      if (!messaging_reply_to(request, message->body).failed) {
        return failure(TEXT("answered"), numbered(request));
      }
      messaging_cancel_request(request);
      messaging_cancel(request);
    }
  }
  return DONE;
}

#undef TEXT
#define TEXT(literal) {literal, sizeof(literal) - 1}
static const attempt_t attempts[] = {
  {TEXT("loop"), loop}, {TEXT("memory"), memory}, {TEXT("memory-at-once"), memory_at_once},
  {TEXT("stack"), stack}, {TEXT("reply"), reply}, {TEXT("logs"), logs},
  {TEXT("short-logs"), short_logs}, {TEXT("sends"), sends}, {TEXT("big-sends"), big_sends},
  {TEXT("requests"), requests}, {TEXT("timers"), timers}, {TEXT("state"), state},
  {TEXT("keys"), keys}, {TEXT("clock"), clock}, {TEXT("nesting"), nesting},
  {TEXT("headers"), headers}, {TEXT("amplify"), amplify}, {TEXT("wait-list"), wait_list},
  {TEXT("bad-text"), bad_text}, {TEXT("bad-pointer"), bad_pointer}, {TEXT("bad-size"), bad_size},
  {TEXT("bad-level"), bad_level}, {TEXT("bad-result"), bad_result},
  {TEXT("unreachable"), unreachable}, {TEXT("divide"), divide}, {TEXT("bounds"), bounds},
  {TEXT("indirect"), indirect}, {TEXT("forge"), forge}, {TEXT("stop"), stop},
  {TEXT("steal"), steal},
};

result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  text_t rest = message->body.value;
  uint64_t amount = text_take_number(&rest);
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
    if (text_equal(attempts[i].name, message->topic)) return attempts[i].attempt(message, amount);
  }
  return DONE;
}
