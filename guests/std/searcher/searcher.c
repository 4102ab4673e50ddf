/* Keeps documents, and finds the passages in them that fit a query.
 *
 * topic `index`,      body `NAME\tTITLE\nTEXT`:  keeps the document, in place of one of that name
 * topic `index-more`, body `NAME\tTITLE\nTEXT`:  adds the text to the document's end
 * topic `search`,     body: the query:           replies with the best passages, best first, as JSON
 *     [{"doc": NAME, "title": TITLE, "passage": N, "score": 7.123, "text": a piece of TEXT}, ...]
 *
 * other topics: nothing.
 *
 * All is in its state, a document under `doc/NAME`, so it may begin each message anew. There are no
 * postings: a shard of some dozen documents is read faster than an index of it would be. */
#include "agent.h"
#include "ranking.h"
#include "words.h"

/* Prepared once: the pristine image, which each message begins with, has it. */
result_t agent_init(void) {
  prepare_words();
  return DONE;
}

#define KEY_PREFIX TEXT("doc/")

static text_t key_of(text_t name) {
  builder_t key = {0};
  add(&key, KEY_PREFIX);
  add(&key, name);
  return built(&key);
}

/* What comes before the separator, taken off the text with it; false where there is none. */
static bool take_until(text_t *text, char separator, text_t *head) {
  for (size_t at = 0; at < text->size; at++) {
    if (text->ptr[at] == separator) {
      *head = (text_t){text->ptr, at};
      *text = (text_t){text->ptr + at + 1, text->size - at - 1};
      return true;
    }
  }
  return false;
}

static result_t index_document(body_t body, bool more) {
  text_t rest = body.value, name, title, value;
  if (body.kind != BODY_TEXT || !take_until(&rest, '\t', &name) || !name.size) {
    return failure(TEXT("bad-document"), TEXT("a document is NAME, tab, TITLE, newline, TEXT"));
  }
  value = rest; /* title and text, as they came */
  if (!take_until(&rest, '\n', &title)) {
    return failure(TEXT("bad-document"), TEXT("a document's title ends with a newline"));
  }
  text_t key = key_of(name);
  text_option_t before = more ? state_get(key) : (text_option_t){0};
  if (before.some) {
    builder_t whole = {0};
    add(&whole, before.value);
    add(&whole, rest);
    value = built(&whole);
  }
  return state_set(key, value);
}

static void add_hit(builder_t *json, const hit_t *hit) {
  const passage_t *passage = hit->passage;
  add(json, TEXT("{\"doc\":"));
  add_json(json, passage->document->name);
  add(json, TEXT(",\"title\":"));
  add_json(json, passage->document->title);
  add(json, TEXT(",\"passage\":"));
  add_number(json, passage->number);
  add(json, TEXT(",\"score\":"));
  add_number(json, hit->score / 1000);
  add_char(json, '.');
  for (uint64_t place = 100; place; place /= 10) {
    add_char(json, (char)('0' + hit->score / place % 10));
  }
  add(json, TEXT(",\"text\":"));
  add_json(json, passage->text);
  add_char(json, '}');
}

static result_t search(text_t text) {
  query_t query = read_query(text);
  text_list_t keys = state_keys(KEY_PREFIX);
  library_t library = new_library(keys.count);
  for (size_t i = 0; i < keys.count; i++) {
    size_t prefix = KEY_PREFIX.size;
    text_t name = {keys.ptr[i].ptr + prefix, keys.ptr[i].size - prefix}, title = TEXT("");
    text_t document = state_get(keys.ptr[i]).value;
    take_until(&document, '\n', &title);
    add_document(&library, &query, name, title, document);
  }
  hit_t hits[MOST_HITS];
  size_t count = best_hits(&library, &query, hits);
  builder_t json = {0};
  add_char(&json, '[');
  for (size_t h = 0; h < count; h++) {
    if (h) add_char(&json, ',');
    add_hit(&json, &hits[h]);
  }
  add_char(&json, ']');
  return messaging_reply(TEXT_BODY(built(&json)));
}

result_t agent_handle(const message_t *message) {
  if (text_equal(message->topic, TEXT("index"))) return index_document(message->body, false);
  if (text_equal(message->topic, TEXT("index-more"))) return index_document(message->body, true);
  if (text_equal(message->topic, TEXT("search"))) return search(message->body.value);
  return DONE;
}
