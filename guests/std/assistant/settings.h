/* What a manifest says of an assistant: the table `[agents.NAME.assistant]`, as its configuration has it. */
#ifndef ASSISTANT_SETTINGS_H
#define ASSISTANT_SETTINGS_H
#include "json.h"

typedef enum { BUFFERED, HEAD_AND_TAIL, SUMMARY } context_t;
typedef enum { BY_THREAD, BY_SENDER, NO_CONVERSATION } conversation_t;

typedef struct {
  text_t model, role, goal, instructions, task;
  text_t then, done_when, publish, knowledge, library, approver;
  text_t output;                  /* JSON Schema of the answer; empty: any text */
  const json_t *hand_offs, *asks; /* objects: what each is for, by its address; or null */
  const json_t *approve, *stop;   /* arrays of texts, or null */
  const json_t *temperature, *top_p;
  uint64_t most, top_k, seed;     /* UNSAID where the manifest says nothing */
  uint64_t max_turns, max_tool_calls, max_rounds, repairs, recall;
  context_t context;
  conversation_t conversation;
  bool memory, date, whole;       /* whole: whoever comes next gets the task and all answers */
} settings_t;

#define UNSAID UINT64_MAX

/* Reads settings from JSON over what is there: a key that is missing stays as it is. False where the
 * text is no object. */
bool read_settings(text_t json, settings_t *settings);
/* What it is before anything was read. */
settings_t default_settings(void);
/* Whether a list of texts has one, or null has not. */
bool list_has(const json_t *list, text_t text);
#endif
