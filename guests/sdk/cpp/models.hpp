// Models of tensors and of vectors that this agent was granted (`model:NAME`).
//
//     auto outputs = agent::models::run("mlp", {{"x", {1, 2}, std::vector{0.5f, 1.0f}}});
//     if (!outputs) return agent::fail(outputs);
//     std::span<const float> y = *outputs->front().values<float>();
#ifndef WASM_ENGINE_MODELS_HPP
#define WASM_ENGINE_MODELS_HPP
#include <span>
#include <variant>

#include "pending.hpp"

namespace agent::models {

// Half-precision numbers are their 16 bits.
struct Float16 {
  std::uint16_t bits;
};
struct Bfloat16 {
  std::uint16_t bits;
};
struct Boolean {
  bool value;
};
// Row-major, in the order of the contract: the index is the case.
using Data = std::variant<
    std::vector<float>, std::vector<double>, std::vector<Float16>, std::vector<Bfloat16>,
    std::vector<std::int8_t>, std::vector<std::int16_t>, std::vector<std::int32_t>,
    std::vector<std::int64_t>, std::vector<std::uint8_t>, std::vector<std::uint16_t>,
    std::vector<std::uint32_t>, std::vector<std::uint64_t>, std::vector<Boolean>,
    std::vector<std::string>>;

struct Tensor {
  std::string name;
  std::vector<std::uint32_t> shape;  // empty for one number by itself
  Data data;
  // What it holds, if it holds that; else `bad-tensor`.
  template <typename T> Result<std::span<const T>> values() const {
    if (auto *found = std::get_if<std::vector<T>>(&data)) return std::span<const T>(*found);
    return fail("bad-tensor", name + " holds something else");
  }
};

struct Slot {
  std::string name, element;
  std::vector<std::optional<std::uint32_t>> shape;  // nothing where any length is taken
  bool optional;
};
struct Description {
  std::string digest;
  bool portable;
  std::vector<Slot> inputs, outputs;
};

// What a model takes and gives.
Result<Description> describe(std::string_view model);
// Has it compute, and waits; all that it gives, in its order. The timeout is real time.
Result<std::vector<Tensor>> run(std::string_view model, const std::vector<Tensor> &inputs,
                                std::optional<Span> timeout = {});
Result<Pending<std::vector<Tensor>>> start(std::string_view model,
                                           const std::vector<Tensor> &inputs,
                                           std::optional<Span> timeout = {});

}  // namespace agent::models

namespace agent::embeddings {

// A vector for each text.
Result<std::vector<std::vector<float>>> embed(std::string_view model,
                                              const std::vector<std::string_view> &texts);
// How many numbers a vector has.
Result<std::uint32_t> dimensions(std::string_view model);

}  // namespace agent::embeddings
#endif
