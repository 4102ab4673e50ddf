/* The model is asked, what it wants is called, and it is asked again, until it has answered. */
#include "work.h"

#define MOST_CALLS 64      /* of one answer; what comes behind is dropped */
#define LONGEST_ID 128
#define SHORTEST 256       /* bytes below which no turn is abridged */
#define UNASKED 4096       /* bytes that are sent without asking how much the model can take */
#define LONGEST_RESULT (64 << 10)
#define MOST_TURNS 1999    /* that a question may have, beside the system's */
#define MOST_BYTES (7 << 19) /* of a question; it may have a little more, with what stands around turns */
#define MOST_TOKENS (1u << 30)
#define MOST_ATTEMPTS 8    /* at making a conversation fit that the model finds too long */

/* Tokens that so many bytes may be, as the last question showed; before it, one for three bytes. */
static size_t tokens_of(const work_t *work, size_t bytes) {
  return (size_t)((uint64_t)bytes * work->tokens / work->bytes) + 1;
}

/* Bytes that a part of the room may be. */
static size_t bytes_within(const work_t *work, size_t part) {
  uint64_t bytes = (uint64_t)work->room * work->bytes / work->tokens / part;
  return bytes < 1u << 30 ? (size_t)bytes : 1u << 30;
}

static size_t bytes_of(const work_t *work, text_t system) {
  return system.size + work->notes.size + work->offers.size + size_of(&work->turns);
}

static chat_question_t question_of(work_t *work, text_t system, bool last) {
  const settings_t *settings = work->settings;
  chat_question_t question = {.model = settings->model};
  chat_turn_t *turns = allocate((work->turns.count + 1) * sizeof *turns);
  size_t count = 0;
  if (system.size) turns[count++] = (chat_turn_t){.role = CHAT_SYSTEM, .content = system};
  for (size_t i = 0; i < work->turns.count; i++) turns[count + i] = work->turns.ptr[i];
  if (work->notes.size) {
    builder_t text = {0};
    add(&text, work->notes);
    add(&text, turns[count + work->turns.task].content);
    turns[count + work->turns.task].content = built(&text);
  }
  question.turns = (chat_turns_t){turns, count + work->turns.count};
  chat_options_t *options = &question.options;
  options->tools = (chat_tools_t){work->offers.shown, work->offers.count};
  options->choice.kind = last ? CHAT_NONE : CHAT_FREE;
  if (settings->output.size) options->schema = (text_option_t){true, settings->output};
  if (settings->most != UNSAID) options->most = (chat_u32_t){true, (uint32_t)settings->most};
  if (settings->top_k != UNSAID) options->top_k = (chat_u32_t){true, (uint32_t)settings->top_k};
  if (settings->seed != UNSAID) options->seed = (chat_u64_t){true, settings->seed};
  options->temperature.some = json_number(settings->temperature, &options->temperature.value);
  options->top_p.some = json_number(settings->top_p, &options->top_p.value);
  if (settings->stop && settings->stop->count) {
    text_t *stops = allocate(settings->stop->count * sizeof *stops);
    size_t number = 0;
    for (const json_t *it = settings->stop->first; it; it = it->next) stops[number++] = it->text;
    options->stop = (text_list_t){stops, number};
  }
  return question;
}

/* Puts a summary of the oldest turns in their place; false where that cannot be had. */
static bool sum_up(work_t *work) {
  size_t count = worth_summing_up(&work->turns);
  if (count < 2) return false;
  turns_t oldest = {.ptr = work->turns.ptr, .count = count}, asked = {0};
  push_text(&asked, CHAT_SYSTEM, TEXT("Sum up the conversation that follows, as short as can be, for "
      "whoever goes on with it: what was wanted, found and decided. Answer with the summary alone."));
  push_text(&asked, CHAT_USER, abridged(write_turns(&oldest), bytes_within(work, 2)));
  chat_question_t question = {.model = work->settings->model};
  question.turns = (chat_turns_t){asked.ptr, asked.count};
  chat_answer_result_t answer = chat_complete(&question);
  if (answer.failed || !answer.value.content.size) return false;
  builder_t text = {0};
  add(&text, TEXT("What was said before, summed up:\n"));
  add(&text, answer.value.content);
  size_t half = 0;
  for (size_t i = 0; i < count; i++) half += oldest.ptr[i].content.size;
  replace_oldest(&work->turns, count, (chat_turn_t){
    .role = CHAT_USER, .content = abridged(built(&text), half / 2 + SHORTEST),
  });
  return true;
}

/* Makes the conversation shorter than it is; false where nothing is left to be done. */
static bool shorten(work_t *work) {
  if (work->settings->context == SUMMARY && sum_up(work)) return true;
  if (leave_out(&work->turns, work->settings->context)) return true;
  return abridge_longest(&work->turns, SHORTEST);
}

/* Asks how much the model can take. What is short goes out unasked: most conversations are. */
static result_t measure_room(work_t *work) {
  if (work->room) return DONE;
  chat_description_result_t model = chat_describe(work->settings->model);
  if (model.failed) return failed_with(model.fault);
  uint64_t most = work->settings->most < model.value.most ? work->settings->most : model.value.most;
  work->room = model.value.context > most ? model.value.context - (size_t)most : 1;
  return DONE;
}

/* Whether it is more than a question may be, or than the model can take. */
static bool too_much(const work_t *work, size_t bytes) {
  return work->turns.count > MOST_TURNS || bytes > MOST_BYTES || tokens_of(work, bytes) > work->room;
}

/* The system's turn of a conversation that fits the model now, as far as that is known. */
static text_t fitted(work_t *work) {
  text_t system = system_prompt(work);
  size_t bytes = bytes_of(work, system);
  if (!work->room && (bytes <= UNASKED || measure_room(work).failed)) return system;
  while (too_much(work, bytes) && shorten(work)) {
    system = system_prompt(work);
    bytes = bytes_of(work, system);
  }
  return system;
}

static void ask_for_repair(work_t *work, fault_t fault) {
  builder_t text = {0};
  add(&text, TEXT("Your last answer does not fit: "));
  add(&text, abridged(fault.detail, 2000));
  add(&text, TEXT("\nAnswer again, with JSON alone that fits the schema."));
  push_text(&work->turns, CHAT_USER, built(&text));
}

/* The model's next answer: one that fits, after repairs and cuts as far as they are allowed. */
static chat_answer_result_t ask_model(work_t *work, bool last) {
  size_t complaints = 0, attempts = 0;
  for (;;) {
    text_t system = fitted(work);
    chat_question_t question = question_of(work, system, last);
    chat_answer_result_t answer = chat_complete(&question);
    if (!answer.failed) {
      if (answer.value.usage.prompt > 16) { /* a few tokens say little */
        work->bytes = bytes_of(work, system);
        uint64_t tokens = answer.value.usage.prompt;
        work->tokens = tokens < MOST_TOKENS ? (size_t)tokens : MOST_TOKENS;
      }
      /* What was said about answers that did not fit is of no use any more. */
      turns_t *turns = &work->turns;
      while (complaints-- && turns->count > turns->task + 1 &&
             turns->ptr[turns->count - 1].role == CHAT_USER) {
        turns->count--;
      }
      return answer;
    }
    if (text_equal(answer.fault.code, TEXT("context-overflow")) && attempts++ < MOST_ATTEMPTS) {
      if (!work->room && !measure_room(work).failed) continue;
      work->room -= work->room / 4;
      if (!shorten(work)) return answer;
    } else if (text_equal(answer.fault.code, TEXT("bad-answer")) && work->repairs_left) {
      work->repairs_left--;
      complaints++;
      last = true; /* it was about to answer; without calls some models can be held to the schema */
      ask_for_repair(work, answer.fault);
    } else {
      return answer;
    }
  }
}

/* The calls of an answer, each with an id that no other of them has. */
static chat_calls_t orderly(chat_calls_t calls) {
  size_t count = calls.count < MOST_CALLS ? calls.count : MOST_CALLS;
  chat_call_t *copies = allocate(count * sizeof *copies);
  for (size_t i = 0; i < count; i++) {
    copies[i] = calls.ptr[i];
    size_t number = i;
    for (size_t j = 0; j < i || !copies[i].id.size || copies[i].id.size > LONGEST_ID; j++) {
      if (j < i && !text_equal(copies[i].id, copies[j].id)) continue;
      builder_t id = {0};
      add(&id, TEXT("call#"));
      add_number(&id, ++number);
      copies[i].id = built(&id);
      j = (size_t)-1; /* another one may be called so, too */
    }
  }
  return (chat_calls_t){copies, count};
}

static void run_calls(work_t *work, const chat_answer_t *answer) {
  size_t most = LONGEST_RESULT;
  if (!measure_room(work).failed) most = bytes_within(work, 4);
  chat_calls_t calls = orderly(answer->calls);
  push(&work->turns, (chat_turn_t){
    .role = CHAT_ASSISTANT, .content = abridged(answer->content, most), .calls = calls,
  });
  for (size_t i = 0; i < calls.count; i++) {
    text_t result;
    if (work->handed) result = TEXT("not called: the task was handed over");
    else if (!work->calls_left) result = TEXT("not called: no more calls are allowed");
    else work->calls_left--, result = execute(work, &calls.ptr[i]);
    push(&work->turns, (chat_turn_t){
      .role = CHAT_TOOL, .content = abridged(result, most < SHORTEST ? SHORTEST : most),
      .answers = {true, calls.ptr[i].id},
    });
  }
}

result_t think(work_t *work) {
  work->bytes = 3;
  work->tokens = 1;
  for (;;) {
    bool last = !work->turns_left || !work->calls_left;
    if (last && work->offers.count) {
      push_text(&work->turns, CHAT_USER, TEXT("No more calls are allowed. Give your answer now, with "
          "what you know."));
    }
    chat_answer_result_t answer = ask_model(work, last);
    if (answer.failed) return failed_with(answer.fault);
    if (!last) work->turns_left--;
    if (answer.value.finish == CHAT_REFUSED) return failure(TEXT("refused"), answer.value.content);
    if (!answer.value.calls.count && answer.value.content.size) {
      push_text(&work->turns, CHAT_ASSISTANT, answer.value.content);
      work->answer = TEXT_BODY(answer.value.content);
      return DONE;
    }
    if (last) return failure(TEXT("no-answer"), TEXT("the model goes on calling, and answers nothing"));
    if (answer.value.calls.count) run_calls(work, &answer.value);
    else push_text(&work->turns, CHAT_USER, TEXT("You answered nothing. Answer, please."));
    if (work->handed) return DONE;
  }
}
