// Inside of the process table: entries, identity, repair. Shared by the files that apply live
// records (process_events.cpp) and captured parameters (process_replay.cpp); nobody else includes
// it.
#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "runtime/capture/decode.h"
#include "runtime/state/process_table.h"

namespace falcod {

struct ProcessTable::Impl {
  struct Entry {
    ProcessPtr process;
    std::unordered_set<int64_t> children;  ///< pids of processes whose parent link leads here
    uint32_t scan = 0;                     ///< the last one that found it
  };
  struct Exited {
    ProcessPtr process;
    uint64_t drop_at_ns;  ///< epoch, event time
  };

  explicit Impl(uint64_t boot_to_epoch) : boot_to_epoch_ns(boot_to_epoch) {}

  struct Changed {
    ProcessPtr process;
    ProcessChange changes;
  };

  // process_table.cpp
  /// Notes a change for tell_changes().
  void changed(const ProcessPtr& process, ProcessChange change);
  void tell_changes();
  Entry* entry(int64_t pid);
  ProcessPtr find(int64_t pid) const;
  ProcessPtr insert(Process process, uint64_t now_ns);
  void set_parent(const ProcessPtr& process, int64_t ppid);
  /// The process with this identity, repaired from /proc or made from the facts if unknown.
  ProcessPtr acquire(const fc_task& task, uint64_t now_ns);
  ProcessPtr repair(const fc_task& task, uint64_t now_ns);
  /// A process that nobody can be asked about any more, from what an event tells and from its
  /// parent.
  Process from_task(const fc_task& task, uint64_t now_ns);
  /// An execve of this known process was lost: reads it again.
  void reread(const ProcessPtr& process, const fc_task& task);
  /// A known process as it is now; its place in the table stays.
  void refresh(const ProcessPtr& process, Process facts);
  /// Known or readable process, else null; for parents, of which only the pid is known.
  ProcessPtr find_or_read(int64_t pid, uint64_t now_ns);
  void set_cgroups(const ProcessPtr& process, CgroupPaths paths);
  void mark_exited(const ProcessPtr& process, int64_t reaper_pid, uint64_t now_ns);
  void drop(const ProcessPtr& process);
  void drop_expired(uint64_t now_ns);

  // process_events.cpp
  ProcessPtr apply_record(const Event& event);
  ProcessPtr fork(const Event& event);
  /// Notices an execve whose record was lost.
  void follow_exec_id(const ProcessPtr& process, const fc_task& task);
  void update_facts(const ProcessPtr& process, const Event& event);
  /// setpgid of a child: the child itself makes no call that would tell.
  void move_child(const ProcessPtr& process, const Event& event);
  void exec(const ProcessPtr& process, const Event& event);
  void exit(const ProcessPtr& process, const Event& event);

  // process_scan.cpp
  /// Whether the scan that ends now did not see it, although it is old enough.
  bool was_missed(const Entry& entry) const;
  void read_missed(uint64_t now_ns);
  /// A process that a scan found.
  ProcessPtr scanned(Process facts, uint64_t now_ns);
  /// The same from a record of the kernel's iterator.
  ProcessPtr snapshot(const Event& event);

  // process_replay.cpp
  ProcessPtr apply_params(const Event& event);
  /// The process whose thread this is; null if neither is known.
  ProcessPtr of_thread(int64_t tid) const;
  void exec_from_params(const ProcessPtr& process, const Event& event);

  // process_replay_clone.cpp
  /// Either side of a clone. The parent's returns the parent, the child's the child.
  ProcessPtr clone_from_params(const Event& event);
  ProcessPtr clone_by_parent(const Event& event);
  ProcessPtr clone_by_child(const Event& event);
  void add_thread(const ProcessPtr& process, const CapturedThread& thread);
  /// Threads of a process beyond the main one are no more.
  void forget_threads(const Process& process);
  void exit_from_params(const ProcessPtr& process, const Event& event);
  /// Who takes over the children of a process that ends; null if nobody is known to.
  ProcessPtr reaper_of(const Process& process, int64_t reaper_tid);
  bool ended_just_now(int64_t tid, uint64_t now_ns);

  uint64_t boot_to_epoch_ns;
  std::unordered_map<int64_t, Entry> entries;
  // Captures only.
  std::unordered_map<int64_t, CapturedThread> threads;   ///< other than main ones, by tid
  std::unordered_map<int64_t, std::string> executables;  ///< see note_executable()
  /// Threads that ended lately, with the time: the other side of their fork may come late.
  std::unordered_map<int64_t, uint64_t> ended;
  std::deque<std::pair<int64_t, uint64_t>> ended_order;
  uint64_t captured_boot_ns = 0;
  mutable ProcessPtr recent;  ///< of recent_tid: a thread's events come in runs
  mutable int64_t recent_tid = 0;
  /// Threads of a capture's process list beyond the main ones, until its processes are linked.
  std::unordered_map<int64_t, size_t> listed_threads;
  std::deque<Exited> exited;
  uint32_t scan = 0;           ///< number of the current or last scan
  uint64_t scan_begin_ns = 0;  ///< boot clock
  ChangeHandler change_handler;
  std::vector<Changed> pending_changes;  ///< of the record being applied
};

/// Whether a process is the one that started then. Times of /proc are coarse: rounded down to
/// ticks.
bool same_identity(const Process& process, uint64_t start_time_ns, bool is_coarse = false);

/// NUL-separated argv, argv[0] included, and environment.
void set_arguments(Image& image, std::string_view bytes);
void set_environment(Image& image, std::string_view bytes);

/// Directory change, shared by both: the event's path joined to where the process was.
void change_directory(Process& process, const Event& event);

}  // namespace falcod
