/* A command that asks servers: wasi:http as any program uses it.
 *
 *   fetch [-w NS] [-t NS] [-h NAME VALUE]... METHOD SCHEME AUTHORITY PATH [METHOD ...]...
 *
 * All requests go out before any is waited for; with a body, which is the standard input, where the
 * method is POST or PUT. Prints of each, as it ends, `INDEX STATUS`, its headers that begin with
 * `x-`, and its body; or `INDEX error CASE` and what the case says. `-w` waits no longer than that
 * and drops what is still out; `-t` is the timeout of the first byte. */
#include "wasi.h"

enum { MOST = 16 };

static handle_t futures[MOST], pollables[MOST + 1];
static size_t indexes[MOST];
static field_t fields[MOST];

static void say_end(size_t index, text_t what, uint64_t number) {
  builder_t line = {0};
  add_number(&line, index);
  add_char(&line, ' ');
  add(&line, what);
  add_number(&line, number);
  add_char(&line, '\n');
  print(built(&line));
}

/* The payloads that the cases have, as far as anybody here gives one. */
static void say_code(size_t index, const code_t *code) {
  say_end(index, TEXT("error "), code->which);
  builder_t line = {0};
  if (code->which == 17 && code->number.some) add_number(&line, code->number.value);
  if (code->which == 21 && code->small.some) add_number(&line, code->small.value);
  if (code->which == 38 && code->text.some) add(&line, code->text.value);
  if (line.size) {
    add_char(&line, '\n');
    print(built(&line));
  }
}

static int32_t method_of(text_t name) {
  static const text_t names[] = {
    {"GET", 3}, {"HEAD", 4}, {"POST", 4}, {"PUT", 3}, {"DELETE", 6},
    {"CONNECT", 7}, {"OPTIONS", 7}, {"TRACE", 5}, {"PATCH", 5},
  };
  for (int32_t i = 0; i < 9; i++) if (text_equal(name, names[i])) return i;
  return 9;
}

/* Writes the body and finishes it; false where the host took it for too long. */
static bool send_body(size_t index, handle_t body, bytes_t data) {
  handle_result_t stream;
  body_write(body, &stream);
  if (stream.failed) __builtin_trap();
  written_t written;
  blocking_write(stream.value, data.ptr, data.size, &written);
  drop_output(stream.value);
  if (written.failed && written.why == 0) {
    maybe_code_t why;
    http_error_code(written.error, &why);
    if (why.some) say_code(index, &why.code);
    drop_error(written.error);
  }
  finished_t finished;
  body_finish(body, 0, 0, &finished);
  return !finished.failed;
}

/* One request; its future, or 0 where it was refused. */
static handle_t send(size_t index, const text_t *part, size_t field_count, uint64_t timeout,
    bytes_t data) {
  handle_result_t headers, body = {.failed = true};
  fields_from_list(fields, field_count, &headers);
  if (headers.failed) {
    say_end(index, TEXT("header-error "), (uint64_t)(uint8_t)headers.value);
    return 0;
  }
  handle_t request = new_request(headers.value);
  int32_t method = method_of(part[0]);
  bool https = text_equal(part[1], TEXT("https"));
  if (set_method(request, method, SPLIT(part[0])) || set_scheme(request, 1, https, 0, 0) ||
      set_authority(request, 1, SPLIT(part[2])) || set_path(request, 1, SPLIT(part[3]))) {
    say_end(index, TEXT("refused "), 0);
    return 0;
  }
  bool carries = method == 2 || method == 3;
  if (carries) request_body(request, &body);
  handle_t options = 0;
  if (timeout) {
    options = new_options();
    set_first_byte_timeout(options, 1, timeout);
  }
  asked_t asked;
  handle(request, timeout != 0, options, &asked);
  if (asked.failed) {
    say_code(index, &asked.code);
    return 0;
  }
  if (carries && !body.failed && !send_body(index, body.value, data)) print(TEXT("not finished\n"));
  return asked.value;
}

static void say_response(size_t index, handle_t response) {
  say_end(index, TEXT(""), (uint64_t)response_status(response));
  handle_t headers = response_headers(response);
  fields_t all;
  fields_entries(headers, &all);
  for (size_t i = 0; i < all.count; i++) {
    if (!text_starts(all.ptr[i].name, TEXT("x-"))) continue;
    builder_t line = {0};
    add(&line, all.ptr[i].name);
    add(&line, TEXT(": "));
    add(&line, all.ptr[i].value);
    add_char(&line, '\n');
    print(built(&line));
  }
  drop_fields(headers);
  handle_result_t body, stream;
  response_consume(response, &body);
  if (body.failed) __builtin_trap();
  body_stream(body.value, &stream);
  if (stream.failed) __builtin_trap();
  for (;;) {
    spliced_t moved;
    blocking_splice(out, stream.value, 65536, &moved);
    if (moved.failed) break;
  }
  print(TEXT("\n"));
  drop_input(stream.value);
  handle_t trailers = incoming_finish(body.value);
  got_trailers_t none;
  trailers_get(trailers, &none);
  if (!none.some || none.twice || none.failed || none.trailers) __builtin_trap();
  trailers_get(trailers, &none);
  if (!none.some || !none.twice) __builtin_trap();
  drop_trailers(trailers);
  drop_response(response);
}

static void say_outcome(size_t index, handle_t future) {
  got_t got;
  future_get(future, &got);
  if (!got.some || got.twice) __builtin_trap();
  got_t again;
  future_get(future, &again);
  if (!again.some || !again.twice) __builtin_trap();
  if (got.answer.failed) say_code(index, &got.answer.code);
  else say_response(index, got.answer.value);
  drop_future(future);
}

/* Takes what has ended off the list; what remains keeps its order. */
static size_t take_ended(size_t count, indexes_t ready) {
  for (size_t i = 0; i < ready.count; i++) {
    uint32_t at = ready.ptr[i];
    drop_pollable(pollables[at]);
    pollables[at] = 0;
    say_outcome(indexes[at], futures[at]);
  }
  size_t left = 0;
  for (size_t at = 0; at < count; at++) {
    if (!pollables[at]) continue;
    pollables[left] = pollables[at];
    futures[left] = futures[at];
    indexes[left++] = indexes[at];
  }
  return left;
}

static void wait_for(size_t count, uint64_t patience) {
  handle_t timer = patience ? subscribe_duration(patience) : 0;
  while (count) {
    indexes_t ready;
    pollables[count] = timer;
    poll(pollables, count + (timer != 0), &ready);
    if (ready.ptr[ready.count - 1] == count) {
      print(TEXT("out of patience\n"));
      break;
    }
    count = take_ended(count, ready);
  }
  for (size_t at = 0; at < count; at++) {
    drop_pollable(pollables[at]);
    drop_future(futures[at]);
  }
  if (timer) drop_pollable(timer);
}

EXPORT("run") int32_t run(void) {
  text_list_t arguments;
  uint64_t patience = 0, timeout = 0;
  size_t field_count = 0, count = 0, index = 0, at = 1;
  out = get_stdout();
  get_arguments(&arguments);
  while (at < arguments.count && text_starts(arguments.ptr[at], TEXT("-"))) {
    text_t option = arguments.ptr[at++], value = arguments.ptr[at++];
    if (text_equal(option, TEXT("-w"))) patience = text_take_number(&value);
    else if (text_equal(option, TEXT("-t"))) timeout = text_take_number(&value);
    else fields[field_count++] = (field_t){value, {SPLIT(arguments.ptr[at])}}, at++;
  }
  bytes_t data = read_stdin();
  for (; at + 4 <= arguments.count; at += 4, index++) {
    handle_t future = send(index, arguments.ptr + at, field_count, timeout, data);
    if (!future) continue;
    futures[count] = future;
    indexes[count] = index;
    pollables[count++] = future_subscribe(future);
  }
  wait_for(count, patience);
  drop_output(out);
  return 0;
}
