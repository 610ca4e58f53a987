// Processes and threads: what is known of each, kept from events, repaired from /proc. Also the
// descriptors, sessions and ancestors that fields ask for. Single-threaded: owned by the match
// loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/capture/event.h"
#include "runtime/state/cgroup.h"

namespace falcod {

/// What one execve made: shared by a process and the children it forks, so immutable.
struct Image {
  std::string exe;                ///< argv[0]
  std::string exe_path;           ///< resolved by the kernel
  std::vector<std::string> args;  ///< after argv[0]
  std::vector<std::string> env;
  bool args_cut = false;                                     ///< `args` are not all there were
  std::string args_text;                                     ///< args joined by blanks
  uint32_t exe_flags = 0;                                    ///< FC_EXE_*
  uint64_t exe_ino = 0, exe_ctime_ns = 0, exe_mtime_ns = 0;  ///< times since the epoch
  uint64_t exec_time_ns = 0;                                 ///< epoch; 0 if not seen

  /// Fills args_text; to be called once args are complete.
  void join_args();
};

/// Where a process sits in the cgroup hierarchies; shared by all processes that sit there.
struct Cgroups {
  CgroupPaths paths;
  std::string container_id;  ///< 12 digits or a name, empty on the host
  std::string container_full_id;
  std::string_view container_engine;  ///< container.type if the path tells it
  std::string pod_uid{};              ///< Kubernetes' uid, empty outside of pods
};

/// One process. Threads share it; per-thread facts (tid, vtid) come from the event's record.
struct Process {
  uint64_t start_time_ns = 0;  ///< boot clock; with pid the identity
  int64_t pid = 0;
  int64_t vpid = 0;
  int64_t ppid = 0;
  /// As of the last execve or fork. Renaming (prctl, pthread_setname_np) does not change it, in
  /// Falco neither: rules would miss `node`, whose main thread calls itself `MainThread`, and a
  /// program could hide by its name.
  std::string comm;
  std::shared_ptr<const Image> image;      ///< never null
  std::shared_ptr<const Cgroups> cgroups;  ///< never null
  std::string cwd;                         ///< with trailing slash, empty if unknown
  uint64_t cgroup_id = 0;
  int64_t sid = 0, pgid = 0, vsid = 0, vpgid = 0;
  uint32_t tty = 0;
  uint32_t uid = 0, gid = 0;  ///< effective, of the thread that acted last
  uint32_t login_uid = ~0u;
  uint64_t cap_permitted = 0, cap_inheritable = 0, cap_effective = 0;
  uint64_t clone_time_ns = 0;   ///< epoch; start of the process, 0 if unknown
  uint64_t pidns_start_ns = 0;  ///< epoch; 0 if unknown
  uint64_t fd_limit = 0;
  uint64_t vm_size_kb = 0, vm_rss_kb = 0, vm_swap_kb = 0;  ///< as of the last execve or fork
  uint64_t min_faults = 0, maj_faults = 0;                 ///< likewise
  uint32_t exec_id = 0;  ///< fc_task.exec_id: grows with every execve; 0 = not known
  /// Boot clock, 0 if the kernel's record of the execve or fork tells the image: it was read from
  /// outside then, and may be a later one's than exec_id says, of which nothing is known yet.
  uint64_t image_read_ns = 0;
  uint32_t threads = 1;  ///< living ones, the main thread among them unless it is gone
  bool main_thread_gone = false;
  bool start_time_coarse = false;  ///< read from /proc, which rounds down to clock ticks
  bool tracked = false;            ///< descendant of the command of `falcod -- COMMAND`
  bool exited = false;             ///< kept for children and late events
  /// As the kernel told them: no NUL in comm, nor in what the image holds of texts. Captures can
  /// hold anything.
  bool has_plain_texts = false;
  // Captures only:
  bool is_placeholder = false;  ///< nothing is known but the number: pid is that of the thread
  bool is_absent = false;       ///< the event has no process at all: its fields are absent
  bool is_vpid_known = true;    ///< else vpid is pid, and shows as -1
  bool is_subreaper = false;    ///< takes over children whose parents end
  int64_t parent_tid = 0;       ///< the thread that forked it, as Falco's proc.ppid; 0 = see ppid
  std::weak_ptr<Process> parent;
};

using ProcessPtr = std::shared_ptr<Process>;

/// What of a process is not any more what it was, combined with |.
enum class ProcessChange : uint16_t {
  NONE = 0,
  CREATED = 1 << 0,      ///< new in the table: a fork, the start-up, one first seen in the middle
  IMAGE = 1 << 1,        ///< comm, executable, arguments, environment
  CREDENTIALS = 1 << 2,  ///< user, group, login user, capabilities, limits
  SESSION = 1 << 3,      ///< session, process group, terminal
  CGROUPS = 1 << 4,      ///< cgroups and container
  DIRECTORY = 1 << 5,
  PARENT = 1 << 6,
  EXITED = 1 << 7,    ///< stays known for a while, for children and late events
  IDENTITY = 1 << 8,  ///< start time, exec_id or cgroup_id came to be known exactly
};
constexpr ProcessChange operator|(ProcessChange a, ProcessChange b) {
  return static_cast<ProcessChange>(static_cast<uint16_t>(a) | static_cast<uint16_t>(b));
}
constexpr bool has(ProcessChange set, ProcessChange change) {
  return (static_cast<uint16_t>(set) & static_cast<uint16_t>(change)) != 0;
}

/// Told of a process once it is as it will be: after the record that changed it was applied whole,
/// with all its changes at once. Counters (memory, faults, threads) are no changes. Must not call
/// the table's modifying functions.
using ChangeHandler = std::function<void(const Process& process, ProcessChange changes)>;

/// Longest chain of ancestors that anything walks: a bound against loops in inconsistent state.
inline constexpr size_t kMaxAncestors = 128;

/// A thread of a capture's process list beyond the main one.
struct CapturedThread {
  int64_t tid = 0, pid = 0;
  int64_t vtid = -1;  ///< its number in its own pid namespace; -1 = not known
  uint32_t uid = ~0u, gid = ~0u;
};

class ProcessTable {
 public:
  /// Times in records are boot clock; this converts them.
  explicit ProcessTable(uint64_t boot_to_epoch_ns);
  ~ProcessTable();

  /// Events that the source must deliver for the table, whatever rules ask; forks come unasked.
  static falcoc::EventSet needed_events();

  /// One handler; replaces an earlier one. What was in the table before is not told again.
  void on_change(ChangeHandler handler);

  /// All processes at once, at the start and after losses: those of /proc, or those that records of
  /// a ProcessSnapshot bring between begin_scan() and end_scan(). Processes that a scan does not
  /// find any more have ended. Call after the hooks are attached, so that nothing falls between.
  void scan_proc();
  void begin_scan();
  void end_scan();

  /// Completes what /proc tells only in part. Must have been taken before the scan: an older
  /// identity than what is known of the process is noticed, a newer one would not be.
  void identify(std::span<const fc_identity> identities);

  /// Applies a record: forks, execs, exits, and whatever the task facts of any event show to have
  /// changed. Returns the process that acted, never null: one first seen in the middle is read from
  /// /proc, and if it is gone, made from the record alone. For FC_STATE_FORK: the child. Events
  /// without a record (captures) are applied from their parameters, /proc is then left alone.
  ProcessPtr apply(const Event& event);

  /// Adds what a capture's process list or a test knows; replaces what has the same pid.
  ProcessPtr add(Process process);
  /// The same for the process list of a capture, parents perhaps later than their children;
  /// link_all() after the last.
  ProcessPtr add(Process process, CgroupPaths cgroups);
  void add_thread(const CapturedThread& thread);
  /// The process of an event of a capture as rules see it: user and group are those of the thread.
  ProcessPtr as_of_thread(int64_t tid, const ProcessPtr& process) const;
  /// That number, for captures; -1 if the thread is a main one or not known.
  int64_t inner_tid(int64_t tid) const;
  /// When the captured machine was started, ns since the epoch; 0 if unknown.
  void set_boot_time(uint64_t epoch_ns);
  /// What a thread of a capture is about to execute by execveat: its exit event does not tell.
  void note_executable(int64_t tid, std::string path);
  void link_all();
  /// Forgets everything.
  void clear();

  /// After the event's rules were matched: drops what has exited long enough ago.
  void after(const Event& event);

  ProcessPtr find(int64_t pid) const;
  /// The process of this thread, for captures.
  ProcessPtr find_thread(int64_t tid) const;
  /// The process that is the parent now; null if there is none.
  ProcessPtr parent(const Process& process) const;

  /// Marks a process and everything that descends from it, now and later.
  void track(int64_t pid);
  /// Pids of the tracked processes whose end was not seen.
  std::vector<int64_t> tracked() const;

  /// Pids of everything that descends from it, in no order.
  std::vector<int64_t> descendants(int64_t pid) const;
  /// Pids of all processes whose end was not seen.
  std::vector<int64_t> pids() const;

  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace falcod
