// The match loop's core: record in, alerts out. Decodes, keeps state, matches, formats.
#pragma once

#include <array>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/capture/decode.h"
#include "runtime/capture/event_source.h"
#include "runtime/capture/live.h"
#include "runtime/engine/armed_rules.h"
#include "runtime/engine/container_keeper.h"
#include "runtime/engine/fact_keeper.h"
#include "runtime/state/process_table.h"

namespace falcod {

/// What is not about alerts; the defaults are right outside tests.
struct EngineOptions {
  Evaluator evaluator = Evaluator::AUTO;
  std::string hostname;  ///< empty: FALCO_HOSTNAME, else the host's
  /// Added to the probe's boot-clock times; measured if not given.
  std::optional<uint64_t> boot_to_epoch_ns;
  falcoc::native::CodeSource code{};
  bool filtered = false;     ///< rules bring filters for the kernel
  bool at_once = false;      ///< the first rules are armed at once (armed_rules.h)
  bool time_rules = false;   ///< fill EngineStats::rule_times
  bool drop_failed = false;  ///< rules do not see system calls that failed
};

/// A finished alert. Borrowed during the call only.
struct Alert {
  const falcoc::ir::Rule* rule = nullptr;
  uint64_t time_ns = 0;
  uint64_t event_number = 0;  ///< evt.num
  std::string_view line;      ///< as it goes to a text or JSON sink, no line end
  std::string_view json{};    ///< with AlertOptions::structured: the alert with all properties
  std::span<const std::optional<std::string>> routes{};  ///< AlertRoutes; empty without any
};
using AlertSink = std::function<void(const Alert&)>;
using EventObserver = std::function<void(const Event&)>;
/// Sees what rules saw of an event, behind them.
using SampleObserver = std::function<void(EventContext& context, falcoc::ir::ValueArena& arena)>;

/// What became of the events of one kind that reached falcod.
struct KindCount {
  uint64_t events = 0;
  uint64_t candidates = 0;  ///< some rule may match, as far as the kernel and the kind say
  uint64_t evaluated = 0;   ///< of those: the process is watched
  uint64_t matched = 0;     ///< some rule did
};

struct EngineStats {
  uint64_t events = 0;  ///< records that rules can see, whether any of them wanted it or not
  uint64_t alerts = 0;
  uint64_t malformed = 0;
  std::array<uint64_t, 8> alerts_by_priority{};
  std::vector<uint64_t> alerts_by_rule;      ///< parallel to Program::rules
  std::vector<uint64_t> candidates_by_rule;  ///< likewise: events evaluated that it may match
  /// Of rules that a later ruleset does not have any more, by name.
  std::map<std::string, uint64_t> alerts_by_former_rule;
  std::vector<KindCount> kinds = std::vector<KindCount>(falcoc::kEventKinds);  ///< by EventKind
  std::vector<RuleTime> rule_times;  ///< parallel to Program::rules; empty if none are taken
  MetadataStats metadata;
};

class CapturedFds;

class Engine : public RecordHandler {
 public:
  /// Arms `program` as arm() does.
  static std::expected<std::unique_ptr<Engine>, falcoc::Diagnostic> create(
      falcoc::ir::Program program, AlertOptions options, AlertSink sink,
      falcoc::Diagnostics& diagnostics, const EngineOptions& engine_options = {});

  /// Makes a ruleset ready for this engine. May be called by any thread while the engine runs.
  virtual std::expected<std::unique_ptr<ArmedRules>, falcoc::Diagnostic> arm(
      falcoc::ir::Program program, falcoc::Diagnostics& diagnostics) const = 0;
  /// Likewise, with alerts that look otherwise than those of the first ruleset.
  virtual std::expected<std::unique_ptr<ArmedRules>, falcoc::Diagnostic> arm(
      falcoc::ir::Program program, const AlertOptions& options,
      falcoc::Diagnostics& diagnostics) const = 0;
  /// What rules that were armed at once were armed without. May be called by any thread, as long as
  /// `rules` live; use() is for the match loop, and does nothing if others are in force by now.
  virtual Completion complete(const ArmedRules& rules, falcoc::Diagnostics& diagnostics) const = 0;
  virtual void use(Completion completion) = 0;
  /// From the next record on these rules are matched; state and statistics stay. Returns the former
  /// ones, whose end takes a while and is not the match loop's affair.
  virtual std::unique_ptr<ArmedRules> replace_rules(std::unique_ptr<ArmedRules> rules) = 0;
  /// What wanted() would be with these rules.
  virtual falcoc::EventSet wanted_with(const ArmedRules& rules) const = 0;

  /// From now on the kernel's process facts are kept up to date there.
  virtual void use_facts(FactStore& store) = 0;
  /// To be called between two batches of events. True if there is more to do at once.
  virtual bool update_facts(FactKeeper::Clock::time_point now) = 0;
  virtual const FactStats& fact_stats() const = 0;

  /// From now on `tell` is told each address that a name of a rule stands for, before events are
  /// compared with it; those that are in use at once.
  virtual void use_names(HostNames::AddressSink tell) = 0;
  /// To be called between two batches of events.
  virtual void update_names() = 0;

  /// From now on containers are asked for there; what rules need of them is waited for so long.
  virtual void use_containers(ContainerSource& source, std::chrono::milliseconds bound) = 0;
  /// To be called between two batches of events. True while events wait for metadata.
  virtual bool update_containers(ContainerKeeper::Clock::time_point now) = 0;

  /// To be shown every event that on_record() decodes and rules could see, or with only_tracked()
  /// those of tracked processes; before its rules are matched.
  virtual void observe(EventObserver observer) = 0;

  /// To be shown one of so many of the events of each kind that rules are evaluated for.
  virtual void observe_samples(uint64_t one_in, SampleObserver observer) = 0;

  /// Kinds the event source must deliver: what rules need, plus what state needs.
  virtual falcoc::EventSet wanted() const = 0;
  /// Of those, what state needs: to be delivered even if the kernel says that no rule can match.
  virtual falcoc::EventSet needed() const = 0;
  virtual const ArmedRules& rules() const = 0;
  /// What rules ask of events beyond their parameters.
  virtual EventDetails details() const = 0;
  virtual ProcessTable& processes() = 0;
  virtual Users& users() = 0;
  virtual Containers& containers() = 0;
  /// Applies an event of a capture to the state, `fds` included, and matches it if rules may see it
  /// (Replay makes these calls).
  /// `container`: that the event tells of, or null.
  virtual void on_captured(Event& event, CapturedFds& fds, bool visible,
                           const Container* container) = 0;
  /// Report only on tracked processes (`falcod -- COMMAND`).
  virtual void only_tracked(bool on) = 0;
  virtual EngineStats stats() const = 0;
  virtual const falcoc::ir::Program& program() const = 0;
  /// True if native code runs, false for the reference evaluator.
  virtual bool native() const = 0;
};

}  // namespace falcod
