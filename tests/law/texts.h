// Texts that rules and events have in common.
#pragma once

#include <iterator>
#include <random>
#include <string>

namespace falcoc::law {

using Random = std::mt19937_64;

template <typename Range>
inline const auto& one_of(Random& random, const Range& range) {
  return range[random() % std::size(range)];
}

inline bool chance(Random& random, unsigned one_in) { return random() % one_in == 0; }

/// One that a call could pass: a path, clean or not, or what is none.
std::string a_text(Random& random);

}  // namespace falcoc::law
