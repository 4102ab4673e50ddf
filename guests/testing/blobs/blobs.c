/* A command that keeps objects: wasi:blobstore as any program uses it.
 *
 * The standard input is a script, one operation a line; what each answers is printed, a line each:
 *
 *   create NAME    container NAME   remove NAME     there NAME      about
 *   write OBJECT TEXT               twice OBJECT OBJECT TEXT        forget OBJECT TEXT
 *   fill OBJECT SIZE                read OBJECT FIRST LAST          stream OBJECT
 *   names PIECE    has OBJECT       info OBJECT     delete OBJECT   drop OBJECT...   clear
 *   copy FROM OBJECT TO OBJECT      move FROM OBJECT TO OBJECT */
#include "wasi.h"

enum { MOST = 64 };

static handle_t container;

static void say_done(bool failed, text_t error) {
  if (failed) say(TEXT("error "), error);
  else say(TEXT("ok"), TEXT(""));
}

static void take_container(const handle_result_t *found) {
  say_done(found->failed, found->error);
  if (found->failed) return;
  if (container) drop_container(container);
  container = found->value;
}

/* A value with the bytes in it; what writing them failed with is said. */
static handle_t value_of(const text_t *objects, size_t count, text_t data) {
  handle_t value = new_value();
  done_t done;
  for (size_t i = 0; i < count; i++) {
    write_data(container, SPLIT(objects[i]), value, &done);
    if (done.failed) say_done(true, done.error);
  }
  handle_result_t body, second;
  value_body(value, &body);
  value_body(value, &second);
  if (body.failed || !second.failed) __builtin_trap();
  if (write_all(body.value, data).failed) say(TEXT("not written"), TEXT(""));
  drop_output(body.value);
  return value;
}

static void put(const text_t *objects, size_t count, text_t text) {
  done_t done;
  value_finish(value_of(objects, count, text), &done);
  say_done(done.failed, done.error);
}

static void say_read(text_t object, uint64_t first, uint64_t last) {
  handle_result_t found;
  get_data(container, SPLIT(object), first, last, &found);
  if (found.failed) {
    say_done(true, found.error);
    return;
  }
  data_result_t data;
  consume_sync(found.value, &data);
  say(data.failed ? TEXT("error ") : TEXT("= "), data.value);
}

static void say_streamed(text_t object) {
  handle_result_t found, stream;
  get_data(container, SPLIT(object), 0, UINT64_MAX, &found);
  if (found.failed) {
    say_done(true, found.error);
    return;
  }
  uint64_t size = incoming_size(found.value), seen = 0;
  consume_async(found.value, &stream);
  if (stream.failed) __builtin_trap();
  for (;;) {
    read_t piece;
    blocking_read(stream.value, 1 << 16, &piece);
    if (piece.failed) break;
    seen += piece.value.size;
  }
  drop_input(stream.value);
  builder_t line = {0};
  add_number(&line, seen);
  add(&line, TEXT(" of "));
  add_number(&line, size);
  say(built(&line), TEXT(""));
}

static void say_names(uint64_t piece) {
  handle_result_t found;
  list_objects(container, &found);
  if (found.failed) {
    say_done(true, found.error);
    return;
  }
  builder_t line = {0};
  skipped_result_t skipped;
  skip_names(found.value, 0, &skipped);
  names_result_t names = {0};
  names.value.last = skipped.value.last;
  while (!names.value.last) {
    read_names(found.value, piece, &names);
    for (size_t i = 0; i < names.value.names.count; i++) {
      add_char(&line, ' ');
      add(&line, names.value.names.ptr[i]);
    }
    add_char(&line, names.value.last ? '.' : ',');
  }
  drop_names(found.value);
  say(TEXT("names"), built(&line));
}

static void say_info(text_t object) {
  object_result_t found;
  object_info(container, SPLIT(object), &found);
  if (found.failed) {
    say_done(true, found.error);
    return;
  }
  builder_t line = {0};
  add(&line, found.value.container);
  add_char(&line, '/');
  add(&line, found.value.name);
  add_char(&line, ' ');
  add_number(&line, found.value.size);
  add_char(&line, ' ');
  add_number(&line, found.value.created);
  say(built(&line), TEXT(""));
}

static void say_about(void) {
  about_result_t found;
  container_info(container, &found);
  data_result_t name;
  container_name(container, &name);
  if (found.failed || name.failed || !text_equal(name.value, found.value.name)) {
    say_done(true, found.error);
    return;
  }
  builder_t line = {0};
  add(&line, found.value.name);
  add_char(&line, ' ');
  add_number(&line, found.value.created);
  say(built(&line), TEXT(""));
}

static bool on_containers(text_t verb, text_t rest) {
  handle_result_t found;
  done_t done;
  bool_result_t answer;
  if (text_equal(verb, TEXT("create"))) {
    create_container(SPLIT(rest), &found);
    take_container(&found);
  } else if (text_equal(verb, TEXT("container"))) {
    get_container(SPLIT(rest), &found);
    take_container(&found);
  } else if (text_equal(verb, TEXT("remove"))) {
    delete_container(SPLIT(rest), &done);
    say_done(done.failed, done.error);
  } else if (text_equal(verb, TEXT("there"))) {
    container_exists(SPLIT(rest), &answer);
    if (answer.failed) say_done(true, answer.error);
    else say(answer.value ? TEXT("yes") : TEXT("no"), TEXT(""));
  } else if (text_equal(verb, TEXT("about"))) {
    say_about();
  } else if (text_equal(verb, TEXT("copy")) || text_equal(verb, TEXT("move"))) {
    text_t from = word(&rest, ' '), name = word(&rest, ' '), to = word(&rest, ' ');
    if (text_equal(verb, TEXT("copy")))
      copy_object(SPLIT(from), SPLIT(name), SPLIT(to), SPLIT(rest), &done);
    else move_object(SPLIT(from), SPLIT(name), SPLIT(to), SPLIT(rest), &done);
    say_done(done.failed, done.error);
  } else return false;
  return true;
}

static bool on_objects(text_t verb, text_t rest) {
  static text_t names[MOST];
  done_t done;
  if (text_equal(verb, TEXT("write"))) {
    names[0] = word(&rest, ' ');
    put(names, 1, rest);
  } else if (text_equal(verb, TEXT("twice"))) {
    names[0] = word(&rest, ' ');
    names[1] = word(&rest, ' ');
    put(names, 2, rest);
  } else if (text_equal(verb, TEXT("forget"))) {
    names[0] = word(&rest, ' ');
    drop_value(value_of(names, 1, rest));
    say(TEXT("ok"), TEXT(""));
  } else if (text_equal(verb, TEXT("fill"))) {
    names[0] = word(&rest, ' ');
    builder_t data = {0};
    for (uint64_t left = text_take_number(&rest); left; left--) add_char(&data, 'o');
    put(names, 1, built(&data));
  } else if (text_equal(verb, TEXT("read"))) {
    text_t object = word(&rest, ' '), first = word(&rest, ' ');
    say_read(object, text_take_number(&first), text_take_number(&rest));
  } else if (text_equal(verb, TEXT("stream"))) {
    say_streamed(rest);
  } else if (text_equal(verb, TEXT("names"))) {
    say_names(text_take_number(&rest));
  } else if (text_equal(verb, TEXT("has"))) {
    bool_result_t answer;
    has_object(container, SPLIT(rest), &answer);
    if (answer.failed) say_done(true, answer.error);
    else say(answer.value ? TEXT("yes") : TEXT("no"), TEXT(""));
  } else if (text_equal(verb, TEXT("info"))) {
    say_info(rest);
  } else if (text_equal(verb, TEXT("delete"))) {
    delete_object(container, SPLIT(rest), &done);
    say_done(done.failed, done.error);
  } else if (text_equal(verb, TEXT("drop"))) {
    size_t count = 0;
    while (rest.size && count < MOST) names[count++] = word(&rest, ' ');
    delete_objects(container, names, count, &done);
    say_done(done.failed, done.error);
  } else if (text_equal(verb, TEXT("clear"))) {
    container_clear(container, &done);
    say_done(done.failed, done.error);
  } else return false;
  return true;
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    text_t verb = word(&line, ' ');
    if (!on_containers(verb, line) && !on_objects(verb, line)) return 1;
  }
  if (container) drop_container(container);
  drop_output(out);
  return 0;
}
