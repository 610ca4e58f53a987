// Changes of a text, collected before any is made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::format {

/// Puts `text` in place of [begin, end).
struct Edit {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

/// Edits may come in any order; one that overlaps an earlier one is left out.
inline std::string apply(std::string_view source, std::vector<Edit> edits) {
  std::ranges::stable_sort(edits, {}, &Edit::begin);
  std::string out;
  size_t done = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < done) continue;
    out += source.substr(done, edit.begin - done);
    out += edit.text;
    done = edit.end;
  }
  out += source.substr(done);
  return out;
}

}  // namespace falcoc::format
