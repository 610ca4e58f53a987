// Sets of numbers as sorted ranges.
#include <algorithm>

#include "compiler/ir/split/guard_builder.h"

namespace falcoc::ir::split {
namespace {

constexpr uint64_t kLast = ~uint64_t{0};

}  // namespace

std::vector<Range> united(std::vector<Range> ranges) {
  std::ranges::sort(ranges);
  std::vector<Range> result;
  for (const Range& range : ranges) {
    const bool touches =
        !result.empty() && (result.back().last == kLast || range.first <= result.back().last + 1);
    if (touches) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

std::vector<Range> complement(const std::vector<Range>& ranges) {
  std::vector<Range> result;
  uint64_t next = 0;
  for (const Range& range : ranges) {
    if (range.first > next) result.push_back({next, range.first - 1});
    if (range.last == kLast) return result;
    next = range.last + 1;
  }
  result.push_back({next, kLast});
  return result;
}

std::vector<Range> intersected(const std::vector<Range>& left, const std::vector<Range>& right) {
  std::vector<Range> outside = complement(left);
  std::ranges::copy(complement(right), std::back_inserter(outside));
  return complement(united(std::move(outside)));
}

}  // namespace falcoc::ir::split
