// Two texts compared line by line, as `diff -u` and `patch` have it.
#pragma once

#include <string>
#include <string_view>

namespace falcoc::cli {

/// Empty if the texts are equal. `name` stands in both header lines.
std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace falcoc::cli
