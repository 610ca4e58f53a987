#include "tests/law/judge.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "compiler/codegen/bpf/filter_plan.h"
#include "compiler/codegen/bpf/generate.h"
#include "runtime/capture/process_snapshot.h"
#include "runtime/engine/engine.h"
#include "tests/law/plain_guard.h"

namespace falcoc::law {
namespace {

using falcod::Engine;

/// An engine that tells which rules matched.
class Matcher {
 public:
  static std::expected<std::unique_ptr<Matcher>, std::string> make(const ir::Program& program,
                                                                   falcod::Evaluator evaluator,
                                                                   bool filtered) {
    auto matcher = std::unique_ptr<Matcher>(new Matcher);
    Diagnostics diagnostics;
    falcod::AlertOptions alerts;
    alerts.all_rules = true;
    falcod::EngineOptions options;
    options.evaluator = evaluator;
    options.hostname = "host";
    options.filtered = filtered;
    auto engine = Engine::create(
        program, alerts,
        [self = matcher.get()](const falcod::Alert& alert) {
          const auto& rules = self->engine_->program().rules;
          self->matched_[static_cast<size_t>(alert.rule - rules.data())] = true;
        },
        diagnostics, options);
    if (!engine) return std::unexpected(engine.error().message);
    if (!diagnostics.items().empty()) return std::unexpected(diagnostics.items().front().message);
    matcher->engine_ = std::move(*engine);
    auto snapshot = falcod::ProcessSnapshot::open();
    if (!snapshot) return std::unexpected(snapshot.error().message);
    matcher->engine_->processes().begin_scan();
    if (!(*snapshot)->read(*matcher->engine_)) return std::unexpected("no list of processes");
    matcher->engine_->processes().end_scan();
    return matcher;
  }

  std::vector<bool> match(const std::vector<std::byte>& record) {
    matched_.assign(engine_->program().rules.size(), false);
    if (!record.empty()) engine_->on_record(record);
    return matched_;
  }

  Engine& engine() { return *engine_; }

 private:
  Matcher() = default;

  std::unique_ptr<Engine> engine_;
  std::vector<bool> matched_;
};

class JudgeImpl final : public Judge {
 public:
  explicit JudgeImpl(Stage& stage) : stage_(stage) {}
  ~JudgeImpl() override {
    Diagnostics ignored;
    stage_.filters().use(nullptr, ignored);
  }

  std::expected<void, std::string> start(const ir::Program& program, ir::split::Mutation mutation) {
    const bool mutated = mutation != ir::split::Mutation::NONE;
    auto reference = Matcher::make(program, falcod::Evaluator::REFERENCE, false);
    if (!reference) return std::unexpected(reference.error());
    reference_ = std::move(*reference);
    Engine* keeper = &reference_->engine();
    if (mutated) {
      auto filters = bpf::generate(ir::split::plan_kernel(keeper->program(), mutation));
      if (!filters) return std::unexpected(filters.error().message);
      filters_ = std::move(*filters);
    } else {
      auto native = Matcher::make(program, falcod::Evaluator::NATIVE, true);
      if (!native) return std::unexpected(native.error());
      native_ = std::move(*native);
      keeper = &native_->engine();
      filters_ = keeper->rules().filters();
    }
    ruleset_ = keeper->rules().number();
    for (auto& plan : ir::split::plan_kernel(keeper->program(), mutation)) {
      const auto filter = bpf::plan_filter(plan);
      if (filter) plans_.push_back({std::move(plan), filter->late_bits});
    }
    Diagnostics warnings;
    auto loaded = stage_.filters().load(filters_, {.ruleset = ruleset_}, warnings);
    filtered_kinds_ = stage_.filters().use(std::move(loaded), warnings);
    if (!warnings.items().empty()) return std::unexpected(warnings.items().front().message);
    keeper->use_facts(stage_.facts());
    keeper->use_names([this](std::string_view address) { stage_.name_address(address); });
    while (keeper->update_facts(falcod::FactKeeper::Clock::now() + std::chrono::seconds(1))) {
    }
    const auto slots = stage_.fact_slots();
    const auto mine = std::ranges::find(slots, static_cast<fc_u32>(getpid()), &fc_facts::pid);
    if (mine != slots.end() && mine->ruleset == ruleset_) {
      slot_ = &*mine;
      known_ = *mine;
    }
    return {};
  }

  size_t filtered_kinds() const override { return filtered_kinds_; }
  size_t programs() const override {
    size_t count = 0;
    for (const bpf::Filter& filter : filters_) count += filter.parts.size();
    return count;
  }

  size_t known_facts() const override {
    size_t count = 0;
    for (int word = 0; slot_ != nullptr && word < FC_FACT_WORDS; ++word) {
      count +=
          static_cast<size_t>(std::popcount(known_.may_be_true[word] ^ known_.may_be_false[word]));
    }
    return count;
  }

  std::string print_guards(EventKind kind, uint64_t bit) const override {
    const auto planned =
        std::ranges::find(plans_, kind, [](const Planned& each) { return each.plan.kind; });
    if (planned == plans_.end()) return {};
    std::string text;
    for (const ir::split::RuleGuard& rule : planned->plan.rules) {
      if (rule.candidate != bit) continue;
      text += "\n" + ir::split::print_guard(planned->plan, rule.guard);
    }
    return text;
  }

  Verdict judge(const Call& call, Knowledge knowledge, uint64_t choice) override {
    set_facts(knowledge, choice);
    const Outcome whole = stage_.run(call, false);
    const Outcome filtered = stage_.run(call, true);
    Verdict verdict;
    verdict.passed = filtered.passed;
    verdict.matched = reference_->match(whole.record);
    verdict.candidate = candidates(call.kind, filtered);
    tell_expected(call, knowledge, choice, descriptor_in(whole.record), filtered, verdict);
    if (native_ != nullptr) verdict.native = native_->match(filtered.record);
    return verdict;
  }

 private:
  std::vector<bool> candidates(EventKind kind, const Outcome& outcome) const {
    const size_t count = reference_->engine().program().rules.size();
    if (!outcome.passed) return std::vector<bool>(count, false);
    const auto& event = *reinterpret_cast<const fc_event*>(outcome.record.data());
    const auto filter = std::ranges::find(filters_, kind, &bpf::Filter::kind);
    if (event.filter_generation != ruleset_ || filter == filters_.end()) {
      return std::vector<bool>(count, true);
    }
    std::vector<bool> result(count, false);
    for (const auto& [rule, bit] : filter->rules) result[rule] = (event.candidates >> bit & 1) != 0;
    return result;
  }

  /// The guards of a filter, and which candidate bits facts decide.
  struct Planned {
    ir::split::KernelPlan plan;
    uint64_t late_bits = 0;
  };

  void tell_expected(const Call& call, Knowledge knowledge, uint64_t choice, const fc_fd& fd,
                     const Outcome& outcome, Verdict& verdict) const {
    const auto planned = std::ranges::find_if(
        plans_, [&](const Planned& each) { return each.plan.kind == call.kind; });
    // of stale facts, only those that are void as a whole are as good as none
    const bool is_partly_known = knowledge == Knowledge::STALE && choice % 12 > 4;
    if (planned == plans_.end() || is_partly_known) return;
    fc_facts facts = known_;
    for (int word = 0; facts.ancestry == 0 && word < FC_FACT_WORDS; ++word) {
      if ((facts.dependencies[word] & FC_FACTS_ANCESTORS) == 0) continue;
      facts.may_be_true[word] = facts.may_be_false[word] = ~fc_u64{0};
    }
    const bool has_facts = slot_ != nullptr && knowledge == Knowledge::KNOWN;
    const auto early = bits(planned->plan, call, {});
    const auto late =
        bits(planned->plan, call, {.facts = has_facts ? &facts : nullptr, .descriptor = &fd});
    if (!early || !late) return;
    verdict.expected = (*early & ~planned->late_bits) != 0 ? *early : *late;
    if (!outcome.passed) return;
    const auto& event = *reinterpret_cast<const fc_event*>(outcome.record.data());
    verdict.said = event.filter_generation == ruleset_ ? event.candidates : ~uint64_t{0};
  }

  static std::optional<uint64_t> bits(const ir::split::KernelPlan& plan, const Call& call,
                                      const Known& known) {
    uint64_t result = 0;
    for (const ir::split::RuleGuard& rule : plan.rules) {
      const auto one = holds(plan, rule.guard, call, known);
      if (!one) return std::nullopt;
      if (*one) result |= uint64_t{1} << rule.candidate;
    }
    return result;
  }

  void set_facts(Knowledge knowledge, uint64_t choice) {
    if (slot_ == nullptr) return;
    fc_facts entry = known_;
    if (knowledge == Knowledge::UNKNOWN) entry.pid = 0;
    if (knowledge == Knowledge::STALE) make_stale(entry, choice);
    *slot_ = entry;
  }

  /// One thing about the process is not what it was; all facts that depend on it are wrong.
  static void make_stale(fc_facts& entry, uint64_t choice) {
    fc_u8 about = 0xff;  // all
    switch (choice % 12) {
      case 0:
        ++entry.start_time_ns;
        break;
      case 1:
        ++entry.exec_id;
        break;
      case 2:
        ++entry.generation;
        break;
      case 3:
        ++entry.ruleset;
        break;
      case 4:
        ++entry.first_stamp;  // half written
        break;
      case 5:
        ++entry.uid;
        about = FC_FACTS_CREDENTIALS;
        break;
      case 6:
        ++entry.gid;
        about = FC_FACTS_CREDENTIALS;
        break;
      case 7:
        entry.cap_effective ^= 1;
        about = FC_FACTS_PRIVILEGES;
        break;
      case 8:
        ++entry.sid;
        about = FC_FACTS_SESSION;
        break;
      case 9:
        ++entry.tty;
        about = FC_FACTS_SESSION;
        break;
      case 10:
        ++entry.cgroup_id;
        about = FC_FACTS_CGROUPS;
        break;
      default:
        ++entry.ancestry;
        about = FC_FACTS_ANCESTORS;
        break;
    }
    for (int word = 0; word < FC_FACT_WORDS; ++word) {
      if (about != 0xff && (entry.dependencies[word] & about) == 0) continue;
      entry.may_be_true[word] = ~entry.may_be_true[word];
      entry.may_be_false[word] = ~entry.may_be_false[word];
    }
  }

  Stage& stage_;
  std::unique_ptr<Matcher> reference_;
  std::unique_ptr<Matcher> native_;  ///< null: the filter is mutated
  bpf::Filters filters_;
  std::vector<Planned> plans_;
  uint32_t ruleset_ = 0;
  size_t filtered_kinds_ = 0;
  fc_facts* slot_ = nullptr;  ///< of this process; null: it has no facts
  fc_facts known_{};
};

}  // namespace

std::optional<size_t> Verdict::offence() const {
  for (size_t i = 0; i < matched.size(); ++i) {
    if (matched[i] && !candidate[i]) return i;
    if (!native.empty() && native[i] != matched[i]) return i;
  }
  return std::nullopt;
}

std::expected<std::unique_ptr<Judge>, std::string> Judge::make(Stage& stage,
                                                               const ir::Program& program,
                                                               ir::split::Mutation mutation) {
  auto judge = std::make_unique<JudgeImpl>(stage);
  if (auto started = judge->start(program, mutation); !started) {
    return std::unexpected(started.error());
  }
  return judge;
}

}  // namespace falcoc::law
