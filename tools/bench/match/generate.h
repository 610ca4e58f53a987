// Rule sets of any size in the manner of Falco's stable rules.
#pragma once

#include <cstddef>
#include <string>

namespace falcoc::bench {

/// A rule file. Of 25 rules about as many watch each kind of event as among the stable ones; what
/// they look for differs from rule to rule. The same count gives the same text.
std::string generate_stable_like_rules(size_t rules);

}  // namespace falcoc::bench
