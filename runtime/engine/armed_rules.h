// A ruleset ready to match: the program, its accessors, its evaluator and its formatter. Made by
// any thread, which may take a while; used by the match loop, which can exchange it between two
// events.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/codegen/bpf/filters.h"
#include "compiler/codegen/native/code_source.h"
#include "compiler/ir/split/kernel_plan.h"
#include "runtime/engine/alert.h"
#include "runtime/engine/context.h"
#include "runtime/engine/fact_rules.h"
#include "runtime/engine/field_use.h"
#include "runtime/engine/late_rules.h"
#include "runtime/state/host_names.h"

namespace falcod {

/// Which evaluator matches rules.
enum class Evaluator : uint8_t {
  AUTO,    ///< native code, or the reference where executable memory is forbidden
  NATIVE,  ///< native code or nothing
  REFERENCE,
};

/// How rules are made ready.
struct Arming {
  Evaluator evaluator = Evaluator::AUTO;
  falcoc::native::CodeSource code{};
  bool filtered = false;  ///< kernel filters are made as well
  /// Rules serve as soon as they can: by the reference evaluator, if native code is not in the
  /// cache, and unfiltered. What is left out, complete() makes.
  bool at_once = false;
};

/// What a ruleset that serves already was armed without.
struct Completion {
  uint32_t ruleset = 0;                               ///< its number
  std::unique_ptr<falcoc::native::Matcher> native{};  ///< null: there is none, or it has it
  std::optional<falcoc::bpf::Filters> filters{};      ///< nothing: there are none
};

class ReferenceMatcher;

/// Evaluations of one rule that were timed.
struct RuleTime {
  uint64_t samples = 0;
  uint64_t ns = 0;  ///< of all samples together
};

class ArmedRules {
 public:
  /// `number` tells it from other rulesets in the kernel; not 0. Compiles `program` to native code,
  /// or falls back to the reference evaluator (with a warning in `diagnostics`) where executable
  /// memory is forbidden. Rules of too low a priority or another source are disabled. Where kernel
  /// filters are asked for and cannot be made there are none, with a warning.
  static std::expected<std::unique_ptr<ArmedRules>, falcoc::Diagnostic> create(
      falcoc::ir::Program program, const AlertOptions& options, const std::string& hostname,
      const Arming& arming, uint32_t number, falcoc::Diagnostics& diagnostics);
  ~ArmedRules();
  ArmedRules(const ArmedRules&) = delete;
  ArmedRules& operator=(const ArmedRules&) = delete;

  const falcoc::ir::Program& program() const { return program_; }
  const AlertOptions& options() const { return options_; }
  /// Makes what arming at once left out. Beside the match loop, which uses these rules meanwhile.
  Completion complete(const Arming& arming, falcoc::Diagnostics& diagnostics) const;
  /// From the next event on. The match loop's.
  void use(Completion completion);

  /// True if native code runs, false for the reference evaluator.
  bool native() const { return native_ != nullptr; }
  /// Kinds that some enabled rule can match.
  const falcoc::EventSet& live_kinds() const;
  /// What rules ask of events beyond their parameters.
  EventDetails details() const { return event_details(program_); }
  /// Names that rules compare addresses with, as they resolve now. To be called by the match loop,
  /// once per event. `tell` is told addresses before they are in use.
  const HostNames& host_names(const HostNames::AddressSink& tell) {
    host_names_.refresh(tell);
    return host_names_;
  }
  FactRules& facts() { return *facts_; }
  /// For events of containers that nobody has described yet.
  LateRules& late() { return *late_; }
  /// What tells it from other rulesets in the kernel.
  uint32_t number() const { return facts_->number(); }
  const falcoc::bpf::Filters& filters() const { return filters_; }

  /// The rules that may match the event as far as its filter in the kernel could tell, one bit per
  /// rule; valid until the next call. Nothing if no filter of this ruleset looked at it: all may.
  std::optional<std::span<const uint64_t>> candidates(const Event& event);
  /// One bit per rule; valid until the next call. `arena` as for the evaluators. Rules that are not
  /// among the candidates, if there are any, are taken for not matching.
  std::span<const uint64_t> match(EventContext& context, falcoc::ir::ValueArena& arena,
                                  std::optional<std::span<const uint64_t>> candidates = {});
  /// Evaluates again, each rule for itself, what match() just evaluated, and adds how long it took
  /// to `times`, which are parallel to Program::rules.
  void time_rules(EventContext& context, falcoc::ir::ValueArena& arena,
                  std::span<RuleTime> times) const;
  /// The line of rule `index` for the event of `context`.
  std::string format(size_t index, EventContext& context) const;
  /// Where its alert goes.
  AlertRoutes routes(size_t index, EventContext& context) const;
  /// The same as JSON with all properties.
  std::string json(size_t index, EventContext& context) const;

 private:
  ArmedRules(falcoc::ir::Program program, const AlertOptions& options, const std::string& hostname);

  falcoc::ir::Program program_;
  AlertOptions options_;
  std::vector<falcoc::Accessor> accessors_;
  AlertFormatter formatter_;
  std::unique_ptr<falcoc::native::Matcher> native_;
  std::unique_ptr<ReferenceMatcher> reference_;  ///< if there is no native code
  std::unique_ptr<FactRules> facts_;
  std::unique_ptr<LateRules> late_;
  /// What a candidate bit of a kind stands for; empty for kinds without a filter.
  struct CandidateRules {
    std::array<std::vector<uint32_t>, falcoc::ir::split::kCandidateBits> rules;
  };
  std::expected<void, falcoc::Diagnostic> choose_evaluator(const Arming& arming,
                                                           falcoc::Diagnostics& diagnostics);
  void use_native(std::unique_ptr<falcoc::native::Matcher> native);
  void use_filters(falcoc::bpf::Filters filters);

  falcoc::bpf::Filters filters_;
  std::vector<std::unique_ptr<CandidateRules>> candidate_rules_;  ///< by kind
  HostNames host_names_;
  std::vector<uint64_t> candidates_;
  std::vector<uint64_t> matched_;
};

}  // namespace falcod
