/* Static embeddings. Rows are read as they are needed: a text has some hundred tokens, a table 30,000. */
#include "table.h"
#include "heap.h"
#include "vectors.h"

enum { HEAD = 32, MOST_ROWS = 1 << 20, MOST_DIMENSIONS = 4096, MOST_KEPT = 32 << 20, MOST_WHOLE = 64 << 20 };

static size_t stride_of(const table_t *it) {
  return it->small ? 4 + ((it->size + 3) & ~3u) : it->size * sizeof(float);
}

static bool bad(problem_t *problem, text_t detail) {
  *problem = (problem_t){TEXT("bad-table"), detail};
  return false;
}

bool table_begin(table_t *it, text_t path, problem_t *problem) {
  file_t file;
  struct { char magic[8]; uint32_t version, rows, size, kind, reserved[2]; } head;
  _Static_assert(sizeof head == HEAD, "layout");
  *it = (table_t){.path = path};
  if (!file_open(path, &file)) {
    *problem = (problem_t){TEXT("no-such-file"), path};
    return false;
  }
  bool read = file_read_at(&file, 0, (char *)&head, sizeof head);
  file_close(&file);
  if (!read || !text_equal((text_t){head.magic, 8}, TEXT("WE-TABLE"))) {
    return bad(problem, TEXT("the file does not begin as a table"));
  }
  if (head.version != 1 || head.kind > 1 || head.reserved[0] || head.reserved[1]) {
    return bad(problem, TEXT("a table of another version or kind"));
  }
  if (!head.rows || head.rows > MOST_ROWS || !head.size || head.size > MOST_DIMENSIONS) {
    return bad(problem, TEXT("a table has 1 to 2^20 rows, and 1 to 4096 dimensions"));
  }
  it->rows = head.rows;
  it->size = head.size;
  it->small = head.kind == 1;
  if (file.size != HEAD + (uint64_t)it->rows * stride_of(it)) {
    return bad(problem, TEXT("the file is shorter or longer than it says"));
  }
  it->kept = heap_take(it->rows * sizeof(float *));
  __builtin_memset(it->kept, 0, it->rows * sizeof(float *));
  return true;
}

bool table_read_whole(table_t *it) {
  uint64_t size = (uint64_t)it->rows * stride_of(it);
  file_t file;
  if (size > MOST_WHOLE || !file_open(it->path, &file)) return false;
  char *rows = heap_take((size_t)size);
  bool read = file_read_at(&file, HEAD, rows, (size_t)size);
  file_close(&file);
  if (read) it->whole = rows;
  return read;
}

/* A row; null where it cannot be read, or is not made of numbers. */
static const float *row_of(table_t *it, const file_t *file, uint32_t row) {
  if (it->kept[row]) return it->kept[row];
  size_t stride = stride_of(it), bytes = it->size * sizeof(float);
  char *raw = it->whole ? (char *)it->whole + row * stride : allocate(stride);
  if (!it->whole && !file_read_at(file, HEAD + (uint64_t)row * stride, raw, stride)) return 0;
  bool keep = it->kept_bytes + bytes <= MOST_KEPT;
  float *made = keep ? heap_take(bytes) : allocate(bytes), scale;
  if (it->small) {
    __builtin_memcpy(&scale, raw, sizeof scale);
    for (uint32_t i = 0; i < it->size; i++) made[i] = scale * (float)(int8_t)raw[4 + i];
  } else {
    __builtin_memcpy(made, raw, bytes);
  }
  if (!vector_finite(made, it->size)) return 0;
  if (keep) {
    it->kept[row] = made;
    it->kept_bytes += bytes;
  }
  return made;
}

bool table_embed(table_t *it, const tokenizer_t *tokenizer, text_t text, float *into, problem_t *problem) {
  tokens_t tokens = tokenizer_encode(tokenizer, text);
  file_t file = {0};
  uint32_t unknown = tokenizer->kind == WORDPIECE ? tokenizer->pieces.unknown : tokenizer->pairs.unknown;
  uint32_t count = 0;
  for (uint32_t i = 0; i < it->size; i++) into[i] = 0;
  if (!it->whole && !file_open(it->path, &file)) {
    *problem = (problem_t){TEXT("no-such-file"), it->path};
    return false;
  }
  bool good = true;
  for (uint32_t i = 0; i < tokens.count && good; i++) {
    uint32_t id = tokens.at[i].id;
    if (id == unknown || id >= it->rows) continue;
    const float *row = row_of(it, &file, id);
    if (row) vector_add(into, row, it->size);
    else good = bad(problem, TEXT("a row cannot be read, or is not made of finite numbers"));
    count++;
  }
  if (!it->whole) file_close(&file);
  for (uint32_t i = 0; i < it->size && count; i++) into[i] /= (float)count;
  vector_normalise(into, it->size);
  if (good && !vector_finite(into, it->size)) return bad(problem, TEXT("its numbers are too large"));
  return good;
}
