#include "compiler/codegen/bpf/text_questions.h"

#include <algorithm>

#include "probe/scratch_layout.h"

namespace falcoc::bpf {

using ir::split::KernelTest;
using ir::split::TextMatch;
using ir::split::TextPart;

namespace {

/// The first word says whether there is anything in the others.
constexpr uint32_t kFirstBit = 32;
constexpr uint32_t kLastBit = FC_FILTER_FOUND_WORDS * 32;

}  // namespace

bool is_looked_up(const KernelTest& test) {
  if (test.kind == KernelTest::Kind::NUMBER) {
    return test.ranges.size() > kMostCompared &&
           std::ranges::all_of(test.ranges, [](const ir::split::Range& range) {
             return range.first == range.last;
           });
  }
  return test.kind == KernelTest::Kind::TEXT && test.literals.size() > kMostCompared &&
         test.part == TextPart::WHOLE && test.match == TextMatch::EQUAL;
}

bool TextQuestions::next_bit(uint32_t& bit) {
  bit = kFirstBit + bits_;
  ++bits_;
  return bit < kLastBit;
}

bool TextQuestions::add(const KernelTest& test) {
  if (answers_.contains(test)) return true;
  Answer answer;
  const bool added =
      test.part == TextPart::WHOLE ? add_whole(test, answer) : add_directory(test, answer);
  if (added) answers_.emplace(test, std::move(answer));
  return added;
}

bool TextQuestions::add_whole(const KernelTest& test, Answer& answer) {
  uint32_t bit = 0;
  if (!next_bit(bit)) return false;
  answer.ways.push_back({.bit = bit});
  TextSearch& search = searches_[test.folded ? test.text | kFoldedText : test.text];
  if (is_looked_up(test)) {
    search.sets.push_back({test.literals, bit});
    return true;
  }
  for (const std::string& literal : test.literals) {
    switch (test.match) {
      case TextMatch::EQUAL:
        search.heads.push_back({literal + '\0', bit});
        break;
      case TextMatch::PREFIX:
        search.heads.push_back({literal, bit});
        break;
      case TextMatch::SUFFIX:
        search.tails.push_back({literal, bit});
        break;
      case TextMatch::CONTAINS:
        search.parts.push_back({literal, bit});
        break;
    }
  }
  return true;
}

/// The directory is what stands before the last slash, or "/".
///   is "/etc"          begins with "/etc/", last slash at 4
///   begins with "/et"  begins with "/et", last slash at 3 or behind
bool TextQuestions::add_directory(const KernelTest& test, Answer& answer) {
  TextSearch& search = searches_[test.text];
  std::map<size_t, uint32_t> bit_by_size;
  for (const std::string& literal : test.literals) {
    if (literal == "/") answer.in_root = true;
    const bool is_never = literal.empty() || literal == "/";  // as a whole; in the root see above
    if (is_never && test.match == TextMatch::EQUAL) continue;
    const auto [place, is_new] = bit_by_size.try_emplace(literal.size());
    if (is_new && !next_bit(place->second)) return false;
    const bool equal = test.match == TextMatch::EQUAL;
    search.heads.push_back({equal ? literal + '/' : literal, place->second});
  }
  for (const auto& [size, bit] : bit_by_size) {
    answer.ways.push_back(
        {.bit = bit,
         .slash = test.match == TextMatch::EQUAL ? Way::Slash::AT : Way::Slash::FROM,
         .position = static_cast<uint32_t>(size)});
  }
  return true;
}

bool needs_last_slash(const ir::split::KernelPlan& plan, uint8_t text) {
  return std::ranges::any_of(plan.tests, [&](const KernelTest& test) {
    return test.kind == KernelTest::Kind::TEXT && test.text == text &&
           test.part == TextPart::DIRECTORY;
  });
}

}  // namespace falcoc::bpf
