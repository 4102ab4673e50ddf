// Between the C kit's values and those of C++: for the files of this kit, not for agents. Not every
// file needs all of it.
#ifndef WASM_ENGINE_LIFTING_HPP
#define WASM_ENGINE_LIFTING_HPP
#include <cstdlib>

#include "agent.hpp"

extern "C" {
#include "agent.h"
#include "layout.h"
}

namespace agent {
namespace {

text_t lent(std::string_view text) { return {text.data(), text.size()}; }
[[maybe_unused]] body_t lent(const Body &body) {
  return {static_cast<uint8_t>(body.bytes ? BODY_BYTES : BODY_TEXT), lent(std::string_view(body.value))};
}
void release(const void *start, size_t size) {
  if (size > 0) std::free(const_cast<void *>(start));
}
std::string taken(text_t text) {
  std::string copy(text.size > 0 ? text.ptr : "", text.size);
  release(text.ptr, text.size);
  return copy;
}
[[maybe_unused]] Body taken(body_t body) { return Body(taken(body.value), body.kind == BODY_BYTES); }
std::unexpected<Fault> failed(fault_t fault) {
  std::string code = taken(fault.code);
  return fail(std::move(code), taken(fault.detail));
}
Result<std::uint64_t> number(number_result_t result) {
  if (result.failed) return failed(result.fault);
  return result.value;
}
[[maybe_unused]] Result<std::string> text(text_result_t result) {
  if (result.failed) return failed(result.fault);
  return taken(result.value);
}
[[maybe_unused]] std::uint64_t nanoseconds(Span span) {
  return span.count() < 0 ? 0 : static_cast<std::uint64_t>(span.count());
}

}  // namespace
}  // namespace agent
#endif
