// The match loop's core: one record at a time through decoder, state, rules and formatter.
#include "runtime/engine/engine.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <ctime>

#include "compiler/catalog/descriptors.h"
#include "runtime/engine/internal_alert.h"
#include "runtime/engine/waiting_room.h"
#include "runtime/state/captured_fds.h"

namespace falcod {

namespace {

using falcoc::Diagnostic;
namespace ir = falcoc::ir;

/// Offset from the boot clock to the epoch: the sample taken in the shortest time counts.
uint64_t measure_boot_to_epoch() {
  constexpr int kSamples = 8;
  const auto now = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  };
  uint64_t best_span = ~uint64_t{0};
  uint64_t offset = 0;
  for (int i = 0; i < kSamples; ++i) {
    const uint64_t before = now(CLOCK_BOOTTIME);
    const uint64_t real = now(CLOCK_REALTIME);
    const uint64_t span = now(CLOCK_BOOTTIME) - before;
    if (span < best_span) {
      best_span = span;
      offset = real - (before + span / 2);
    }
  }
  return offset;
}

/// One event of so many of its kind is evaluated again with a clock, so that the others do not pay.
constexpr uint64_t kTimedEvents = 1024;

class EngineImpl final : public Engine {
 public:
  EngineImpl(const AlertOptions& options, AlertSink sink, const EngineOptions& engine_options,
             uint64_t boot_to_epoch_ns)
      : options_(options),
        sink_(std::move(sink)),
        arming_{.evaluator = engine_options.evaluator,
                .code = engine_options.code,
                .filtered = engine_options.filtered},
        times_rules_(engine_options.time_rules),
        drops_failed_(engine_options.drop_failed),
        hostname_(engine_options.hostname.empty() ? alert_hostname() : engine_options.hostname),
        decoder_(boot_to_epoch_ns),
        processes_(boot_to_epoch_ns),
        facts_(processes_, users_, hostname_),
        keeper_(processes_, containers_) {
    processes_.on_change([this](const Process& process, ProcessChange changes) {
      facts_.on_change(process, changes);
      keeper_.on_change(process, changes);
    });
    context_.descriptors = &fds_;
    context_.processes = &processes_;
    context_.users = &users_;
    context_.containers = &containers_;
    context_.arena = &arena_;
    context_.history = &history_;
    context_.hostname = hostname_;
    state_ = ProcessTable::needed_events();
  }

  std::expected<std::unique_ptr<ArmedRules>, Diagnostic> arm(
      ir::Program program, falcoc::Diagnostics& diagnostics) const override {
    return arm(std::move(program), options_, diagnostics);
  }
  std::expected<std::unique_ptr<ArmedRules>, Diagnostic> arm(
      ir::Program program, const AlertOptions& options,
      falcoc::Diagnostics& diagnostics) const override {
    return ArmedRules::create(std::move(program), options, hostname_, arming_, ++rulesets_,
                              diagnostics);
  }

  std::expected<std::unique_ptr<ArmedRules>, Diagnostic> arm_at_once(
      ir::Program program, falcoc::Diagnostics& diagnostics) const {
    Arming arming = arming_;
    arming.at_once = true;
    return ArmedRules::create(std::move(program), options_, hostname_, arming, ++rulesets_,
                              diagnostics);
  }
  Completion complete(const ArmedRules& rules, falcoc::Diagnostics& diagnostics) const override {
    return rules.complete(arming_, diagnostics);
  }
  void use(Completion completion) override {
    if (completion.ruleset == rules_->number()) rules_->use(std::move(completion));
  }

  /// Must be called once before the first record.
  std::unique_ptr<ArmedRules> replace_rules(std::unique_ptr<ArmedRules> rules) override {
    std::vector<uint64_t> alerts(rules->program().rules.size());
    // What waits is of the former rules: it goes out with what is known now.
    if (rules_ != nullptr) release_held([](const HeldEvent&) { return true; });
    if (rules_ != nullptr) carry_over(*rules, alerts);
    stats_.alerts_by_rule = std::move(alerts);
    stats_.candidates_by_rule.assign(rules->program().rules.size(), 0);
    if (times_rules_) stats_.rule_times.assign(rules->program().rules.size(), {});
    std::swap(rules_, rules);
    roles_ = rules_->details().socket_roles ? falcoc::connecting_events() : falcoc::EventSet{};
    facts_.use(&rules_->facts());
    update_names();
    return rules;
  }

  void use_facts(FactStore& store) override { facts_.use(store); }
  bool update_facts(FactKeeper::Clock::time_point now) override { return facts_.update(now); }
  const FactStats& fact_stats() const override { return facts_.stats(); }

  void use_names(HostNames::AddressSink tell) override {
    tell_address_ = std::move(tell);
    rules_->host_names(tell_address_).each_address(tell_address_);
  }
  void update_names() override { rules_->host_names(tell_address_); }

  void use_containers(ContainerSource& source, std::chrono::milliseconds bound) override {
    keeper_.use(source, bound);
  }
  bool update_containers(ContainerKeeper::Clock::time_point now) override {
    if (keeper_.update(now) && !waiting_.empty()) {
      release_held([this](const HeldEvent& held) {
        return !keeper_.is_pending(held.process->cgroups->container_id);
      });
    }
    return !waiting_.empty();
  }

  falcoc::EventSet wanted_with(const ArmedRules& rules) const override {
    return rules.live_kinds() | state_;
  }
  falcoc::EventSet needed() const override { return state_; }
  const ArmedRules& rules() const override { return *rules_; }

  void on_record(std::span<const std::byte> record) override {
    const Event* event = decoder_.decode(record);
    if (event == nullptr) return;
    ProcessPtr process = processes_.apply(*event);
    if (event->kind == FC_STATE_LISTENER) fds_.learn(*event);
    if (event->kind < FC_STATE_BASE) {
      if (observer_ && (!only_tracked_ || process->tracked)) observer_(*event);
      on_event(*event, std::move(process));
    }
    processes_.after(*event);
  }

  void observe(EventObserver observer) override { observer_ = std::move(observer); }
  void observe_samples(uint64_t one_in, SampleObserver observer) override {
    sample_every_ = one_in;
    sampler_ = std::move(observer);
  }

  falcoc::EventSet wanted() const override { return wanted_with(*rules_); }
  EventDetails details() const override { return rules_->details(); }
  void on_captured(Event& event, CapturedFds& fds, bool visible,
                   const Container* container) override {
    const ProcessPtr process = processes_.apply(event);
    event.pid = process->pid;
    fds.apply(event, *process, processes_);
    context_.told_container = container;
    if (visible) on_event(event, processes_.as_of_thread(event.tid, process));
    fds.after(event, *process);
    processes_.after(event);
  }
  ProcessTable& processes() override { return processes_; }
  Users& users() override { return users_; }
  Containers& containers() override { return containers_; }
  void only_tracked(bool on) override { only_tracked_ = on; }
  const ir::Program& program() const override { return rules_->program(); }
  bool native() const override { return rules_->native(); }
  EngineStats stats() const override {
    EngineStats stats = stats_;
    stats.malformed = decoder_.malformed();
    stats.metadata = metadata_;
    keeper_.add_to(stats.metadata);
    return stats;
  }

 private:
  void on_event(const Event& event, ProcessPtr process) {
    KindCount& count = stats_.kinds[event.kind];
    ++stats_.events;
    ++count.events;
    if (!only_tracked_ || process->tracked) facts_.check(event, process);
    if (context_.first_event_time_ns == 0) context_.first_event_time_ns = event.time_ns;
    history_.begin(event);
    match(event, std::move(process), count);
    history_.end(event);
  }

  bool failed(const Event& event) const {
    return event.ret < 0 && event.info != nullptr && falcoc::has_return_value(*event.info);
  }

  void match(const Event& event, ProcessPtr process, KindCount& count) {
    const auto candidates = rules_->candidates(event);
    const bool possible =
        candidates ? event.record->candidates != 0 : rules_->live_kinds().test(event.kind);
    count.candidates += possible;
    const bool matching = possible && (!only_tracked_ || process->tracked);
    if (!matching && !roles_.test(event.kind)) return;
    fds_.describe(event, *process, context_.fd);
    if (!matching || (drops_failed_ && failed(event))) return;

    context_.names = &rules_->host_names(tell_address_);
    context_.event = &event;
    context_.process = std::move(process);
    ++count.evaluated;
    if (times_rules_) count_candidates(event, candidates);
    if (keeper_.any_pending() && wait_for_container(candidates)) return arena_.clear();
    const uint64_t alerts = stats_.alerts;
    report_matches(rules_->match(context_, arena_, candidates));
    if (stats_.alerts != alerts) ++count.matched;
    if (times_rules_ && count.evaluated % kTimedEvents == 1) {
      rules_->time_rules(context_, arena_, stats_.rule_times);
    }
    if (sampler_ && (count.evaluated - 1) % sample_every_ == 0) sampler_(context_, arena_);
    arena_.clear();
  }

  void count_candidates(const Event& event, std::optional<std::span<const uint64_t>> candidates) {
    const ir::Program& program = rules_->program();
    for (size_t i = 0; i < program.rules.size(); ++i) {
      const ir::Rule& rule = program.rules[i];
      stats_.candidates_by_rule[i] +=
          candidates ? (*candidates)[i / 64] >> (i % 64) & 1
                     : rule.enabled && program.rule_events(rule).test(event.kind);
    }
  }

  void report_matches(std::span<const uint64_t> matched) {
    for (size_t word = 0; word < matched.size(); ++word) {
      for (uint64_t bits = matched[word]; bits != 0; bits &= bits - 1) {
        report(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
        if (!rules_->options().all_rules) return;
      }
    }
  }

  void report(size_t index) {
    if (lacks_metadata(index, *context_.process)) ++metadata_.alerts_blank;
    const std::string line = rules_->format(index, context_);
    const std::string json =
        rules_->options().structured ? rules_->json(index, context_) : std::string{};
    emit(index, context_, line, json, rules_->routes(index, context_));
  }

  void emit(size_t index, const EventContext& context, const std::string& line,
            const std::string& json, const AlertRoutes& routes) {
    const ir::Rule& rule = rules_->program().rules[index];
    ++stats_.alerts;
    ++stats_.alerts_by_rule[index];
    ++stats_.alerts_by_priority[static_cast<size_t>(rule.priority)];
    sink_({&rule, context.event->time_ns, context.event->number, line, json, routes});
  }

  bool lacks_metadata(size_t index, const Process& process) const {
    const std::string& id = process.cgroups->container_id;
    return !id.empty() && rules_->late().asks_for_metadata(index) &&
           containers_.find(id) == nullptr;
  }

  /// The event of `context_`, if its container has been asked for and some rule's decision or
  /// output depends on the answer: what does not depend on it is reported now, the rest later.
  /// False if the event is to be matched as it is.
  bool wait_for_container(std::optional<std::span<const uint64_t>> candidates) {
    if (!keeper_.is_pending(context_.process->cgroups->container_id)) return false;
    if (!waiting_.has_room()) {
      ++metadata_.no_room;
      return false;
    }
    const ir::Program& program = rules_->program();
    LateRules& late = rules_->late();
    late.begin_event();
    std::vector<uint32_t> later;
    for (uint32_t i = 0; i < program.rules.size(); ++i) {
      const ir::Rule& rule = program.rules[i];
      const bool possible = rule.enabled && program.rule_events(rule).test(context_.event->kind) &&
                            (!candidates || ((*candidates)[i / 64] >> (i % 64) & 1) != 0);
      if (!possible) continue;
      const ir::Truth truth = late.matches(i, context_, arena_);
      if (truth == ir::Truth::NO) continue;
      const bool known = truth == ir::Truth::YES;
      if (known && !late.shows_metadata(i) && (rules_->options().all_rules || later.empty())) {
        ++stats_.kinds[context_.event->kind].matched;
        report(i);
      } else {
        later.push_back(i);
      }
      if (known && !rules_->options().all_rules) break;
    }
    if (later.empty()) return true;
    ++metadata_.waited;
    waiting_.add(late.hold(context_, std::move(later)));
    return true;
  }

  template <typename IsDue>
  void release_held(IsDue is_due) {
    waiting_.release(is_due, [this](const HeldEvent& held) { report_held(held); });
  }

  void report_held(const HeldEvent& held) {
    LateRules& late = rules_->late();
    LateContext context;
    static_cast<EventContext&>(context) = context_;
    late.prepare(context, held);
    const uint64_t alerts = stats_.alerts;
    for (const uint32_t index : held.rules) {
      if (!late.matches_late(index, context, arena_)) continue;
      if (lacks_metadata(index, *held.process)) ++metadata_.alerts_blank;
      const ir::Rule& rule = rules_->program().rules[index];
      const AlertFormatter& formatter = late.formatter();
      const std::string json =
          rules_->options().structured ? formatter.json(rule, context) : std::string{};
      ++metadata_.alerts_late;
      emit(index, context, formatter.format(rule, context), json, formatter.routes(rule, context));
      if (!rules_->options().all_rules) break;
    }
    if (stats_.alerts != alerts) ++stats_.kinds[held.event.kind].matched;
    arena_.clear();
  }

  /// Counts of the rules that both rulesets have go to `alerts`, the others to the former ones.
  void carry_over(const ArmedRules& next, std::vector<uint64_t>& alerts) {
    std::map<std::string, uint64_t>& former = stats_.alerts_by_former_rule;
    for (size_t i = 0; i < stats_.alerts_by_rule.size(); ++i) {
      if (stats_.alerts_by_rule[i] == 0) continue;
      former[rules_->program().rules[i].name] += stats_.alerts_by_rule[i];
    }
    for (size_t i = 0; i < alerts.size(); ++i) {
      const auto known = former.find(next.program().rules[i].name);
      if (known == former.end()) continue;
      alerts[i] = known->second;
      former.erase(known);
    }
  }

  AlertOptions options_;
  AlertSink sink_;
  EventObserver observer_;
  Arming arming_;
  SampleObserver sampler_;
  uint64_t sample_every_ = 1;
  bool times_rules_;
  bool drops_failed_;
  std::string hostname_;
  mutable std::atomic<uint32_t> rulesets_ = 0;  ///< made so far
  HostNames::AddressSink tell_address_;
  std::unique_ptr<ArmedRules> rules_;
  Decoder decoder_;
  ProcessTable processes_;
  FdTable fds_;
  Users users_;
  Containers containers_;
  FactKeeper facts_;
  ContainerKeeper keeper_;
  WaitingRoom waiting_;
  MetadataStats metadata_;
  History history_;
  ir::ValueArena arena_;
  EventContext context_;
  falcoc::EventSet state_;  ///< the process table needs it
  falcoc::EventSet roles_;  ///< the descriptor table needs it where it comes: requests of io_uring
  bool only_tracked_ = false;
  EngineStats stats_;
};

}  // namespace

std::expected<std::unique_ptr<Engine>, Diagnostic> Engine::create(
    ir::Program program, AlertOptions options, AlertSink sink, falcoc::Diagnostics& diagnostics,
    const EngineOptions& engine_options) {
  const uint64_t offset =
      engine_options.boot_to_epoch_ns ? *engine_options.boot_to_epoch_ns : measure_boot_to_epoch();
  auto engine = std::make_unique<EngineImpl>(options, std::move(sink), engine_options, offset);
  auto rules = engine_options.at_once ? engine->arm_at_once(std::move(program), diagnostics)
                                      : engine->arm(std::move(program), diagnostics);
  if (!rules) return std::unexpected(std::move(rules.error()));
  engine->replace_rules(std::move(*rules));
  return engine;
}

}  // namespace falcod
