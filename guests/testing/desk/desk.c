/* A command that asks: databases, people, secrets and servers, by this engine's own interfaces.
 *
 * The standard input is a script, one operation a line, its words with `|` between; what each
 * answers is printed, a line each: `= ANSWER`, or `error CODE`.
 *
 *   query DATABASE STATEMENT PARAMETERS      execute DATABASE STATEMENT PARAMETERS
 *   batch DATABASE STATEMENTS                ask ROLE QUESTION           approve ROLE WHAT
 *   start ROLE QUESTION                      take                        reference SECRET
 *   get URL SECRET
 *
 * `start` asks without waiting, `take` takes the answer to that; `get` asks a server with the
 * reference to a secret in the header `authorization`. */
#include "asking.h"

static uint64_t started;

static void say_text(const text_result_t *it) {
  if (it->failed) say(TEXT("error "), it->fault.code);
  else say(TEXT("= "), it->value);
}

static void say_number(const number_result_t *it) {
  builder_t text = {0};
  if (!it->failed) add_number(&text, it->value);
  if (it->failed) say(TEXT("error "), it->fault.code);
  else say(TEXT("= "), built(&text));
}

static void get(text_t url, text_t secret) {
  text_result_t reference;
  secret_reference(SPLIT(secret), &reference);
  header_t header = {TEXT("authorization"), reference.failed ? TEXT("none") : reference.value};
  response_result_t answer;
  http_fetch("GET", 3, SPLIT(url), &header, 1, 0, 0, 0, 0, 0, 0, &answer);
  if (answer.failed) say(TEXT("error "), answer.fault.code);
  else say(TEXT("= "), answer.value.body.value);
}

static bool asks_database(text_t verb, text_t rest) {
  text_t database = word(&rest, '|');
  text_result_t rows;
  number_result_t changed;
  if (text_equal(verb, TEXT("batch"))) {
    sql_batch(SPLIT(database), SPLIT(rest), &rows);
    say_text(&rows);
    return true;
  }
  text_t statement = word(&rest, '|');
  if (text_equal(verb, TEXT("query"))) {
    sql_query(SPLIT(database), SPLIT(statement), SPLIT(rest), &rows);
    say_text(&rows);
  } else if (text_equal(verb, TEXT("execute"))) {
    sql_execute(SPLIT(database), SPLIT(statement), SPLIT(rest), &changed);
    say_number(&changed);
  } else return false;
  return true;
}

static bool asks_others(text_t verb, text_t rest) {
  text_t name = word(&rest, '|');
  text_result_t text;
  if (text_equal(verb, TEXT("ask"))) {
    human_ask(SPLIT(name), SPLIT(rest), 0, 0, 0, 0, &text);
    say_text(&text);
  } else if (text_equal(verb, TEXT("approve"))) {
    decision_result_t decision;
    human_approve(SPLIT(name), SPLIT(rest), TEXT("").ptr, 0, 0, 0, &decision);
    if (decision.failed) say(TEXT("error "), decision.fault.code);
    else say(decision.value.approved ? TEXT("= yes ") : TEXT("= no "), decision.value.comment);
  } else if (text_equal(verb, TEXT("start"))) {
    number_result_t number;
    human_start_ask(SPLIT(name), SPLIT(rest), 0, 0, 0, 0, &number);
    if (!number.failed) started = number.value;
    say_number(&number);
  } else if (text_equal(verb, TEXT("take"))) {
    human_take_answer(started, &text);
    say_text(&text);
  } else if (text_equal(verb, TEXT("reference"))) {
    secret_reference(SPLIT(name), &text);
    say_text(&text);
  } else if (text_equal(verb, TEXT("get"))) {
    get(name, rest);
  } else return false;
  return true;
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    text_t verb = word(&line, '|');
    if (!asks_database(verb, line) && !asks_others(verb, line)) return 1;
  }
  drop_output(out);
  return 0;
}
