// What `swap.hpp` declares, on the C kit's header.
#include "swap.hpp"

#include "lifting.hpp"

extern "C" {
#include "layout_beside.h"
#include "swap.h"
}

namespace agent::swap {

Result<std::uint32_t> to(std::string_view kind, std::string_view to,
                         std::optional<std::uint32_t> keep_old) {
  count_result_t out;
  abi_swap(kind.data(), kind.size(), to.data(), to.size(), keep_old.has_value(),
           keep_old.value_or(0), &out);
  if (out.failed) return failed(out.fault);
  return out.value;
}
Result<Standing> running(std::string_view kind) {
  standing_result_t found = swap_running(lent(kind));
  if (found.failed) return failed(found.fault);
  std::string name = taken(found.value.name);
  return Standing{std::move(name), taken(found.value.digest), found.value.on_trial};
}

}  // namespace agent::swap
