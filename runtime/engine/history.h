// What fields remember from earlier events: the event before, times on the processor. Everything
// else that fields show is state of processes or descriptors.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "runtime/capture/event.h"

namespace falcod {

/// Per cent of a processor, as procinfo events report it: since the event before, 100 at most.
struct CpuUsage {
  double total = 0, user = 0, system = 0;
};

class History {
 public:
  /// To be called for each event that rules see, before they see it.
  void begin(const Event& event);
  /// To be called after they saw it.
  void end(const Event& event);

  /// Since the event before; 0 for the first.
  uint64_t since_previous_ns(const Event& event) const;
  /// How often a field asked, this time included.
  uint64_t next_count() { return ++count_; }
  /// How long the thread ran that this switch event takes from its processor; 0 for other events.
  uint64_t exec_time_ns() const { return exec_time_ns_; }
  /// Sum of those of a thread.
  uint64_t total_exec_time_ns(int64_t tid) const;
  /// Of the thread of this procinfo event; nothing for other events.
  std::optional<CpuUsage> cpu_usage() const { return usage_; }

 private:
  struct Thread {
    uint64_t exec_time_ns = 0;
    uint64_t user = 0, system = 0;  ///< counters of the last procinfo event
    bool has_counters = false;
  };

  void on_switch(const Event& event);
  void on_process_info(const Event& event);
  Thread& thread(int64_t tid);

  uint64_t previous_ns_ = 0;
  uint64_t count_ = 0;
  uint64_t exec_time_ns_ = 0;
  std::optional<CpuUsage> usage_;
  std::vector<uint64_t> switched_ns_;            ///< by processor
  std::unordered_map<int64_t, Thread> threads_;  ///< by tid; empty unless such events come
};

}  // namespace falcod
