// People whom this agent may ask (`human:ROLE`). They answer when it suits, over any number of restarts.
#ifndef WASM_ENGINE_HUMAN_HPP
#define WASM_ENGINE_HUMAN_HPP
#include "pending.hpp"

namespace agent::human {

// What may be answered (any text, where there are none), and a span of world time after which a
// question is withdrawn, and ends with `timeout`.
struct Options {
  std::vector<std::string> choices;
  std::optional<Span> timeout;
};
struct Decision {
  bool approved;
  std::string comment, by;
};

// Asks, and waits for the answer in words.
Result<std::string> ask(std::string_view role, std::string_view question,
                        const Options &options = {});
Result<Pending<std::string>> start_ask(std::string_view role, std::string_view question,
                                       const Options &options = {});
// Lays something before a person, and waits for the decision; `what` is one line.
Result<Decision> approve(std::string_view role, std::string_view what,
                         std::string_view details = "", std::optional<Span> timeout = {});
Result<Pending<Decision>> start_approve(std::string_view role, std::string_view what,
                                        std::string_view details = "",
                                        std::optional<Span> timeout = {});

}  // namespace agent::human
#endif
