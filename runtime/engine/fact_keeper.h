// Keeps the kernel's process facts up to date: notes which processes changed, and evaluates their
// facts between two batches of events, so that matching does not wait for it. Owned by the match
// loop.
//
// What the kernel holds is always what the process table said at some moment, together with what
// the process was at that moment as the table knew it. The kernel takes it for unknown if the
// process is not that any more (probe/README.md).
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <unordered_map>

#include "runtime/capture/fact_store.h"
#include "runtime/engine/fact_rules.h"

namespace falcod {

struct FactStats {
  uint64_t evaluated = 0;   ///< processes, each as often as it was
  uint64_t no_room = 0;     ///< of those: without a place in the kernel's map
  uint64_t unlabelled = 0;  ///< processes whose identity is not known exactly (yet)
  // With LiveOptions::report_facts:
  uint64_t known = 0;               ///< facts that the kernel decided
  uint64_t unknown = 0;             ///< and those that it did not
  uint64_t contradicted = 0;        ///< decided otherwise than the process table says at the event
  std::string first_contradiction;  ///< for people
};

class FactKeeper {
 public:
  using Clock = std::chrono::steady_clock;
  /// Processes that end sooner are never evaluated.
  static constexpr std::chrono::milliseconds kSettle{20};
  /// Processes evaluated between two batches of events.
  static constexpr size_t kBatch = 256;

  FactKeeper(ProcessTable& processes, Users& users, std::string_view hostname);

  /// From now on these facts are asked for; those of before are void. Null: none.
  void use(FactRules* rules);
  /// Where they go. Before this nothing is evaluated.
  void use(FactStore& store);

  void on_change(const Process& process, ProcessChange changes);
  /// Evaluates what is due; true if there is more to do at once.
  bool update(Clock::time_point now);
  /// What the kernel knew at this event against what the table says, if the record tells.
  void check(const Event& event, const ProcessPtr& process);

  const FactStats& stats() const { return stats_; }

 private:
  struct Due {
    int64_t pid;
    Clock::time_point time;
  };

  void note(int64_t pid, Clock::time_point due);
  /// Begins anew, with the databases of users as they are now.
  void note_all();
  void evaluate(const ProcessPtr& process);
  /// False if the identity of the process or of an ancestor is not known exactly.
  bool label(const Process& process, fc_facts& entry) const;
  uint64_t ancestry(const Process& process) const;

  ProcessTable& processes_;
  Users& users_;
  falcoc::ir::ValueArena arena_;
  EventContext context_;
  FactRules* rules_ = nullptr;
  FactStore* store_ = nullptr;
  std::deque<Due> queue_;                                 ///< by time
  std::unordered_map<int64_t, Clock::time_point> noted_;  ///< by pid: when it is due at last
  Clock::time_point now_{};                               ///< of the last update()
  Clock::time_point next_users_check_{};
  uint64_t users_version_ = 0;
  FactStats stats_;
};

}  // namespace falcod
