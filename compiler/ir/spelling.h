// Words of the language to enumerations and back.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/ir/ast.h"

namespace falcoc::ir {

/// `==` is EQ like `=`.
std::optional<Operator> operator_spelt(std::string_view text);
std::optional<Modifier> modifier_spelt(std::string_view text);
std::optional<Transformer> transformer_spelt(std::string_view text);

/// The word that was probably meant, empty if none is near.
std::string_view closest_operator(std::string_view text);
std::string_view closest_transformer(std::string_view text);

}  // namespace falcoc::ir
