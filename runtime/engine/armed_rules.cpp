// See armed_rules.h.
#include "runtime/engine/armed_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <future>

#include "compiler/codegen/bpf/filter_source.h"
#include "compiler/ir/memo_evaluator.h"
#include "runtime/engine/field_use.h"

namespace falcod {

namespace ir = falcoc::ir;
using falcoc::Diagnostic;
using falcoc::EventKind;

namespace {

/// The first events already find the hosts that rules name, unless name servers are slower than
/// this: then they are found when they are.
constexpr std::chrono::milliseconds kNamesLimit{2000};

/// Rules that this daemon never evaluates: too low a priority, or not about system calls.
void disable_irrelevant(ir::Program& program, const AlertOptions& options) {
  for (ir::Rule& rule : program.rules) {
    if (rule.priority > options.minimum_priority || rule.source != "syscall") rule.enabled = false;
  }
}

}  // namespace

/// Matches without generated code, per kind only the rules that can match it.
class ReferenceMatcher {
 public:
  ReferenceMatcher(const ir::Program& program, std::span<const falcoc::Accessor> accessors)
      : program_(program),
        evaluator_(program),
        accessors_(accessors),
        rules_by_kind_(falcoc::kEventKinds) {
    for (uint32_t i = 0; i < program.rules.size(); ++i) {
      if (!program.rules[i].enabled) continue;
      const falcoc::EventSet& kinds = program.rule_events(program.rules[i]);
      live_ |= kinds;
      for (size_t kind = 0; kind < falcoc::kEventKinds; ++kind) {
        if (kinds.test(kind)) rules_by_kind_[kind].push_back(i);
      }
    }
  }

  const falcoc::EventSet& live_kinds() const { return live_; }

  void match(EventKind kind, void* context, ir::ValueArena& arena,
             std::optional<std::span<const uint64_t>> candidates, std::span<uint64_t> matched) {
    std::ranges::fill(matched, 0);
    const ir::FieldSource source{context, accessors_};
    evaluator_.begin_event();
    for (const uint32_t i : rules_by_kind_[kind]) {
      if (candidates && ((*candidates)[i / 64] >> (i % 64) & 1) == 0) continue;
      if (evaluator_.evaluate(program_.rules[i].condition, source, arena)) {
        matched[i / 64] |= uint64_t{1} << (i % 64);
      }
    }
  }

 private:
  const ir::Program& program_;
  ir::MemoEvaluator evaluator_;
  std::span<const falcoc::Accessor> accessors_;
  std::vector<std::vector<uint32_t>> rules_by_kind_;
  falcoc::EventSet live_;
};

ArmedRules::ArmedRules(ir::Program program, const AlertOptions& options,
                       const std::string& hostname)
    : program_(std::move(program)),
      options_(options),
      accessors_(bind_accessors(program_)),
      formatter_(program_, accessors_, options, hostname),
      late_(std::make_unique<LateRules>(program_, accessors_, options, hostname)),
      host_names_(host_names_of(program_)),
      candidates_((program_.rules.size() + 63) / 64),
      matched_(candidates_.size()) {}

ArmedRules::~ArmedRules() = default;

std::expected<std::unique_ptr<ArmedRules>, Diagnostic> ArmedRules::create(
    ir::Program program, const AlertOptions& options, const std::string& hostname,
    const Arming& arming, uint32_t number, falcoc::Diagnostics& diagnostics) {
  disable_irrelevant(program, options);
  std::unique_ptr<ArmedRules> rules(new ArmedRules(std::move(program), options, hostname));
  rules->facts_ = std::make_unique<FactRules>(rules->program_, number);
  rules->host_names_.wait_until_resolved(kNamesLimit);
  if (auto chosen = rules->choose_evaluator(arming, diagnostics); !chosen) {
    return std::unexpected(std::move(chosen.error()));
  }
  if (!arming.at_once) rules->use(rules->complete(arming, diagnostics));
  return rules;
}

/// What can be had at once; complete() makes the rest.
std::expected<void, Diagnostic> ArmedRules::choose_evaluator(const Arming& arming,
                                                             falcoc::Diagnostics& diagnostics) {
  if (arming.evaluator == Evaluator::NATIVE) {
    auto native = falcoc::native::get_code(arming.code, program_, accessors_, diagnostics);
    if (!native) return std::unexpected(std::move(native.error()));
    use_native(std::make_unique<falcoc::native::Matcher>(std::move(*native)));
    return {};
  }
  if (arming.evaluator == Evaluator::AUTO && arming.at_once) {
    auto native = falcoc::native::find_code(arming.code, program_, accessors_, diagnostics);
    if (native && *native) {
      use_native(std::make_unique<falcoc::native::Matcher>(std::move(**native)));
      return {};
    }
  }
  reference_ = std::make_unique<ReferenceMatcher>(program_, accessors_);
  return {};
}

Completion ArmedRules::complete(const Arming& arming, falcoc::Diagnostics& diagnostics) const {
  Completion completion{.ruleset = number()};
  // two processes of the generator take as long as one
  falcoc::Diagnostics filter_warnings;
  std::future<std::expected<falcoc::bpf::Filters, Diagnostic>> filters;
  if (arming.filtered) {
    filters = std::async(std::launch::async, [&] {
      return falcoc::bpf::get_filters(arming.code, program_, filter_warnings);
    });
  }
  if (native_ == nullptr && arming.evaluator != Evaluator::REFERENCE) {
    auto native = falcoc::native::get_code(arming.code, program_, accessors_, diagnostics);
    if (native) {
      completion.native = std::make_unique<falcoc::native::Matcher>(std::move(*native));
    } else {
      diagnostics.add(Diagnostic::global(
          falcoc::Code::REFERENCE_EVALUATOR,
          fmt::format(
              "native code cannot be made here, rules run in the slower reference evaluator: {}",
              native.error().message),
          "allow executable memory (systemd: MemoryDenyWriteExecute=no) for full speed"));
    }
  }
  if (filters.valid()) {
    auto made = filters.get();
    for (const Diagnostic& warning : filter_warnings.items()) diagnostics.add(warning);
    if (made) {
      completion.filters = std::move(*made);
    } else {
      diagnostics.add(std::move(made.error()));
    }
  }
  return completion;
}

void ArmedRules::use(Completion completion) {
  if (completion.native != nullptr) use_native(std::move(completion.native));
  if (completion.filters) use_filters(std::move(*completion.filters));
}

void ArmedRules::use_native(std::unique_ptr<falcoc::native::Matcher> native) {
  native_ = std::move(native);
  reference_ = nullptr;
  matched_.resize(native_->words_per_result());
  candidates_.resize(matched_.size());
}

void ArmedRules::use_filters(falcoc::bpf::Filters filters) {
  filters_ = std::move(filters);
  candidate_rules_.resize(falcoc::kEventKinds);
  for (const falcoc::bpf::Filter& filter : filters_) {
    auto rules = std::make_unique<CandidateRules>();
    for (const auto& [rule, bit] : filter.rules) rules->rules[bit].push_back(rule);
    candidate_rules_[filter.kind] = std::move(rules);
  }
}

std::optional<std::span<const uint64_t>> ArmedRules::candidates(const Event& event) {
  if (event.record == nullptr || event.record->filter_generation != number() ||
      candidate_rules_.empty()) {
    return std::nullopt;
  }
  const CandidateRules* const known = candidate_rules_[event.kind].get();
  if (known == nullptr) return std::nullopt;
  std::ranges::fill(candidates_, 0);
  for (uint64_t bits = event.record->candidates; bits != 0; bits &= bits - 1) {
    for (const uint32_t rule : known->rules[static_cast<size_t>(std::countr_zero(bits))]) {
      candidates_[rule / 64] |= uint64_t{1} << (rule % 64);
    }
  }
  return candidates_;
}

const falcoc::EventSet& ArmedRules::live_kinds() const {
  return native_ != nullptr ? native_->live_kinds() : reference_->live_kinds();
}

std::span<const uint64_t> ArmedRules::match(EventContext& context, ir::ValueArena& arena,
                                            std::optional<std::span<const uint64_t>> candidates) {
  const EventKind kind = context.event->kind;
  if (native_ == nullptr) {
    reference_->match(kind, &context, arena, candidates, matched_);
  } else if (candidates) {
    native_->match_candidates(kind, &context, arena, *candidates, matched_);
  } else {
    native_->match(kind, &context, arena, matched_);
  }
  return matched_;
}

void ArmedRules::time_rules(EventContext& context, ir::ValueArena& arena,
                            std::span<RuleTime> times) const {
  using Clock = std::chrono::steady_clock;
  constexpr int kRepeats = 8;  // the clock takes as long as a rule
  if (native_ == nullptr) return;
  const EventKind kind = context.event->kind;
  std::vector<uint64_t> only(matched_.size());
  std::vector<uint64_t> matched(matched_.size());
  for (size_t i = 0; i < times.size(); ++i) {
    const ir::Rule& rule = program_.rules[i];
    if (!rule.enabled || !program_.rule_events(rule).test(kind)) continue;
    only[i / 64] = uint64_t{1} << (i % 64);
    const Clock::time_point begin = Clock::now();
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      native_->match_candidates(kind, &context, arena, only, matched);
    }
    const auto spent = std::chrono::nanoseconds(Clock::now() - begin) / kRepeats;
    only[i / 64] = 0;
    ++times[i].samples;
    times[i].ns += static_cast<uint64_t>(spent.count());
  }
}

std::string ArmedRules::format(size_t index, EventContext& context) const {
  return formatter_.format(program_.rules[index], context);
}

AlertRoutes ArmedRules::routes(size_t index, EventContext& context) const {
  return formatter_.routes(program_.rules[index], context);
}

std::string ArmedRules::json(size_t index, EventContext& context) const {
  return formatter_.json(program_.rules[index], context);
}

}  // namespace falcod
