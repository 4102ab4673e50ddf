/* A command that works with files: wasi:filesystem as any program uses it, one call a line.
 *
 * The standard input is a script; what each line answers is printed. Paths are from `base`, which is
 * the root at first. `%` and two hexadecimal digits are a byte.
 *
 *   open PATH FLAGS    flags of r w m(utate) c(reate) x(clusive) t(runcate) d(irectory), or -
 *   base PATH          the directory becomes what paths are from
 *   write OFFSET TEXT  append TEXT        pour OFFSET TEXT   (streams)    fill OFFSET SIZE
 *   zeroes COUNT       read OFFSET COUNT  drain OFFSET       size SIZE    copy PATH (by splice)
 *   stat PATH          list PATH          mkdir PATH         rmdir PATH   unlink PATH
 *   rename PATH PATH   link PATH PATH     symlink TARGET PATH             readlink PATH
 *   touch PATH         same PATH          also PATH PATH (renames to a path from the root)
 *
 * `read`, `write` and the like are of the file that was opened last; it stays open, so that a guest
 * that lives on has it still. */
#include "hex.h"
#include "wasi.h"

enum { MOST = 4096 };

static const text_t CODES[] = {
  TEXT("access"), TEXT("would-block"), TEXT("already"), TEXT("bad-descriptor"), TEXT("busy"),
  TEXT("deadlock"), TEXT("quota"), TEXT("exist"), TEXT("file-too-large"),
  TEXT("illegal-byte-sequence"), TEXT("in-progress"), TEXT("interrupted"), TEXT("invalid"),
  TEXT("io"), TEXT("is-directory"), TEXT("loop"), TEXT("too-many-links"), TEXT("message-size"),
  TEXT("name-too-long"), TEXT("no-device"), TEXT("no-entry"), TEXT("no-lock"),
  TEXT("insufficient-memory"), TEXT("insufficient-space"), TEXT("not-directory"),
  TEXT("not-empty"), TEXT("not-recoverable"), TEXT("unsupported"), TEXT("no-tty"),
  TEXT("no-such-device"), TEXT("overflow"), TEXT("not-permitted"), TEXT("pipe"), TEXT("read-only"),
  TEXT("invalid-seek"), TEXT("text-file-busy"), TEXT("cross-device"),
};

static handle_t root, base, file;

static void say_code(uint8_t code) {
  say(TEXT("error "), code < sizeof CODES / sizeof *CODES ? CODES[code] : TEXT("?"));
}

static void say_done(done_t done) {
  if (done.failed) say_code(done.code);
  else say(TEXT("ok"), TEXT(""));
}

static void say_number(uint64_t number) {
  builder_t text = {0};
  add_number(&text, number);
  say(TEXT("= "), built(&text));
}

/* How a stream's call ended; the error behind it is a file's. */
static void say_written(bool failed, uint8_t why, handle_t error) {
  if (!failed) {
    say(TEXT("ok"), TEXT(""));
  } else if (why) {
    say(TEXT("error closed"), TEXT(""));
  } else {
    code_option_t code;
    error_code(error, &code);
    if (code.some) say_code(code.code);
    else say(TEXT("error of no file"), TEXT(""));
    drop_error(error);
  }
}

/* The next word of a line, taken off it; what was `%41` is a byte. */
static text_t plain_word(text_t *line) {
  text_t written = word(line, ' ');
  builder_t found = {0};
  for (size_t at = 0; at < written.size; at++) {
    char c = written.ptr[at];
    if (c == '%' && at + 2 < written.size) {
      c = (char)(digit(written.ptr[at + 1]) << 4 | digit(written.ptr[at + 2]));
      at += 2;
    }
    add_char(&found, c);
  }
  return built(&found);
}

static uint64_t number_of(text_t text) { return text_take_number(&text); }

static void open_file(text_t path, text_t letters) {
  int32_t open_flags = 0, flags = 0;
  for (size_t i = 0; i < letters.size; i++) {
    switch (letters.ptr[i]) {
    case 'r': flags |= 1; break;
    case 'w': flags |= 2; break;
    case 'm': flags |= 32; break;
    case 'c': open_flags |= 1; break;
    case 'd': open_flags |= 2; break;
    case 'x': open_flags |= 4; break;
    case 't': open_flags |= 8; break;
    }
  }
  opened_t opened;
  open_at(base, 1, SPLIT(path), open_flags, flags, &opened);
  if (opened.failed) {
    say_code(opened.code);
    return;
  }
  if (file) drop_descriptor(file);
  file = opened.value;
  say(TEXT("ok"), TEXT(""));
}

static void change_base(text_t path) {
  opened_t opened;
  open_at(base, 1, SPLIT(path), 2, 1, &opened);
  if (opened.failed) {
    say_code(opened.code);
    return;
  }
  if (base != root) drop_descriptor(base);
  base = opened.value;
  say(TEXT("ok"), TEXT(""));
}

static void say_count(const size_result_t *written) {
  if (written->failed) say_code(written->code);
  else say_number(written->value);
}

static void write_by_stream(const opened_t *stream, text_t data) {
  if (stream->failed) {
    say_code(stream->code);
    return;
  }
  written_t written;
  blocking_write(stream->value, SPLIT(data), &written);
  say_written(written.failed, written.why, written.error);
  drop_output(stream->value);
}

static void write_zeroes(uint64_t count) {
  opened_t stream;
  append_stream(file, &stream);
  if (stream.failed) {
    say_code(stream.code);
    return;
  }
  written_t written;
  blocking_zeroes(stream.value, count, &written);
  say_written(written.failed, written.why, written.error);
  drop_output(stream.value);
}

static void read_file(uint64_t offset, uint64_t count) {
  data_result_t read;
  file_read(file, count, offset, &read);
  if (read.failed) say_code(read.code);
  else say(read.last ? TEXT("end ") : TEXT("data "), read.data);
}

static void drain(uint64_t offset) {
  opened_t stream;
  read_stream(file, offset, &stream);
  if (stream.failed) {
    say_code(stream.code);
    return;
  }
  builder_t all = {0};
  read_t read;
  for (;;) {
    blocking_read(stream.value, 5, &read);
    if (read.failed) break;
    add(&all, read.value);
  }
  say(TEXT("data "), built(&all));
  if (read.why == 0) say_written(true, read.why, read.error);
  drop_input(stream.value);
}

static void copy_to(text_t path) {
  opened_t from, opened, into;
  read_stream(file, 0, &from);
  open_at(base, 1, SPLIT(path), 9, 2, &opened);
  if (from.failed || opened.failed) {
    say_code(from.failed ? from.code : opened.code);
    return;
  }
  write_stream(opened.value, 0, &into);
  if (into.failed) __builtin_trap();
  spliced_t moved;
  blocking_splice(into.value, from.value, MOST, &moved);
  if (moved.failed) say_written(true, moved.why, moved.error);
  else say_number(moved.value);
  drop_input(from.value);
  drop_output(into.value);
  drop_descriptor(opened.value);
}

static void say_stat(text_t path) {
  stat_result_t stat;
  stat_at(base, 1, SPLIT(path), &stat);
  if (stat.failed) {
    say_code(stat.code);
    return;
  }
  builder_t text = {0};
  add(&text, stat.value.type == 3 ? TEXT("directory ") : stat.value.type == 6 ? TEXT("file ") : TEXT("? "));
  add_number(&text, stat.value.size);
  add_char(&text, ' ');
  add_number(&text, stat.value.times[1].seconds);
  say(TEXT(""), built(&text));
}

static void list(text_t path) {
  opened_t opened, entries;
  open_at(base, 1, SPLIT(path), 2, 1, &opened);
  if (opened.failed) {
    say_code(opened.code);
    return;
  }
  read_directory(opened.value, &entries);
  if (entries.failed) {
    say_code(entries.code);
    drop_descriptor(opened.value);
    return;
  }
  builder_t names = {0};
  entry_result_t entry;
  for (;;) {
    next_entry(entries.value, &entry);
    if (entry.failed) __builtin_trap();
    if (!entry.value.some) break;
    add_char(&names, ' ');
    add(&names, entry.value.it.name);
    if (entry.value.it.type == 3) add_char(&names, '/');
  }
  say(TEXT("list"), built(&names));
  drop_entries(entries.value);
  drop_descriptor(opened.value);
}

static void same(text_t path) {
  opened_t opened;
  open_at(base, 1, SPLIT(path), 0, 1, &opened);
  if (opened.failed) {
    say_code(opened.code);
    return;
  }
  say(is_same_object(file, opened.value) ? TEXT("same") : TEXT("other"), TEXT(""));
  drop_descriptor(opened.value);
}

/* What takes one path, or two, or a number, and answers that it is done. */
static bool change(text_t verb, text_t one, text_t two) {
  done_t done;
  if (text_equal(verb, TEXT("mkdir"))) create_directory_at(base, SPLIT(one), &done);
  else if (text_equal(verb, TEXT("rmdir"))) remove_directory_at(base, SPLIT(one), &done);
  else if (text_equal(verb, TEXT("unlink"))) unlink_file_at(base, SPLIT(one), &done);
  else if (text_equal(verb, TEXT("rename"))) rename_at(base, SPLIT(one), base, SPLIT(two), &done);
  else if (text_equal(verb, TEXT("also"))) rename_at(base, SPLIT(one), root, SPLIT(two), &done);
  else if (text_equal(verb, TEXT("link"))) link_at(base, 0, SPLIT(one), base, SPLIT(two), &done);
  else if (text_equal(verb, TEXT("symlink"))) symlink_at(base, SPLIT(one), SPLIT(two), &done);
  else if (text_equal(verb, TEXT("size"))) set_size(file, number_of(one), &done);
  else if (text_equal(verb, TEXT("touch"))) set_times_at(base, 1, SPLIT(one), 0, 0, 0, 2, 77, 5, &done);
  else return false;
  say_done(done);
  return true;
}

static bool contents(text_t verb, text_t line) {
  opened_t stream;
  size_result_t written;
  if (text_equal(verb, TEXT("append"))) {
    append_stream(file, &stream);
    write_by_stream(&stream, plain_word(&line));
    return true;
  }
  text_t first = plain_word(&line);
  uint64_t number = number_of(first);
  if (text_equal(verb, TEXT("write"))) {
    text_t data = plain_word(&line);
    file_write(file, SPLIT(data), number, &written);
    say_count(&written);
  } else if (text_equal(verb, TEXT("fill"))) {
    builder_t data = {0};
    for (uint64_t size = number_of(plain_word(&line)); size; size--) add_char(&data, 'x');
    file_write(file, SPLIT(built(&data)), number, &written);
    say_count(&written);
  } else if (text_equal(verb, TEXT("pour"))) {
    write_stream(file, number, &stream);
    write_by_stream(&stream, plain_word(&line));
  } else if (text_equal(verb, TEXT("zeroes"))) {
    write_zeroes(number);
  } else if (text_equal(verb, TEXT("read"))) {
    read_file(number, number_of(plain_word(&line)));
  } else if (text_equal(verb, TEXT("drain"))) {
    drain(number);
  } else {
    return false;
  }
  return true;
}

static void obey(text_t line) {
  text_t verb = plain_word(&line), rest = line;
  if (contents(verb, rest)) return;
  text_t one = plain_word(&line), two = plain_word(&line);
  if (change(verb, one, two)) return;
  path_result_t target;
  if (text_equal(verb, TEXT("open"))) open_file(one, two);
  else if (text_equal(verb, TEXT("base"))) change_base(one);
  else if (text_equal(verb, TEXT("stat"))) say_stat(one);
  else if (text_equal(verb, TEXT("list"))) list(one);
  else if (text_equal(verb, TEXT("same"))) same(one);
  else if (text_equal(verb, TEXT("copy"))) copy_to(one);
  else if (text_equal(verb, TEXT("readlink"))) {
    readlink_at(base, SPLIT(one), &target);
    if (target.failed) say_code(target.code);
    else say(TEXT("-> "), target.value);
  } else say(TEXT("what? "), verb);
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  preopens_t preopens;
  get_directories(&preopens);
  base = root = preopens.ptr[0].descriptor;
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    obey(line);
  }
  if (base != root) drop_descriptor(base);
  drop_descriptor(root);
  drop_output(out);
  return 0;
}
