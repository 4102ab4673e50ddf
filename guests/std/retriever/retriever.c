/* Keeps an index of documents, and finds the passages in them that answer a question: by words (BM25), by
 * vectors, or by both. A resident agent: the index is in memory, the documents are in the state, out of
 * which the index is made again where the memory was lost. docs/retrieval.md has its messages. */
#include "retriever.h"
#include "heap.h"
#include "text.h"

/* What the index takes of a text, about, and what it takes besides. */
enum { DEARER = 4, ROOM = 1 << 16 };

index_t found_index;
setting_t setting;
static bool loaded;

/* The index anew, out of what the state has: in the order in which it was added. */
static void load(void) {
  text_list_t keys = state_keys(KEY_PREFIX);
  document_t *all = allocate(keys.count * sizeof *all + 1), *sorted = allocate(keys.count * sizeof *all + 1);
  uint32_t *sizes = allocate(keys.count * 4 + 1), count = 0;
  for (size_t i = 0; i < keys.count; i++) {
    text_option_t record = state_get_bytes(keys.ptr[i]);
    if (!record.some || !record_read(record.value, &all[count], &sizes[count])) continue;
    text_t key = keys.ptr[i];
    all[count].id = (text_t){key.ptr + KEY_PREFIX.size, key.size - KEY_PREFIX.size};
    if (sizes[count]) found_index.size = found_index.graph.size = sizes[count];
    count++;
  }
  for (uint32_t width = 1; width < count; width *= 2) {
    for (uint32_t at = 0; at < count; at += 2 * width) {
      uint32_t left = at, middle = at + width < count ? at + width : count, right = middle;
      uint32_t end = middle + width < count ? middle + width : count;
      for (uint32_t i = at; i < end; i++) {
        bool first = left < middle && (right == end || all[left].number <= all[right].number);
        sorted[i] = all[first ? left++ : right++];
      }
    }
    document_t *other = all;
    all = sorted;
    sorted = other;
  }
  for (uint32_t i = 0; i < count; i++) index_add(&found_index, &all[i]);
}

result_t agent_init(void) {
  result_t made = settings_read(&setting, &found_index);
  lexicon_begin(&found_index.lexicon);
  return made;
}

float *numbers_of(const json_t *list, uint32_t *count) {
  if (!list || list->kind != JSON_ARRAY || !list->count || list->count > MOST_DIMENSIONS) return 0;
  float *numbers = allocate(list->count * sizeof(float));
  *count = 0;
  for (const json_t *it = list->first; it; it = it->next) {
    double number;
    if (!json_number(it, &number)) return 0;
    numbers[(*count)++] = (float)number;
  }
  return vector_finite(numbers, *count) ? numbers : 0;
}

/* Keeps a document, in place of one of its id. */
static result_t keep_document(document_t *document, uint32_t size) {
  builder_t key = {0}, record = {0};
  add(&key, KEY_PREFIX);
  add(&key, document->id);
  const entry_t *before = index_find(&found_index, document->id);
  uint32_t others = found_index.vectors;
  for (uint32_t i = 0; before && i < before->count; i++) {
    others -= found_index.slots[before->slots[i]].vector != 0;
  }
  if (size && others && size != found_index.size) {
    return failure(TEXT("dimensions"), TEXT("the index has vectors of another length"));
  }
  document->number = found_index.added;
  record_add(&record, document, size);
  result_t kept = state_set_bytes(built(&key), built(&record));
  if (kept.failed) return kept;
  index_remove(&found_index, document->id);
  if (size) index_resize(&found_index, size);
  index_add(&found_index, document);
  return DONE;
}

/* The vectors of passages: those that came with them, else those that the table gives. */
static result_t give_vectors(document_t *document, const json_t *given, uint32_t *size) {
  *size = 0;
  if (!json_is_null(given)) {
    bool good = given->kind == JSON_ARRAY && given->count == document->count;
    const json_t *it = good ? given->first : 0;
    for (uint32_t i = 0; good && i < document->count; i++, it = it->next) {
      uint32_t count = 0;
      document->passages[i].vector = numbers_of(it, &count);
      good = document->passages[i].vector && (i == 0 || count == *size);
      *size = count;
    }
    return good ? DONE : failure(TEXT("bad-vectors"), TEXT("`vectors` has a list of numbers for each passage"));
  }
  if (!setting.embeds) return DONE;
  *size = setting.table.size;
  for (uint32_t i = 0; i < document->count; i++) {
    passage_t *it = &document->passages[i];
    text_t text = {document->text.ptr + it->first, it->last - it->first};
    problem_t problem;
    it->vector = allocate(*size * sizeof(float));
    if (!table_embed(&setting.table, &setting.tokenizer, text, it->vector, &problem)) {
      return failure(problem.code, problem.detail);
    }
  }
  return DONE;
}

static void fill_passages(document_t *document, codes_t codes, const stretches_t *found) {
  uint32_t *starts = allocate((codes.count + 1) * 4), at = 0;
  text_t rest = document->text;
  for (; rest.size; at++) {
    starts[at] = (uint32_t)(rest.ptr - document->text.ptr);
    take_code(&rest);
  }
  starts[at] = (uint32_t)document->text.size;
  document->count = found->count;
  document->passages = allocate(found->count * sizeof(passage_t) + 1);
  for (uint32_t i = 0; i < found->count; i++) {
    const stretch_t *it = &found->at[i];
    document->passages[i] = (passage_t){it->start, it->end, starts[it->start], starts[it->end], 0};
  }
}

static result_t add_document(document_t *document, const json_t *vectors) {
  codes_t codes = codes_of(document->text);
  stretches_t found = {0};
  problem_t problem;
  uint32_t size;
  if (!document->id.size || document->id.size > MOST_ID) {
    return failure(TEXT("bad-document"), TEXT("a document has an `id` of 1 to 400 bytes"));
  }
  if (json_is_null(vectors) || vectors->count != 1) {
    bool good = split_text(document->text, codes, setting.plan, &setting.tokenizer, &found, &problem);
    if (!good) return failure(problem.code, problem.detail);
  } else { /* one vector for the whole text */
    static stretch_t whole;
    whole = (stretch_t){0, codes.count, TEXT("")};
    found = (stretches_t){&whole, 1, 1};
  }
  if (found.count > MOST_PASSAGES) return failure(TEXT("too-large"), TEXT("more than 2^16 passages"));
  fill_passages(document, codes, &found);
  result_t given = give_vectors(document, vectors, &size);
  return given.failed ? given : keep_document(document, size);
}

static result_t reply_with(builder_t *json) { return messaging_reply(TEXT_BODY(built(json))); }

static result_t reply_counts(void) {
  builder_t json = {0};
  add(&json, TEXT("{\"documents\":"));
  add_number(&json, found_index.entry_count);
  add(&json, TEXT(",\"passages\":"));
  add_number(&json, found_index.passages);
  add(&json, TEXT(",\"vectors\":"));
  add_number(&json, found_index.vectors);
  add_char(&json, '}');
  return reply_with(&json);
}

static result_t on_add(const json_t *asked) {
  document_t document = {.id = json_text(asked, TEXT("id")),
                         .title = json_text(asked, TEXT("title")),
                         .text = json_text(asked, TEXT("text"))};
  return add_document(&document, json_get(asked, TEXT("vectors")));
}

static bool has_suffix(text_t path, const json_t *suffixes) {
  if (json_is_null(suffixes)) return true;
  for (const json_t *it = suffixes->first; it; it = it->next) {
    text_t suffix = json_string(it);
    if (suffix.size && suffix.size <= path.size &&
        text_equal((text_t){path.ptr + path.size - suffix.size, suffix.size}, suffix)) {
      return true;
    }
  }
  return false;
}

/* All files of a folder, each a document with its path as its id. */
static result_t on_index(const json_t *asked) {
  text_list_t paths;
  text_t folder = json_text(asked, TEXT("folder"));
  if (!files_below(folder, &paths)) return failure(TEXT("no-such-folder"), folder);
  allocator_keep(); /* the paths; what a document needs for a while is free again after it */
  for (size_t i = 0; i < paths.count; i++) {
    text_t data;
    if (!has_suffix(paths.ptr[i], json_get(asked, TEXT("suffixes")))) continue;
    if (!file_read_all(paths.ptr[i], &data)) return failure(TEXT("no-such-file"), paths.ptr[i]);
    document_t document = {.id = paths.ptr[i], .title = TEXT(""), .text = sound_text(data)};
    heap_reserve(DEARER * data.size + ROOM);
    result_t added = add_document(&document, 0);
    if (added.failed) return added;
    allocator_release();
  }
  return DONE;
}

static result_t on_remove(const json_t *asked) {
  text_t id = json_text(asked, TEXT("id"));
  if (!index_remove(&found_index, id)) return failure(TEXT("no-such-document"), id);
  builder_t key = {0};
  add(&key, KEY_PREFIX);
  add(&key, id);
  state_delete(built(&key));
  return DONE;
}

/* Documents behind an id, as many as fit into a message. An empty one says that there are no more. */
static result_t on_export(const json_t *asked) {
  enum { MOST_BYTES = 1000000 };
  text_t after = json_text(asked, TEXT("after"));
  builder_t bytes = {0};
  uint32_t count = 0;
  export_begin(&bytes);
  for (uint32_t i = index_behind(&found_index, after); i < found_index.entry_count; i++) {
    builder_t key = {0};
    text_t id = found_index.entries[i]->id;
    add(&key, KEY_PREFIX);
    add(&key, id);
    text_option_t record = state_get_bytes(built(&key));
    if (!record.some) continue;
    if (bytes.size + id.size + record.value.size + 32 > MOST_BYTES) {
      if (!count) return failure(TEXT("too-large"), id);
      break;
    }
    export_add(&bytes, id, record.value);
    count++;
  }
  return messaging_reply((body_t){BODY_BYTES, export_end(&bytes, count)});
}

static result_t on_import(body_t body) {
  text_t rest = {0}, again;
  uint32_t count = 0, size;
  document_t document;
  bool good = body.kind == BODY_BYTES && import_begin(body.value, &rest, &count);
  again = rest;
  /* All is looked at before any is kept. */
  for (uint32_t i = 0; good && i < count; i++) good = import_take(&rest, &document, &size);
  if (!good || rest.size) return failure(TEXT("bad-index"), TEXT("these bytes are no index, or are damaged"));
  for (uint32_t i = 0; i < count; i++) {
    import_take(&again, &document, &size);
    result_t kept = keep_document(&document, size);
    if (kept.failed) return kept;
  }
  return DONE;
}

static result_t handled(text_t topic, body_t body, bool *replied) {
  if (text_equal(topic, TEXT("import"))) return on_import(body);
  const json_t *asked = body.kind == BODY_TEXT ? json_read(body.value) : 0;
  if (text_equal(topic, TEXT("count"))) return DONE;
  if (!asked || asked->kind != JSON_OBJECT) {
    return failure(TEXT("bad-request"), TEXT("the body is a JSON object"));
  }
  if (text_equal(topic, TEXT("add"))) return on_add(asked);
  if (text_equal(topic, TEXT("index"))) return on_index(asked);
  if (text_equal(topic, TEXT("remove"))) return on_remove(asked);
  *replied = true;
  if (text_equal(topic, TEXT("search"))) return answer_search(asked);
  if (text_equal(topic, TEXT("export"))) return on_export(asked);
  return failure(TEXT("unknown-topic"), topic);
}

/* What is wrong with a message is answered, and not failed of: the index would be made anew for it. */
static result_t say(const fault_t *fault, const message_t *message) {
  builder_t json = {0};
  add(&json, TEXT("{\"error\":{\"code\":"));
  add_json(&json, fault->code);
  add(&json, TEXT(",\"detail\":"));
  add_json(&json, fault->detail);
  add(&json, TEXT("}}"));
  if (message->asked) return reply_with(&json);
  log_write(LOG_WARNING, built(&json));
  return DONE;
}

result_t agent_handle(const message_t *message) {
  bool replied = false;
  heap_reserve(DEARER * message->body.value.size + ROOM);
  if (!loaded) load();
  loaded = true;
  result_t outcome = handled(message->topic, message->body, &replied);
  if (outcome.failed) return say(&outcome.fault, message);
  return replied || !message->asked ? DONE : reply_counts();
}
