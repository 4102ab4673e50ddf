// What was started and has an answer of its own: models, people.
#ifndef WASM_ENGINE_PENDING_HPP
#define WASM_ENGINE_PENDING_HPP
#include "agent.hpp"

namespace agent {

// Something that was started. `wait` for it, or `wait_any` for the `request` of several and `take` the
// answer of the one that ended, once.
template <typename T> class Pending {
 public:
  using Take = Result<T> (*)(std::uint64_t number);
  Pending(std::uint64_t number, Take take) : request{number}, taken(take) {}
  Result<T> wait() const {
    if (auto ended = wait_any({request}); !ended) return fail(ended);
    return take();
  }
  Result<T> take() const { return taken(request.number); }
  void cancel() const { request.cancel(); }
  Request request;

 private:
  Take taken;
};

}  // namespace agent
#endif
