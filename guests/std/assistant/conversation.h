/* Turns of a conversation: kept as JSON between messages, and made to fit what a model can take. */
#ifndef ASSISTANT_CONVERSATION_H
#define ASSISTANT_CONVERSATION_H
#include "chat.h"
#include "json.h"
#include "settings.h"

/* From the oldest turn to the newest. `task` is the turn with the task that is being done. */
typedef struct { chat_turn_t *ptr; size_t count, room, task, left_out; } turns_t;

void push(turns_t *to, chat_turn_t turn);
void push_text(turns_t *to, chat_role_t role, text_t content);

text_t write_turns(const turns_t *turns);
/* What `write_turns` wrote; empty where the text is not that. */
turns_t read_turns(text_t json);

/* Bytes that a model has to take for the turns. */
size_t size_of(const turns_t *turns);
/* Leaves out the oldest exchange that may be left out, or of the task's own turns the oldest; false: none.
 * The task stays, and the last thing that came of it; with `HEAD_AND_TAIL` the first turn, too. */
bool leave_out(turns_t *turns, context_t context);
/* How many turns, from the oldest on, a summary may stand for: about half of what comes before the task. */
size_t worth_summing_up(const turns_t *turns);
/* Puts one turn in the place of the oldest ones. */
void replace_oldest(turns_t *turns, size_t count, chat_turn_t by);
/* Cuts the middle out of the longest turn; false: none is longer than `least`. */
bool abridge_longest(turns_t *turns, size_t least);
/* A text of at most so many bytes: its beginning and its end, where it is longer. */
text_t abridged(text_t text, size_t most);
#endif
