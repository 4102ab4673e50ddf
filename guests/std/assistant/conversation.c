/* Turns of a conversation. */
#include "conversation.h"

void push(turns_t *to, chat_turn_t turn) {
  if (to->count == to->room) {
    size_t before = to->room * sizeof *to->ptr;
    to->room = to->room ? to->room * 2 : 16;
    to->ptr = allocate_again(to->ptr, before, 8, to->room * sizeof *to->ptr);
  }
  to->ptr[to->count++] = turn;
}

void push_text(turns_t *to, chat_role_t role, text_t content) {
  push(to, (chat_turn_t){.role = (uint8_t)role, .content = content});
}

static const text_t role_names[] = {
  {"system", 6}, {"user", 4}, {"assistant", 9}, {"tool", 4},
};

static void write_calls(builder_t *json, chat_calls_t calls) {
  json_add_name(json, TEXT("calls"));
  for (size_t i = 0; i < calls.count; i++) {
    add_char(json, i ? ',' : '[');
    add_char(json, '{');
    json_add_text(json, TEXT("id"), calls.ptr[i].id);
    json_add_text(json, TEXT("name"), calls.ptr[i].name);
    json_add_text(json, TEXT("arguments"), calls.ptr[i].arguments);
    add_char(json, '}');
  }
  add_char(json, ']');
}

text_t write_turns(const turns_t *turns) {
  builder_t json = {0};
  add_char(&json, '[');
  for (size_t i = 0; i < turns->count; i++) {
    const chat_turn_t *turn = &turns->ptr[i];
    if (i) add_char(&json, ',');
    add_char(&json, '{');
    json_add_text(&json, TEXT("role"), role_names[turn->role]);
    json_add_text(&json, TEXT("content"), turn->content);
    if (turn->calls.count) write_calls(&json, turn->calls);
    if (turn->answers.some) json_add_text(&json, TEXT("answers"), turn->answers.value);
    add_char(&json, '}');
  }
  add_char(&json, ']');
  return built(&json);
}

static chat_calls_t read_calls(const json_t *list) {
  if (!list || !list->count) return (chat_calls_t){0};
  chat_call_t *calls = allocate(list->count * sizeof *calls);
  size_t count = 0;
  for (const json_t *it = list->first; it; it = it->next) {
    calls[count++] = (chat_call_t){
      json_text(it, TEXT("id")), json_text(it, TEXT("name")), json_text(it, TEXT("arguments")),
    };
  }
  return (chat_calls_t){calls, count};
}

turns_t read_turns(text_t json) {
  turns_t turns = {0};
  const json_t *list = json_read(json);
  for (const json_t *it = list && list->kind == JSON_ARRAY ? list->first : 0; it; it = it->next) {
    chat_turn_t turn = {.role = CHAT_USER, .content = json_text(it, TEXT("content"))};
    text_t role = json_text(it, TEXT("role"));
    for (uint8_t i = 0; i < 4; i++) {
      if (text_equal(role, role_names[i])) turn.role = i;
    }
    turn.calls = read_calls(json_get(it, TEXT("calls")));
    const json_t *answers = json_get(it, TEXT("answers"));
    if (answers) turn.answers = (text_option_t){true, answers->text};
    push(&turns, turn);
  }
  return turns;
}

static size_t turn_size(const chat_turn_t *turn) {
  size_t size = 16 + turn->content.size; /* each has its role, and marks around it */
  for (size_t i = 0; i < turn->calls.count; i++) {
    size += 24 + turn->calls.ptr[i].name.size + turn->calls.ptr[i].arguments.size;
  }
  return size;
}

size_t size_of(const turns_t *turns) {
  size_t size = 0;
  for (size_t i = 0; i < turns->count; i++) size += turn_size(&turns->ptr[i]);
  return size;
}

/* Where the turn ends that begins here, with the answers to its calls. */
static size_t behind(const turns_t *turns, size_t at) {
  for (at++; at < turns->count && turns->ptr[at].role == CHAT_TOOL; at++) {}
  return at;
}

static void take_out(turns_t *turns, size_t from, size_t to) {
  for (size_t i = to; i < turns->count; i++) turns->ptr[from + i - to] = turns->ptr[i];
  turns->count -= to - from;
  if (turns->task >= to) turns->task -= to - from;
}

bool leave_out(turns_t *turns, context_t context) {
  size_t at = context == HEAD_AND_TAIL && turns->task > 0 ? behind(turns, 0) : 0;
  if (at == turns->task) at++; /* what came before is gone: now what was done for the task */
  if (at >= turns->count) return false;
  size_t end = behind(turns, at);
  if (at > turns->task && end >= turns->count) return false;
  /* What was asked goes with what was answered. */
  while (end < turns->task && turns->ptr[end].role != CHAT_USER) end = behind(turns, end);
  turns->left_out += end - at;
  take_out(turns, at, end);
  return true;
}

size_t worth_summing_up(const turns_t *turns) {
  size_t end = 0, half = 0, size = 0;
  for (size_t i = 0; i < turns->task; i++) half += turn_size(&turns->ptr[i]);
  while (end < turns->task && (end < 2 || size < half / 2)) {
    size_t next = behind(turns, end);
    for (; end < next; end++) size += turn_size(&turns->ptr[end]);
  }
  return end > turns->task ? turns->task : end;
}

void replace_oldest(turns_t *turns, size_t count, chat_turn_t by) {
  if (count > 1) take_out(turns, 1, count);
  turns->ptr[0] = by;
}

/* The beginning of a text, of at most so many bytes, that ends with a whole character. */
static size_t whole_characters(text_t text, size_t most) {
  if (text.size <= most) return text.size;
  while (most && ((unsigned char)text.ptr[most] & 0xc0) == 0x80) most--;
  return most;
}

text_t abridged(text_t text, size_t most) {
  static const text_t gap = {"\n[...]\n", 7};
  if (text.size <= most || most < 2 * gap.size) return (text_t){text.ptr, whole_characters(text, most)};
  size_t head = whole_characters(text, (most - gap.size) * 2 / 3);
  size_t tail = text.size - (most - gap.size - head);
  while (tail < text.size && ((unsigned char)text.ptr[tail] & 0xc0) == 0x80) tail++;
  builder_t short_one = {0};
  add(&short_one, (text_t){text.ptr, head});
  add(&short_one, gap);
  add(&short_one, (text_t){text.ptr + tail, text.size - tail});
  return built(&short_one);
}

bool abridge_longest(turns_t *turns, size_t least) {
  chat_turn_t *longest = 0;
  for (size_t i = 0; i < turns->count; i++) {
    if (!longest || turns->ptr[i].content.size > longest->content.size) longest = &turns->ptr[i];
  }
  if (!longest || longest->content.size <= least) return false;
  size_t half = longest->content.size / 2;
  longest->content = abridged(longest->content, half < least ? least : half);
  return true;
}
