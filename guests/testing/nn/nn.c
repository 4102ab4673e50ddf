/* A command that asks models by the standard alone: wasi:nn, as any program uses it.
 *
 * The standard input is a script, one operation a line: `MODEL|NAME:TYPE:LENGTHS:DATA|...`, where
 * the type is the ordinal of the case (1: FP32). A line `!BYTES` loads a model from bytes instead, in
 * hexadecimal digits. Prints of each `= NAME:TYPE:LENGTHS:DATA ...`, or `error CODE WHAT`. */
#include "hex.h"
#include "streams.h"

enum { MOST = 16, DIMENSIONS = 8 };
typedef struct { bool failed; handle_t value; } handle_result_t;
typedef struct { text_t name; handle_t tensor; } named_t;
typedef struct { bool failed; union { struct { const named_t *ptr; size_t count; } value; handle_t error; }; } computed_t;
typedef struct { const uint32_t *ptr; size_t count; } lengths_t;
_Static_assert(sizeof(named_t) == 12 && sizeof(computed_t) == 12, "layout");

#define NN(interface, name) \
  __attribute__((import_module("wasi:nn/" interface "@0.2.0-rc-2024-10-28"), import_name(name)))
NN("tensor", "[constructor]tensor") handle_t new_tensor(const uint32_t *lengths, size_t count,
    int32_t type, const char *data, size_t size);
NN("tensor", "[method]tensor.dimensions") void tensor_dimensions(handle_t it, lengths_t *out);
NN("tensor", "[method]tensor.ty") int32_t tensor_type(handle_t it);
NN("tensor", "[method]tensor.data") void tensor_data(handle_t it, text_t *out);
NN("tensor", "[resource-drop]tensor") void drop_tensor(handle_t it);
NN("graph", "load") void load(const text_t *parts, size_t count, int32_t encoding, int32_t target,
    handle_result_t *out);
NN("graph", "load-by-name") void load_by_name(const char *name, size_t size, handle_result_t *out);
NN("graph", "[method]graph.init-execution-context") void new_context(handle_t graph,
    handle_result_t *out);
NN("graph", "[resource-drop]graph") void drop_graph(handle_t it);
NN("inference", "[method]graph-execution-context.compute") void compute(handle_t context,
    const named_t *inputs, size_t count, computed_t *out);
NN("inference", "[resource-drop]graph-execution-context") void drop_context(handle_t it);
NN("errors", "[method]error.code") int32_t error_code(handle_t it);
NN("errors", "[method]error.data") void error_data(handle_t it, text_t *out);
NN("errors", "[resource-drop]error") void drop_error(handle_t it);

static void say_error(handle_t error) {
  builder_t line = {0};
  text_t what;
  add(&line, TEXT("error "));
  add_number(&line, error_code(error));
  add_char(&line, ' ');
  error_data(error, &what);
  add(&line, what);
  add_char(&line, '\n');
  print(built(&line));
  drop_error(error);
}

static named_t tensor_of(text_t text) {
  text_t name = word(&text, ':'), type = word(&text, ':'), lengths = word(&text, ':');
  uint32_t shape[DIMENSIONS];
  size_t rank = 0;
  while (lengths.size && rank < DIMENSIONS) {
    shape[rank++] = text_take_number(&lengths);
    if (lengths.size) lengths = (text_t){lengths.ptr + 1, lengths.size - 1};
  }
  text_t data = bytes_of(text);
  handle_t made = new_tensor(shape, rank, text_take_number(&type), data.ptr, data.size);
  return (named_t){name, made};
}

static void say_tensors(const named_t *tensors, size_t count) {
  builder_t line = {0};
  add(&line, TEXT("="));
  for (size_t i = 0; i < count; i++) {
    lengths_t lengths;
    text_t data;
    add_char(&line, ' ');
    add(&line, tensors[i].name);
    add_char(&line, ':');
    add_number(&line, tensor_type(tensors[i].tensor));
    tensor_dimensions(tensors[i].tensor, &lengths);
    for (size_t j = 0; j < lengths.count; j++) {
      add_char(&line, j ? ',' : ':');
      add_number(&line, lengths.ptr[j]);
    }
    add_char(&line, ':');
    tensor_data(tensors[i].tensor, &data);
    add_hex(&line, data);
    drop_tensor(tensors[i].tensor);
  }
  add_char(&line, '\n');
  print(built(&line));
}

static void ask(text_t line) {
  text_t model = word(&line, '|');
  handle_result_t graph, context;
  if (model.size && model.ptr[0] == '!') {
    text_t part = bytes_of((text_t){model.ptr + 1, model.size - 1});
    load(&part, 1, 1, 0, &graph);
  } else load_by_name(model.ptr, model.size, &graph);
  if (graph.failed) {
    say_error(graph.value);
    return;
  }
  new_context(graph.value, &context);
  if (context.failed) __builtin_trap();
  named_t inputs[MOST];
  size_t count = 0;
  while (line.size && count < MOST) inputs[count++] = tensor_of(word(&line, '|'));
  computed_t found;
  compute(context.value, inputs, count, &found);
  if (found.failed) say_error(found.error);
  else say_tensors(found.value.ptr, found.value.count);
  drop_context(context.value);
  drop_graph(graph.value);
}

EXPORT("run") int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) ask(word(&script, '\n'));
  drop_output(out);
  return 0;
}
