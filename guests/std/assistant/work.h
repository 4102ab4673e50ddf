/* One task being done: what the parts of the assistant share. */
#ifndef ASSISTANT_WORK_H
#define ASSISTANT_WORK_H
#include "agent.h"
#include "conversation.h"
#include "settings.h"

typedef enum { TOOL, HAND_OFF, ASK, LOOK_UP, REMEMBER, RECALL } offer_kind_t;
/* Something that the model may call: `shown` is the name it has for the model, `target` that of the tool,
 * or the address of the agent. */
typedef struct { offer_kind_t kind; text_t shown, target, says, parameters; } offer_t;
typedef struct { offer_t *ptr; chat_tool_t *shown; size_t count, size; } offers_t;

typedef struct {
  const settings_t *settings;
  const message_t *message;
  text_t thread, task, notes;
  turns_t turns;
  offers_t offers;
  uint64_t turns_left, calls_left, repairs_left, rounds;
  size_t room;           /* tokens that the conversation may have; 0: nobody has asked yet */
  size_t bytes, tokens;  /* how many bytes of the last question were how many tokens */
  bool handed;           /* the task went to somebody else */
  body_t answer;         /* what came of it; of a task handed over only where somebody waits */
} work_t;

/* What the model is offered: the granted tools, and what the settings add. */
offers_t offers_of(const settings_t *settings);
/* Does what the model wants; what came of it, for its turn. Sets `handed` where the task went on. */
text_t execute(work_t *work, const chat_call_t *call);
/* The passages that the agent `library` has for a question, a line each; empty where it has none. */
text_result_t look_up(work_t *work, text_t question);
/* What the tool `knowledge` and the agent `library` find for a task; empty where they find nothing. */
text_t found_for(work_t *work, text_t question);
/* Asks the model until it has answered, or has handed the task over: `answer`, or `handed`. */
result_t think(work_t *work);
/* Asks another agent, in the same thread, and waits. */
body_result_t ask_on(work_t *work, text_t to, text_t topic, text_t body);
/* Sends a task on; where somebody waits for the answer, it is asked for, and is `answer` then. */
result_t pass_on(work_t *work, text_t to, text_t body);
/* A task with what this agent has made of it. */
text_t with_result(text_t task, text_t result);
/* What the model is told before all else. */
text_t system_prompt(const work_t *work);
#endif
