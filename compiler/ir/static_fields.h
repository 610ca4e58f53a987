// Fields that a configuration defines: constants that conditions and outputs name `static.NAME`.
// Their values are put in when rules are compiled, so that nothing later knows of them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace falcoc::ir {

inline constexpr std::string_view kStaticPrefix = "static.";

/// Values by full name, `static.NAME`.
using StaticFields = std::map<std::string, std::string, std::less<>>;

}  // namespace falcoc::ir
