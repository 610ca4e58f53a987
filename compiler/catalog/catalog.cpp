// What is not a table: priorities and spelling help.
#include "compiler/catalog/catalog.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace falcoc {
namespace {

constexpr std::array<std::string_view, 8> kPriorityNames = {
    "Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"};

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`, case ignored.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = to_lower(a[i - 1]) == to_lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates) {
  // One edit per three characters: `proc.nmae` finds proc.name, unrelated short names find nothing.
  const size_t tolerance = std::max<size_t>(1, name.size() / 3);
  constexpr size_t kLongestName = 128;  // nobody misspells more; keeps the quadratic cost bounded
  if (name.size() > kLongestName) return {};
  std::string_view best;
  size_t best_distance = tolerance + 1;
  for (std::string_view candidate : candidates) {
    const size_t longer = std::max(candidate.size(), name.size());
    const size_t shorter = std::min(candidate.size(), name.size());
    if (longer - shorter >= best_distance) continue;
    const size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string_view priority_name(Priority priority) {
  return kPriorityNames[static_cast<size_t>(priority)];
}

std::optional<Priority> parse_priority(std::string_view text) {
  if (equal_ignoring_case(text, "info")) return Priority::INFORMATIONAL;
  for (size_t i = 0; i < kPriorityNames.size(); ++i) {
    if (equal_ignoring_case(text, kPriorityNames[i])) return static_cast<Priority>(i);
  }
  return std::nullopt;
}

}  // namespace falcoc
