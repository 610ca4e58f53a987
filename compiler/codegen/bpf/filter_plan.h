// A kernel plan cut into programs: which candidate bits each decides, with which guards. Knows the
// split only.
//
// Early parts decide without process facts and the event's descriptor, for which the probe has work
// to do; late parts look at what is left once more with these.
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
  bool searches = true;     ///< false: an earlier part has found the answers
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
  uint64_t late_bits = 0;   ///< candidate bits that late parts decide
  bool asks_facts = false;  ///< they ask for facts
  bool asks_descriptor = false;
  ir::split::KernelDescriptor descriptor{};  ///< if asks_descriptor

  bool is_of_kind(size_t text, ir::split::KernelText::Kind asked) const {
    return (texts_used >> text & 1) != 0 && texts[text].kind == asked;
  }
  bool has_kind(ir::split::KernelText::Kind kind_of_text) const {
    for (size_t i = 0; i < texts.size(); ++i) {
      if (is_of_kind(i, kind_of_text)) return true;
    }
    return false;
  }
  /// The probe may have to find texts that the program did not pass as they are.
  bool joins() const { return has_kind(ir::split::KernelText::Kind::JOINED) || always_joins(); }
  /// It always has to.
  bool always_joins() const { return has_kind(ir::split::KernelText::Kind::OPENED); }

  /// The memory that a text is read into: one for all that are passed in the same register.
  size_t slot(size_t text) const {
    for (size_t i = 0; i < text; ++i) {
      if ((texts_used >> i & 1) != 0 && !is_of_kind(i, ir::split::KernelText::Kind::OPENED) &&
          !is_of_kind(text, ir::split::KernelText::Kind::OPENED) &&
          texts[i].argument == texts[text].argument) {
        return i;
      }
    }
    return text;
  }

  /// Parts for events whose texts are what they are as passed, then the same for those that the
  /// probe found something for: in other memory.
  size_t parts_of_one() const { return early.size() + late.size(); }
  size_t parts() const { return parts_of_one() * (joins() ? 2 : 1); }
};

/// Programs follow each other by tail calls, of which the kernel allows 33 in a row; the probe
/// needs some of them.
inline constexpr size_t kMostParts = 24;

/// Nothing if a filter would pass everything, or would be longer than kMostParts.
std::optional<FilterPlan> plan_filter(const ir::split::KernelPlan& plan);

}  // namespace falcoc::bpf
