#include "compiler/ir/spelling.h"

#include <array>

#include "compiler/catalog/catalog.h"

namespace falcoc::ir {

namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 19> kOperators = {
    "exists",   "=",         "!=",        "<",          "<=",          ">",        ">=",
    "contains", "icontains", "bcontains", "startswith", "bstartswith", "endswith", "glob",
    "iglob",    "regex",     "in",        "intersects", "pmatch",
};
static_assert(kOperators.size() == static_cast<size_t>(Operator::PMATCH) + 1);

constexpr std::array<std::string_view, 4> kModifiers = {"", "oneof", "anyof", "allof"};
static_assert(kModifiers.size() == static_cast<size_t>(Modifier::ALLOF) + 1);

constexpr std::array<std::string_view, 9> kTransformers = {
    "tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt", "val",
};
static_assert(kTransformers.size() == static_cast<size_t>(Transformer::VAL) + 1);

template <typename Enumeration, size_t N>
std::optional<Enumeration> find(const std::array<std::string_view, N>& words,
                                std::string_view text) {
  for (size_t i = 0; i < N; ++i) {
    if (words[i] == text && !text.empty()) return static_cast<Enumeration>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view spelling(Operator op) { return kOperators[static_cast<size_t>(op)]; }
std::string_view spelling(Modifier modifier) { return kModifiers[static_cast<size_t>(modifier)]; }
std::string_view spelling(Transformer transformer) {
  return kTransformers[static_cast<size_t>(transformer)];
}

std::optional<Operator> operator_spelt(std::string_view text) {
  return find<Operator>(kOperators, text == "==" ? "=" : text);
}
std::optional<Modifier> modifier_spelt(std::string_view text) {
  return find<Modifier>(kModifiers, text);
}
std::optional<Transformer> transformer_spelt(std::string_view text) {
  return find<Transformer>(kTransformers, text);
}

std::string_view closest_operator(std::string_view text) { return closest_name(text, kOperators); }
std::string_view closest_transformer(std::string_view text) {
  return closest_name(text, kTransformers);
}

}  // namespace falcoc::ir
