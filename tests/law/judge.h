// One ruleset before the law: what the reference evaluator finds in an event, what the kernel's
// filter says of it, and what native code finds in what the filter leaves.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/split/split.h"
#include "tests/law/stage.h"

namespace falcoc::law {

/// What the kernel knows of the facts of this process.
enum class Knowledge : uint8_t {
  KNOWN,
  UNKNOWN,
  STALE,  ///< facts of what the process is not: all of them wrong
};

struct Verdict {
  std::vector<bool> matched;    ///< by rule, by the reference evaluator
  std::vector<bool> candidate;  ///< by rule: the filter left it
  std::vector<bool> native;     ///< by rule, of the candidates; empty if there is no native code
  bool passed = false;
  /// What the guards come to, in candidate bits, if that can be told without the kernel; and what
  /// the filter said.
  std::optional<uint64_t> expected;
  uint64_t said = 0;

  /// Whether the filter passes all that its guards do, and whether it passes more, as it may where
  /// the kernel knows less than the test.
  bool keeps_guards() const { return !expected || (*expected & ~said) == 0; }
  bool is_loose() const { return expected && (said & ~*expected) != 0; }
  /// A rule that matches and was lost, or that native code and reference disagree about.
  std::optional<size_t> offence() const;
};

class Judge {
 public:
  /// A mutated filter is made here and judged without native code; else all is made as falcod does.
  static std::expected<std::unique_ptr<Judge>, std::string> make(
      Stage& stage, const ir::Program& program,
      ir::split::Mutation mutation = ir::split::Mutation::NONE);
  virtual ~Judge() = default;

  /// What the bit of a kind's filter stands for, the guard of each of its rules in a line.
  virtual std::string print_guards(EventKind kind, uint64_t bit) const = 0;
  /// `choice` says in which way facts are stale.
  virtual Verdict judge(const Call& call, Knowledge knowledge, uint64_t choice) = 0;
  /// Kinds of events that have a filter.
  virtual size_t filtered_kinds() const = 0;
  /// Programs of all filters.
  virtual size_t programs() const = 0;
  /// Process facts that the kernel knows of this process.
  virtual size_t known_facts() const = 0;
};

}  // namespace falcoc::law
