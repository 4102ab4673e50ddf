/* Configuration. */
#include "configured.h"
#include "files.h"

__attribute__((import_module("wasm-engine:agent/context@0.1.0"), import_name("config")))
void read_config(text_t *out);

const json_t *configuration(void) {
  text_t text;
  read_config(&text);
  return json_read(text);
}

bool configured_tokenizer(const json_t *config, tokenizer_t *it, problem_t *problem) {
  const json_t *named = json_get(config, TEXT("tokenizer"));
  text_t file;
  if (json_is_null(named)) {
    *problem = (problem_t){TEXT("no-tokenizer"), TEXT("the configuration names none: `tokenizer`")};
    return false;
  }
  if (named->kind != JSON_STRING) return tokenizer_read(it, named, problem);
  if (!file_read_all(named->text, &file)) {
    *problem = (problem_t){TEXT("no-such-file"), named->text};
    return false;
  }
  return tokenizer_read(it, is_sound(file) ? json_read(file) : 0, problem);
}
