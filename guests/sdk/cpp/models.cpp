// What `models.hpp` declares, on the C kit's header.
#include "models.hpp"

#include "lifting.hpp"

extern "C" {
#include "layout_beside.h"
#include "models.h"
}

namespace agent {
namespace {

using models::Data, models::Slot, models::Tensor;

// Tensors as the host takes them; what they point to is the caller's.
struct LentTensors {
  std::vector<std::vector<text_t>> texts;
  std::vector<tensor_t> values;
  explicit LentTensors(const std::vector<Tensor> &tensors) {
    values.reserve(tensors.size());
    for (const Tensor &it : tensors) {
      auto element = static_cast<uint8_t>(it.data.index());
      values.push_back({lent(std::string_view(it.name)),
                        {it.shape.data(), it.shape.size()},
                        {element, start_of(it.data), size_of(it.data)}});
    }
  }

 private:
  const void *start_of(const Data &data) {
    if (auto *words = std::get_if<std::vector<std::string>>(&data)) {
      auto &made = texts.emplace_back();
      for (const auto &word : *words) made.push_back(lent(std::string_view(word)));
      return made.data();
    }
    return std::visit([](const auto &it) -> const void * { return it.data(); }, data);
  }
  static size_t size_of(const Data &data) {
    return std::visit([](const auto &it) { return it.size(); }, data);
  }
};

template <size_t N> Data taken_as(const tensor_data_t &data) {
  std::variant_alternative_t<N, Data> copy;
  using Element = typename decltype(copy)::value_type;
  if constexpr (std::is_same_v<Element, std::string>) {
    auto *texts = static_cast<const text_t *>(data.ptr);
    for (size_t n = 0; n < data.count; n++) copy.push_back(taken(texts[n]));
  } else if (data.count > 0) {
    auto *values = static_cast<const Element *>(data.ptr);
    copy.assign(values, values + data.count);
  }
  release(data.ptr, data.count);
  return Data(std::in_place_index<N>, std::move(copy));
}
template <size_t... N> Data taken_as_any(const tensor_data_t &data, std::index_sequence<N...>) {
  using Take = Data (*)(const tensor_data_t &);
  constexpr Take takes[] = {taken_as<N>...};
  return takes[data.element](data);
}
Data taken(const tensor_data_t &data) {
  return taken_as_any(data, std::make_index_sequence<std::variant_size_v<Data>>());
}
std::vector<std::uint32_t> taken(shape_t shape) {
  std::vector<std::uint32_t> copy(shape.ptr, shape.ptr + shape.count);
  release(shape.ptr, shape.count);
  return copy;
}
Result<std::vector<Tensor>> taken(tensors_result_t result) {
  if (result.failed) return failed(result.fault);
  std::vector<Tensor> copy;
  for (size_t n = 0; n < result.value.count; n++) {
    const tensor_t &it = result.value.ptr[n];
    std::string name = taken(it.name);
    std::vector<std::uint32_t> shape = taken(it.shape);
    copy.push_back({std::move(name), std::move(shape), taken(it.data)});
  }
  release(result.value.ptr, result.value.count);
  return copy;
}
std::vector<Slot> taken(slots_t slots) {
  std::vector<Slot> copy;
  for (size_t n = 0; n < slots.count; n++) {
    const slot_t &it = slots.ptr[n];
    std::vector<std::optional<std::uint32_t>> shape;
    for (size_t at = 0; at < it.shape.count; at++) {
      const length_t &length = it.shape.ptr[at];
      shape.push_back(length.fixed ? std::optional(length.length) : std::nullopt);
    }
    release(it.shape.ptr, it.shape.count);
    std::string name = taken(it.name), element = taken(it.element);
    copy.push_back({std::move(name), std::move(element), std::move(shape), it.optional});
  }
  release(slots.ptr, slots.count);
  return copy;
}
Result<std::vector<Tensor>> take(std::uint64_t number) { return taken(models_take(number)); }

}  // namespace

namespace models {

Result<Description> describe(std::string_view model) {
  model_result_t found = models_describe(lent(model));
  if (found.failed) return failed(found.fault);
  std::string digest = taken(found.value.digest);
  std::vector<Slot> inputs = taken(found.value.inputs);
  return Description{std::move(digest), found.value.portable, std::move(inputs),
                     taken(found.value.outputs)};
}
Result<std::vector<Tensor>> run(std::string_view model, const std::vector<Tensor> &inputs,
                                std::optional<Span> timeout) {
  LentTensors given(inputs);
  tensors_result_t out;
  abi_models_run(model.data(), model.size(), given.values.data(), given.values.size(),
                 timeout.has_value(), timeout ? nanoseconds(*timeout) : 0, &out);
  return taken(out);
}
Result<Pending<std::vector<Tensor>>> start(std::string_view model,
                                           const std::vector<Tensor> &inputs,
                                           std::optional<Span> timeout) {
  LentTensors given(inputs);
  number_result_t out;
  abi_models_start(model.data(), model.size(), given.values.data(), given.values.size(),
                   timeout.has_value(), timeout ? nanoseconds(*timeout) : 0, &out);
  return number(out).transform([](std::uint64_t it) { return Pending(it, take); });
}

}  // namespace models

namespace embeddings {

Result<std::vector<std::vector<float>>> embed(std::string_view model,
                                              const std::vector<std::string_view> &texts) {
  std::vector<text_t> given;
  for (std::string_view text : texts) given.push_back(lent(text));
  floats_result_t found = embeddings_embed(lent(model), given.data(), given.size());
  if (found.failed) return failed(found.fault);
  std::vector<std::vector<float>> vectors;
  size_t dimensions = texts.empty() ? 0 : found.value.count / texts.size();
  for (size_t n = 0; n < texts.size(); n++) {
    const float *first = found.value.ptr + n * dimensions;
    vectors.emplace_back(first, first + dimensions);
  }
  release(found.value.ptr, found.value.count);
  return vectors;
}
Result<std::uint32_t> dimensions(std::string_view model) {
  count_result_t found = embeddings_dimensions(lent(model));
  if (found.failed) return failed(found.fault);
  return found.value;
}

}  // namespace embeddings
}  // namespace agent
