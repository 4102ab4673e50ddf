/* A command that keeps things: wasi:keyvalue, wasi:config and wasi:logging as any program uses them.
 *
 * The standard input is a script, one operation a line; what each answers is printed, a line each:
 *
 *   open NAME          get KEY           set KEY VALUE     delete KEY       exists KEY
 *   list               add KEY NUMBER    expect KEY        swap VALUE       again VALUE
 *   many KEY...        put KEY VALUE ... drop KEY...       blob KEY SIZE
 *   config NAME        configs           log LEVEL CONTEXT TEXT
 *
 * `expect` makes a handle of what is under a key, `swap` swaps by it; where that fails it is replaced
 * by the one that came back, and `again` tries until it does not. */
#include "wasi.h"

enum { MOST = 64 };

static handle_t bucket, cas;

static void say_error(const error_t *error) {
  switch (error->which) {
  case 0: say(TEXT("error no-such-store"), TEXT("")); break;
  case 1: say(TEXT("error access-denied"), TEXT("")); break;
  default: say(TEXT("error "), error->text);
  }
}

static void say_done(const done_t *done) {
  if (done->failed) say_error(&done->error);
  else say(TEXT("ok"), TEXT(""));
}

static void say_value(const text_option_t *value) {
  if (value->some) say(TEXT("= "), value->value);
  else say(TEXT("none"), TEXT(""));
}

static void say_number(int64_t number) {
  builder_t text = {0};
  if (number < 0) add_char(&text, '-');
  add_number(&text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
  say(TEXT("= "), built(&text));
}

static size_t words(text_t *line, text_t *into) {
  size_t count = 0;
  while (line->size && count < MOST) into[count++] = word(line, ' ');
  return count;
}

static int64_t number_of(text_t text) {
  bool minus = text.size && text.ptr[0] == '-';
  if (minus) text = (text_t){text.ptr + 1, text.size - 1};
  uint64_t number = text_take_number(&text);
  return minus ? (int64_t)(0 - number) : (int64_t)number;
}

static void take_handle(const handle_result_t *result, handle_t *into, void (*drop)(handle_t)) {
  if (result->failed) {
    say_error(&result->error);
    return;
  }
  if (*into) drop(*into);
  *into = result->value;
  say(TEXT("ok"), TEXT(""));
}

static void list_all(void) {
  page_result_t page;
  text_option_t cursor = {0};
  builder_t keys = {0};
  size_t pages = 0;
  do {
    bucket_list(bucket, cursor.some, SPLIT(cursor.value), &page);
    if (page.failed) {
      say_error(&page.error);
      return;
    }
    for (size_t i = 0; i < page.value.keys.count; i++) {
      add_char(&keys, ' ');
      add(&keys, page.value.keys.ptr[i]);
    }
    cursor = page.value.cursor;
    pages++;
  } while (cursor.some);
  builder_t head = {0};
  add_number(&head, pages);
  say(built(&head), built(&keys));
}

/* Whether it was swapped; where not, the handle that came back takes the other's place. */
static bool swap_by(text_t value) {
  swapped_t swapped;
  swap(cas, SPLIT(value), &swapped);
  cas = 0;
  if (!swapped.failed) {
    say(TEXT("swapped"), TEXT(""));
    return true;
  }
  if (swapped.why.which == 0) {
    say_error(&swapped.why.error);
    return true;
  }
  cas = swapped.why.cas;
  value_result_t now;
  cas_current(cas, &now);
  if (now.failed) __builtin_trap();
  say(TEXT("differs"), TEXT(""));
  say_value(&now.value);
  return false;
}

static void say_many(const text_t *keys, size_t count) {
  many_t many;
  get_many(bucket, keys, count, &many);
  if (many.failed) {
    say_error(&many.error);
    return;
  }
  builder_t line = {0};
  for (size_t i = 0; i < many.value.count; i++) {
    const pair_option_t *pair = &many.value.ptr[i];
    add_char(&line, ' ');
    if (!pair->some) {
      add(&line, TEXT("none"));
      continue;
    }
    add(&line, pair->value.key);
    add_char(&line, '=');
    add(&line, pair->value.value);
  }
  say(TEXT("many"), built(&line));
}

static bool keep(text_t verb, text_t rest) {
  static text_t names[MOST];
  done_t done;
  if (text_equal(verb, TEXT("open"))) {
    handle_result_t opened;
    open_bucket(SPLIT(rest), &opened);
    take_handle(&opened, &bucket, drop_bucket);
  } else if (text_equal(verb, TEXT("get"))) {
    value_result_t value;
    bucket_get(bucket, SPLIT(rest), &value);
    if (value.failed) say_error(&value.error);
    else say_value(&value.value);
  } else if (text_equal(verb, TEXT("set"))) {
    text_t key = word(&rest, ' ');
    bucket_set(bucket, SPLIT(key), SPLIT(rest), &done);
    say_done(&done);
  } else if (text_equal(verb, TEXT("blob"))) {
    text_t key = word(&rest, ' ');
    builder_t value = {0};
    for (int64_t left = number_of(rest); left > 0; left--) add_char(&value, 'v');
    bucket_set(bucket, SPLIT(key), value.ptr, value.size, &done);
    say_done(&done);
  } else if (text_equal(verb, TEXT("delete"))) {
    bucket_delete(bucket, SPLIT(rest), &done);
    say_done(&done);
  } else if (text_equal(verb, TEXT("exists"))) {
    bool_result_t found;
    bucket_exists(bucket, SPLIT(rest), &found);
    if (found.failed) say_error(&found.error);
    else say(found.value ? TEXT("yes") : TEXT("no"), TEXT(""));
  } else if (text_equal(verb, TEXT("list"))) {
    list_all();
  } else if (text_equal(verb, TEXT("put"))) {
    static pair_t pairs[MOST];
    size_t count = 0;
    while (rest.size && count < MOST) {
      pairs[count].key = word(&rest, ' ');
      pairs[count++].value = word(&rest, ' ');
    }
    set_many(bucket, pairs, count, &done);
    say_done(&done);
  } else if (text_equal(verb, TEXT("many"))) {
    say_many(names, words(&rest, names));
  } else if (text_equal(verb, TEXT("drop"))) {
    delete_many(bucket, names, words(&rest, names), &done);
    say_done(&done);
  } else return false;
  return true;
}

static bool count(text_t verb, text_t rest) {
  if (text_equal(verb, TEXT("add"))) {
    sum_t sum;
    text_t key = word(&rest, ' ');
    increment(bucket, SPLIT(key), number_of(rest), &sum);
    if (sum.failed) say_error(&sum.error);
    else say_number(sum.value);
  } else if (text_equal(verb, TEXT("expect"))) {
    handle_result_t made;
    new_cas(bucket, SPLIT(rest), &made);
    take_handle(&made, &cas, drop_cas);
  } else if (text_equal(verb, TEXT("swap"))) {
    swap_by(rest);
  } else if (text_equal(verb, TEXT("again"))) {
    while (!swap_by(rest)) continue;
  } else return false;
  return true;
}

static bool tell(text_t verb, text_t rest) {
  if (text_equal(verb, TEXT("config"))) {
    text_option_t value;
    config_get(SPLIT(rest), &value);
    say_value(&value);
  } else if (text_equal(verb, TEXT("configs"))) {
    pairs_t all;
    config_get_all(&all);
    for (size_t i = 0; i < all.count; i++) {
      builder_t name = {0};
      add(&name, all.ptr[i].key);
      add_char(&name, '=');
      say(built(&name), all.ptr[i].value);
    }
  } else if (text_equal(verb, TEXT("log"))) {
    int32_t level = (int32_t)number_of(word(&rest, ' '));
    text_t context = word(&rest, ' ');
    if (text_equal(context, TEXT("-"))) context.size = 0;
    log_line(level, SPLIT(context), SPLIT(rest));
  } else return false;
  return true;
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    text_t verb = word(&line, ' ');
    if (!keep(verb, line) && !count(verb, line) && !tell(verb, line)) return 1;
  }
  if (cas) drop_cas(cas);
  if (bucket) drop_bucket(bucket);
  drop_output(out);
  return 0;
}
