// Swapping what a kind of agent runs, where the manifest grants `swap:KIND`.
#ifndef WASM_ENGINE_SWAP_HPP
#define WASM_ENGINE_SWAP_HPP
#include "agent.hpp"

namespace agent::swap {

struct Standing {
  std::string name, digest;
  bool on_trial;
};
// From the next step on agents of a kind run an alternative, or `source`; how many go over at once.
// What ran before comes back by itself if a message fails before `keep_old` went well; 0: no trial,
// nothing: three.
Result<std::uint32_t> to(std::string_view kind, std::string_view to,
                         std::optional<std::uint32_t> keep_old = {});
// What agents of a kind run.
Result<Standing> running(std::string_view kind);

}  // namespace agent::swap
#endif
