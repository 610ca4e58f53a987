// Rule files of any size in the manner of published ones.
#pragma once

#include <cstddef>
#include <string>

namespace falcoc::bench {

/// A file of `rules` rules with as many lists and macros as go with them: a list for five rules, a
/// macro for three. The same count gives the same text.
std::string generate_rules(size_t rules);

}  // namespace falcoc::bench
