// See armed_rules.h.
#include "runtime/engine/armed_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

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

  void match(EventKind kind, void* context, ir::ValueArena& arena, std::span<uint64_t> matched) {
    std::ranges::fill(matched, 0);
    const ir::FieldSource source{context, accessors_};
    evaluator_.begin_event();
    for (const uint32_t i : rules_by_kind_[kind]) {
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
      accessors_(bind_accessors(program_)),
      formatter_(program_, accessors_, options, hostname),
      host_names_(host_names_of(program_)),
      matched_((program_.rules.size() + 63) / 64) {}

ArmedRules::~ArmedRules() = default;

std::expected<std::unique_ptr<ArmedRules>, Diagnostic> ArmedRules::create(
    ir::Program program, const AlertOptions& options, const std::string& hostname,
    Evaluator evaluator, const falcoc::native::CodeSource& code, uint32_t number,
    falcoc::Diagnostics& diagnostics) {
  disable_irrelevant(program, options);
  std::unique_ptr<ArmedRules> rules(new ArmedRules(std::move(program), options, hostname));
  rules->facts_ = std::make_unique<FactRules>(rules->program_, number);
  rules->host_names_.wait_until_resolved(kNamesLimit);
  if (evaluator != Evaluator::REFERENCE) {
    auto native = falcoc::native::get_code(code, rules->program_, rules->accessors_, diagnostics);
    if (native) {
      rules->native_ = std::make_unique<falcoc::native::Matcher>(std::move(*native));
      rules->matched_.resize(rules->native_->words_per_result());
      return rules;
    }
    if (evaluator == Evaluator::NATIVE) return std::unexpected(std::move(native.error()));
    diagnostics.add(Diagnostic::global(
        falcoc::Code::REFERENCE_EVALUATOR,
        fmt::format(
            "native code cannot be made here, rules run in the slower reference evaluator: {}",
            native.error().message),
        "allow executable memory (systemd: MemoryDenyWriteExecute=no) for full speed"));
  }
  rules->reference_ = std::make_unique<ReferenceMatcher>(rules->program_, rules->accessors_);
  return rules;
}

const falcoc::EventSet& ArmedRules::live_kinds() const {
  return native_ != nullptr ? native_->live_kinds() : reference_->live_kinds();
}

bool ArmedRules::asks_about_descriptors() const {
  return std::ranges::any_of(program_.fields, [](const falcoc::FieldRef& field) {
    return falcoc::field_info(field.id).field_class == "fd";
  });
}

std::span<const uint64_t> ArmedRules::match(EventContext& context, ir::ValueArena& arena) {
  if (native_ != nullptr) {
    native_->match(context.event->kind, &context, arena, matched_);
  } else {
    reference_->match(context.event->kind, &context, arena, matched_);
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

}  // namespace falcod
