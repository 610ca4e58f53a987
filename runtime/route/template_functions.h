// The functions of Go's templates, and what values are as texts and conditions there.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace falcod::route {

/// As Go prints it with %v; nothing is an empty text.
std::string template_text(const nlohmann::json& value);
/// Not false, 0, nothing, or empty.
bool template_truth(const nlohmann::json& value);
/// Nothing if it cannot work on these arguments.
nlohmann::json call_template_function(std::string_view name,
                                      std::span<const nlohmann::json> arguments);

}  // namespace falcod::route
