// Processes and threads: what is known of each, kept from events, repaired from /proc. Also the
// descriptors, sessions and ancestors that fields ask for. Single-threaded: owned by the match
// loop.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/capture/event.h"

namespace falcod {

/// One process. Threads share it; per-thread facts (tid, vtid, comm of a non-main thread) come from
/// the event's record.
struct Process {
  uint64_t start_time_ns = 0;  ///< boot clock; with pid the identity
  int64_t pid = 0;
  int64_t vpid = 0;
  int64_t ppid = 0;
  std::string comm;
  std::string exe;                ///< argv[0]
  std::string exe_path;           ///< resolved by the kernel
  std::vector<std::string> args;  ///< after argv[0]
  std::vector<std::string> env;
  std::string cwd;  ///< with trailing slash, empty if unknown
  std::vector<std::pair<std::string, std::string>> cgroups;  ///< controller, path
  std::string container_id;                                  ///< 12 digits, empty on the host
  std::string container_full_id;
  uint64_t cgroup_id = 0;
  int64_t sid = 0, pgid = 0, vsid = 0, vpgid = 0;
  uint32_t tty = 0;
  uint32_t uid = 0, gid = 0;  ///< effective
  uint32_t login_uid = ~0u;
  uint64_t cap_permitted = 0, cap_inheritable = 0, cap_effective = 0;
  uint32_t exe_flags = 0;  ///< FC_EXE_*
  uint64_t exe_ino = 0, exe_ctime_ns = 0, exe_mtime_ns = 0;
  uint64_t clone_time_ns = 0;   ///< epoch; start of the process
  uint64_t exec_time_ns = 0;    ///< epoch; start of the image, 0 if never executed
  uint64_t pidns_start_ns = 0;  ///< epoch
  uint64_t fd_limit = 0;
  uint64_t vm_size_kb = 0, vm_rss_kb = 0, vm_swap_kb = 0;
  bool tracked = false;  ///< descendant of the command of `falcod -- COMMAND`
  bool exited = false;   ///< kept for children and late events
  std::weak_ptr<Process> parent;
};

using ProcessPtr = std::shared_ptr<Process>;

class ProcessTable {
 public:
  /// Times in records are boot clock; this converts them.
  explicit ProcessTable(uint64_t boot_to_epoch_ns);
  ~ProcessTable();

  /// Reads every process of /proc. Call after the hooks are attached, so that nothing falls
  /// between.
  void scan_proc();

  /// Applies a record: forks, execs, exits, and whatever the task facts of any event show to have
  /// changed. Returns the process that acted, never null: one first seen in the middle is read from
  /// /proc, and if it is gone, made from the record alone. For FC_STATE_FORK: the child.
  ProcessPtr apply(const Event& event);

  /// After the event's rules were matched: drops what has exited long enough ago.
  void after(const Event& event);

  ProcessPtr find(int64_t pid) const;
  /// The process that is the parent now; null if there is none.
  ProcessPtr parent(const Process& process) const;

  /// Marks a process and everything that descends from it, now and later.
  void track(int64_t pid);

  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace falcod
