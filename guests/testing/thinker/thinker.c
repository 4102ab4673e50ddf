/* A command that asks models, for tests: by this engine's own interfaces.
 *
 * The standard input is a script, one operation a line; what each answers is printed, a line each:
 * `= ANSWER`, or `error CODE DETAIL`.
 *
 *   describe MODEL          run MODEL TENSOR...          limit NS MODEL TENSOR...
 *   start MODEL TENSOR...   take                         again N MODEL TENSOR...
 *   dimensions MODEL        embed MODEL TEXT...
 *
 * Words have `|` between; a tensor is `NAME:ELEMENT:LENGTHS:DATA`: lengths with `,` between, data
 * in hexadecimal digits (`*N`: so many bytes that count up), of texts with `,` between. `start` does
 * not wait, `take` waits for the first of what was started; `again` runs N times, and prints once. */
#include "hex.h"
#include "models.h"
#include "streams.h"

enum { MOST = 16 };
static uint64_t started[MOST];
static size_t count_started;
typedef struct { bool failed; union { uint64_t value; fault_t fault; }; } ended_t;
__attribute__((import_module("wasm-engine:agent/messaging@0.1.0"), import_name("wait-any")))
void wait_any(const uint64_t *numbers, size_t count, ended_t *out);

static const text_t elements[] = {
  TEXT("float32"), TEXT("float64"), TEXT("float16"), TEXT("bfloat16"), TEXT("int8"), TEXT("int16"),
  TEXT("int32"), TEXT("int64"), TEXT("uint8"), TEXT("uint16"), TEXT("uint32"), TEXT("uint64"),
  TEXT("boolean"), TEXT("text"),
};
static const uint8_t sizes[] = {4, 8, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1};

static void say_fault(fault_t fault) {
  builder_t line = {0};
  add(&line, TEXT("error "));
  add(&line, fault.code);
  add_char(&line, ' ');
  add(&line, fault.detail);
  add_char(&line, '\n');
  print(built(&line));
}

static tensor_t tensor_of(text_t text) {
  text_t name = word(&text, ':'), element = word(&text, ':'), lengths = word(&text, ':');
  uint32_t *shape = allocate(MOST * sizeof *shape);
  size_t rank = 0;
  while (lengths.size && rank < MOST) {
    shape[rank++] = text_take_number(&lengths);
    if (lengths.size) lengths = (text_t){lengths.ptr + 1, lengths.size - 1};
  }
  uint8_t kind = 0;
  while (kind < TEXTS && !text_equal(elements[kind], element)) kind++;
  tensor_t made = {name, {shape, rank}, {kind, 0, 0}};
  if (kind == TEXTS) {
    text_t *texts = allocate(1024 * sizeof *texts);
    while (text.size) texts[made.data.count++] = word(&text, ',');
    made.data.ptr = texts;
  } else {
    text_t data = bytes_of(text);
    made.data.ptr = data.ptr;
    made.data.count = data.size / sizes[kind];
  }
  return made;
}

static tensors_t tensors_of(text_t line) {
  tensor_t *tensors = allocate(MOST * sizeof *tensors);
  size_t count = 0;
  while (line.size && count < MOST) tensors[count++] = tensor_of(word(&line, '|'));
  return (tensors_t){tensors, count};
}

static void say_tensors(tensors_result_t found) {
  if (found.failed) {
    say_fault(found.fault);
    return;
  }
  builder_t line = {0};
  add(&line, TEXT("="));
  for (size_t i = 0; i < found.value.count; i++) {
    const tensor_t *it = &found.value.ptr[i];
    add_char(&line, ' ');
    add(&line, it->name);
    add_char(&line, ':');
    add(&line, elements[it->data.element]);
    for (size_t j = 0; j < it->shape.count; j++) {
      add_char(&line, j ? ',' : ':');
      add_number(&line, it->shape.ptr[j]);
    }
    if (!it->shape.count) add_char(&line, ':');
    add_char(&line, ':');
    if (it->data.element == TEXTS) {
      const text_t *texts = it->data.ptr;
      for (size_t j = 0; j < it->data.count; j++) {
        if (j) add_char(&line, ',');
        add(&line, texts[j]);
      }
    } else add_hex(&line, (text_t){it->data.ptr, it->data.count * sizes[it->data.element]});
  }
  add_char(&line, '\n');
  print(built(&line));
}

static void add_slots(builder_t *line, slots_t slots) {
  for (size_t i = 0; i < slots.count; i++) {
    const slot_t *it = &slots.ptr[i];
    add_char(line, ' ');
    add(line, it->name);
    add_char(line, ':');
    add(line, it->element);
    for (size_t j = 0; j < it->shape.count; j++) {
      add_char(line, j ? ',' : ':');
      if (it->shape.ptr[j].fixed) add_number(line, it->shape.ptr[j].length);
      else add_char(line, '?');
    }
    if (it->optional) add(line, TEXT(":optional"));
  }
}

static void describe(text_t model) {
  model_result_t found = models_describe(model);
  if (found.failed) {
    say_fault(found.fault);
    return;
  }
  builder_t line = {0};
  add(&line, TEXT("= "));
  add(&line, found.value.digest);
  add(&line, found.value.portable ? TEXT(" portable") : TEXT(" recorded"));
  add_slots(&line, found.value.inputs);
  add(&line, TEXT(" ->"));
  add_slots(&line, found.value.outputs);
  add_char(&line, '\n');
  print(built(&line));
}

static void limit(text_t line) {
  text_t span = word(&line, '|'), model = word(&line, '|');
  tensors_t given = tensors_of(line);
  tensors_result_t found;
  abi_models_run(model.ptr, model.size, given.ptr, given.count, true, text_take_number(&span),
      &found);
  say_tensors(found);
}

static void again(text_t line) {
  text_t times = word(&line, '|'), model = word(&line, '|');
  uint64_t count = text_take_number(&times);
  tensors_t given = tensors_of(line);
  tensors_result_t found = {0};
  for (uint64_t i = 0; i < count; i++) {
    allocator_keep();
    found = models_run(model, given.ptr, given.count);
    if (found.failed) break;
    if (i + 1 < count) allocator_release();
  }
  say_tensors(found);
}

static void start(text_t line) {
  text_t model = word(&line, '|');
  tensors_t given = tensors_of(line);
  number_result_t number = models_start(model, given.ptr, given.count);
  if (number.failed) say_fault(number.fault);
  else started[count_started++] = number.value;
}

static void take(void) {
  ended_t ended;
  wait_any(started, count_started, &ended);
  if (ended.failed) {
    say_fault(ended.fault);
    return;
  }
  say_tensors(models_take(ended.value));
  for (size_t i = 0; i < count_started; i++)
    if (started[i] == ended.value) started[i] = started[--count_started];
}

static void embed(text_t line) {
  text_t model = word(&line, '|'), texts[MOST];
  size_t count = 0;
  while (line.size && count < MOST) texts[count++] = word(&line, '|');
  floats_result_t found = embeddings_embed(model, texts, count);
  if (found.failed) {
    say_fault(found.fault);
    return;
  }
  builder_t line_out = {0};
  add(&line_out, TEXT("= "));
  add_number(&line_out, found.value.count);
  add_char(&line_out, ' ');
  add_hex(&line_out, (text_t){(const char *)found.value.ptr, found.value.count * 4});
  add_char(&line_out, '\n');
  print(built(&line_out));
}

static void dimensions(text_t model) {
  count_result_t found = embeddings_dimensions(model);
  if (found.failed) {
    say_fault(found.fault);
    return;
  }
  builder_t line = {0};
  add(&line, TEXT("= "));
  add_number(&line, found.value);
  add_char(&line, '\n');
  print(built(&line));
}

static bool execute(text_t verb, text_t line) {
  if (text_equal(verb, TEXT("describe"))) describe(line);
  else if (text_equal(verb, TEXT("limit"))) limit(line);
  else if (text_equal(verb, TEXT("again"))) again(line);
  else if (text_equal(verb, TEXT("start"))) start(line);
  else if (text_equal(verb, TEXT("take"))) take();
  else if (text_equal(verb, TEXT("embed"))) embed(line);
  else if (text_equal(verb, TEXT("dimensions"))) dimensions(line);
  else if (text_equal(verb, TEXT("run"))) {
    text_t model = word(&line, '|');
    tensors_t given = tensors_of(line);
    say_tensors(models_run(model, given.ptr, given.count));
  } else return false;
  return true;
}

EXPORT("run") int32_t run(void) {
  out = get_stdout();
  count_started = 0;
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    if (!execute(word(&line, ' '), line)) return 1;
  }
  drop_output(out);
  return 0;
}
