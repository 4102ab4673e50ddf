/* What the model is told before the conversation. */
#include "work.h"

static void add_two_digits(builder_t *to, uint64_t number) {
  if (number < 10) add_char(to, '0');
  add_number(to, number);
}

/* The day of world time: the calendar counts from March on, so that leap days come last. */
static void add_date(builder_t *to, uint64_t now) {
  uint64_t days = now / 86400000000000u + 719468, era = days / 146097;
  uint64_t day = days - era * 146097;
  uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  uint64_t of_year = day - (365 * year + year / 4 - year / 100);
  uint64_t month = (5 * of_year + 2) / 153;
  add_number(to, year + era * 400 + (month >= 10));
  add_char(to, '-');
  add_two_digits(to, month < 10 ? month + 3 : month - 9);
  add_char(to, '-');
  add_two_digits(to, of_year - (153 * month + 2) / 5 + 1);
}

static void add_part(builder_t *to, text_t before, text_t text, text_t after) {
  if (!text.size) return;
  if (to->size) add(to, TEXT("\n\n"));
  add(to, before);
  add(to, text);
  add(to, after);
}

text_t system_prompt(const work_t *work) {
  const settings_t *settings = work->settings;
  builder_t text = {0};
  add_part(&text, TEXT("You are "), settings->role, TEXT("."));
  add_part(&text, TEXT("Your goal: "), settings->goal, TEXT(""));
  add_part(&text, TEXT(""), settings->instructions, TEXT(""));
  add_part(&text, TEXT("What you do with each message: "), settings->task, TEXT(""));
  add_part(&text, TEXT("Answer with JSON alone that fits this JSON Schema: "), settings->output,
      TEXT(""));
  if (settings->date) {
    builder_t date = {0};
    add_date(&date, context_now());
    add_part(&text, TEXT("Today is "), built(&date), TEXT("."));
  }
  if (work->turns.left_out) {
    builder_t number = {0};
    add_number(&number, work->turns.left_out);
    add_part(&text, TEXT("Of this conversation "), built(&number), TEXT(" turns are left out."));
  }
  return built(&text);
}

text_t with_result(text_t task, text_t result) {
  builder_t text = {0};
  text_t from = context_self_address();
  add(&text, task);
  add(&text, TEXT("\n\n["));
  add(&text, from);
  add(&text, TEXT("]\n"));
  add(&text, result);
  return built(&text);
}
