// A kernel plan cut into programs: which candidate bits each decides, with which guards. Knows the
// split only.
//
// Early parts decide without process facts, for which the probe has work to do; late parts look at
// what is left once more with facts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/codegen/bpf/text_questions.h"
#include "compiler/ir/split/guard_builder.h"

namespace falcoc::bpf {

/// Candidate bits that one guard decides.
struct Decided {
  uint64_t bits = 0;
  ir::split::GuardId guard{};
};

/// What one program decides. The guards are of `plan`.
struct PartPlan {
  ir::split::KernelPlan plan;
  std::vector<Decided> decided;
  TextQuestions questions;
  uint64_t bits = 0;        ///< of all decided
  uint32_t texts_used = 0;  ///< bit per text
  /// If false, none of the bits is a candidate. Asks for numbers only.
  ir::split::GuardId by_numbers = ir::split::KernelPlan::kTrue;
  /// The guards where all texts are clean and nothing sought was found in them; empty if that says
  /// nothing. False ones are left out.
  std::optional<std::vector<Decided>> if_nothing_found;
};

struct FilterPlan {
  EventKind kind = 0;
  std::vector<ir::split::KernelText> texts;
  uint32_t texts_used = 0;               ///< bit per text: some part asks about it
  std::vector<bool> wants_last_slash{};  ///< parallel to texts
  std::vector<PartPlan> early{};
  std::vector<PartPlan> late{};
  uint64_t late_bits = 0;  ///< candidate bits that late parts decide

  bool is_of_kind(size_t text, ir::split::KernelText::Kind asked) const {
    return (texts_used >> text & 1) != 0 && texts[text].kind == asked;
  }
  /// The probe may have to find texts that the program did not pass as they are.
  bool joins() const {
    for (size_t i = 0; i < texts.size(); ++i) {
      if ((texts_used >> i & 1) != 0 && texts[i].kind != ir::split::KernelText::Kind::PASSED) {
        return true;
      }
    }
    return false;
  }
  /// The first early part once more, with those texts: the last of all.
  size_t joined_part() const { return early.size() + late.size(); }
  size_t parts() const { return joined_part() + (joins() ? 1 : 0); }
};

/// Programs follow each other by tail calls, of which the kernel allows 33 in a row; the probe
/// needs some of them.
inline constexpr size_t kMostParts = 24;

/// Nothing if a filter would pass everything, or would be longer than kMostParts.
std::optional<FilterPlan> plan_filter(const ir::split::KernelPlan& plan);

}  // namespace falcoc::bpf
