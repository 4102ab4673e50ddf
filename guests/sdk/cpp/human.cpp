// What `human.hpp` declares, on the C kit's header.
#include "human.hpp"

#include "lifting.hpp"

extern "C" {
#include "human.h"
#include "layout_beside.h"
}

namespace agent::human {
namespace {

std::vector<text_t> lent(const std::vector<std::string> &texts) {
  std::vector<text_t> made;
  for (const std::string &it : texts) made.push_back(agent::lent(std::string_view(it)));
  return made;
}
std::uint64_t span(const std::optional<Span> &timeout) {
  return timeout ? nanoseconds(*timeout) : 0;
}
Result<Decision> decision(decision_result_t result) {
  if (result.failed) return failed(result.fault);
  std::string comment = taken(result.value.comment);
  return Decision{result.value.approved, std::move(comment), taken(result.value.by)};
}
Result<std::string> take_answer(std::uint64_t number) { return text(human_take_answer(number)); }
Result<Decision> take_decision(std::uint64_t number) {
  return decision(human_take_decision(number));
}

}  // namespace

Result<std::string> ask(std::string_view role, std::string_view question, const Options &options) {
  std::vector<text_t> choices = lent(options.choices);
  text_result_t out;
  human_abi_ask(role.data(), role.size(), question.data(), question.size(), choices.data(),
                choices.size(), options.timeout.has_value(), span(options.timeout), &out);
  return text(out);
}
Result<Pending<std::string>> start_ask(std::string_view role, std::string_view question,
                                       const Options &options) {
  std::vector<text_t> choices = lent(options.choices);
  number_result_t out;
  human_abi_start_ask(role.data(), role.size(), question.data(), question.size(), choices.data(),
                      choices.size(), options.timeout.has_value(), span(options.timeout), &out);
  return number(out).transform([](std::uint64_t it) { return Pending(it, take_answer); });
}
Result<Decision> approve(std::string_view role, std::string_view what, std::string_view details,
                         std::optional<Span> timeout) {
  decision_result_t out;
  human_abi_approve(role.data(), role.size(), what.data(), what.size(), details.data(),
                    details.size(), timeout.has_value(), span(timeout), &out);
  return decision(out);
}
Result<Pending<Decision>> start_approve(std::string_view role, std::string_view what,
                                        std::string_view details, std::optional<Span> timeout) {
  number_result_t out;
  human_abi_start_approve(role.data(), role.size(), what.data(), what.size(), details.data(),
                          details.size(), timeout.has_value(), span(timeout), &out);
  return number(out).transform([](std::uint64_t it) { return Pending(it, take_decision); });
}

}  // namespace agent::human
