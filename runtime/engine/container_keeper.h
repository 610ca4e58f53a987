// Which containers are known, which are asked for, and how long is waited for each. Owned by the
// match loop; questions and answers cross over to other threads between two batches of events.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/state/container_source.h"
#include "runtime/state/process_table.h"

namespace falcod {

struct MetadataStats {
  uint64_t containers = 0;   ///< known now
  uint64_t asked = 0;        ///< containers asked for
  uint64_t answered = 0;     ///< of those: somebody knew them
  uint64_t unknown = 0;      ///< nobody did, or not in time
  uint64_t waited = 0;       ///< events that waited for metadata
  uint64_t no_room = 0;      ///< events that would have, had there been room
  uint64_t alerts_late = 0;  ///< alerts that waited
  PodStats pods{};
  uint64_t alerts_blank = 0;  ///< alerts on containers whose metadata they ask for and do not have
};

class ContainerKeeper {
 public:
  using Clock = std::chrono::steady_clock;
  /// A container that nobody knew is asked for again when it changes, but not more often.
  static constexpr std::chrono::seconds kAskAgain{10};
  /// How often containers without processes are forgotten, and how long they are kept.
  static constexpr std::chrono::seconds kSweep{30};

  ContainerKeeper(ProcessTable& processes, Containers& containers);

  /// Before this nothing is asked, and nothing is ever pending.
  void use(ContainerSource& source, std::chrono::milliseconds bound);
  void on_change(const Process& process, ProcessChange changes);
  /// Sends questions, takes over answers, ends what was waited for too long. True if containers are
  /// pending no more that were.
  bool update(Clock::time_point now);

  bool any_pending() const { return !pending_.empty(); }
  bool is_pending(const std::string& id) const { return pending_.contains(id); }
  void add_to(MetadataStats& stats) const;

 private:
  struct Pending {
    Clock::time_point until;
    std::string pod_uid;
    bool answered = false, known = false;  ///< by engines; then it is the pod that is waited for
  };

  void ask(const Cgroups& cgroups);
  void take_answer(ContainerAnswer answer);
  void take_pod(const std::string& uid, PodPtr pod);
  void settle(const std::string& id, bool known);
  void sweep();

  ProcessTable& processes_;
  Containers& containers_;
  ContainerSource* source_ = nullptr;
  std::chrono::milliseconds bound_{0};
  Clock::time_point now_{};  ///< of the last update()
  Clock::time_point next_sweep_{};
  std::vector<ContainerQuestion> questions_;
  std::unordered_map<std::string, Pending> pending_;            ///< by id
  std::unordered_map<std::string, Clock::time_point> unknown_;  ///< by id: ask again from then on
  std::unordered_map<std::string, Clock::time_point> unused_;   ///< by id: since when
  uint64_t asked_ = 0, answered_ = 0, not_known_ = 0;
};

}  // namespace falcod
