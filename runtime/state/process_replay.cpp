// Captured events to process state, from their parameters alone (rules: SCAP notes, section 6).
// There is no kernel to ask: what a capture does not tell stays unknown.
#include <fcntl.h>

#include "runtime/state/params.h"
#include "runtime/state/paths.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

using falcoc::EventCode;

constexpr uint64_t kCloneThread = 1 << 17;       // flags.def, clone_flags: CLONE_THREAD as in Falco
constexpr uint64_t kSameForkNs = 2'000'000'000;  // both sides of one fork are this close

/// Indices of execve's and execveat's parameters (events.def).
namespace exec_param {
enum : size_t {
  EXE = 1,
  ARGS = 2,
  PTID = 5,
  CWD = 6,
  FD_LIMIT = 7,
  MAJ_FAULTS = 8,
  MIN_FAULTS = 9,
  VM_SIZE = 10,
  VM_RSS = 11,
  VM_SWAP = 12,
  COMM = 13,
  CGROUPS = 14,
  ENV = 15,
  TTY = 16,
  VPGID = 17,
  LOGINUID = 18,
  FLAGS = 19,
  CAP_INHERITABLE = 20,
  CAP_PERMITTED = 21,
  CAP_EFFECTIVE = 22,
  EXE_INO = 23,
  EXE_CTIME = 24,
  EXE_MTIME = 25,
  UID = 26,
  EXE_PATH = 27,
  PGID = 28,
  GID = 29,
};
}

/// Indices of the parameters of clone, clone3, fork and vfork.
namespace clone_param {
enum : size_t {
  EXE = 1,
  ARGS = 2,
  TID = 3,
  PID = 4,
  PTID = 5,
  FD_LIMIT = 7,
  MAJ_FAULTS = 8,
  MIN_FAULTS = 9,
  VM_SIZE = 10,
  VM_RSS = 11,
  VM_SWAP = 12,
  COMM = 13,
  CGROUPS = 14,
  FLAGS = 15,
  UID = 16,
  GID = 17,
  VTID = 18,
  VPID = 19,
  PIDNS_START = 20,
};
}

std::string_view bytes_of(const Param& param) { return {param.data, param.size}; }

std::vector<std::string> strings_of(const Param& param) {
  const auto texts = texts_of(bytes_of(param));
  return {texts.begin(), texts.end()};
}

CgroupPaths cgroups_of(const Param& param) {
  CgroupPaths paths;
  for (const std::string_view text : texts_of(bytes_of(param))) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    paths.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return paths;
}

/// Assigns a numeric parameter unless the capture lacks it.
template <typename Number>
void assign(Number& target, const Param& param) {
  if (param.size > 0) target = static_cast<Number>(signed_of(param));
}

std::string_view known_text(const Param& param) {
  const std::string_view text = text_of(param);
  return text == "<NA>" || text == "(NULL)" ? std::string_view{} : text;
}

bool is_one_of(const Event& event, std::initializer_list<EventCode> codes) {
  for (const EventCode code : codes) {
    if (event.kind == static_cast<uint16_t>(code)) return true;
  }
  return false;
}

void exec_from_params(Process& process, const Event& event) {
  auto image = std::make_shared<Image>();
  image->exe = known_text(param_at(event, exec_param::EXE));
  image->args = strings_of(param_at(event, exec_param::ARGS));
  image->env = strings_of(param_at(event, exec_param::ENV));
  image->join_args();
  image->exe_path = known_text(param_at(event, exec_param::EXE_PATH));
  image->exec_time_ns = event.time_ns;
  assign(image->exe_flags, param_at(event, exec_param::FLAGS));
  assign(image->exe_ino, param_at(event, exec_param::EXE_INO));
  assign(image->exe_ctime_ns, param_at(event, exec_param::EXE_CTIME));
  assign(image->exe_mtime_ns, param_at(event, exec_param::EXE_MTIME));

  const std::string_view comm = known_text(param_at(event, exec_param::COMM));
  process.comm = comm.empty() ? image->exe : comm;
  assign(process.fd_limit, param_at(event, exec_param::FD_LIMIT));
  assign(process.maj_faults, param_at(event, exec_param::MAJ_FAULTS));
  assign(process.min_faults, param_at(event, exec_param::MIN_FAULTS));
  assign(process.vm_size_kb, param_at(event, exec_param::VM_SIZE));
  assign(process.vm_rss_kb, param_at(event, exec_param::VM_RSS));
  assign(process.vm_swap_kb, param_at(event, exec_param::VM_SWAP));
  assign(process.tty, param_at(event, exec_param::TTY));
  assign(process.vpgid, param_at(event, exec_param::VPGID));
  assign(process.pgid, param_at(event, exec_param::PGID));
  assign(process.login_uid, param_at(event, exec_param::LOGINUID));
  assign(process.cap_inheritable, param_at(event, exec_param::CAP_INHERITABLE));
  assign(process.cap_permitted, param_at(event, exec_param::CAP_PERMITTED));
  assign(process.cap_effective, param_at(event, exec_param::CAP_EFFECTIVE));
  assign(process.uid, param_at(event, exec_param::UID));
  assign(process.gid, param_at(event, exec_param::GID));
  process.image = std::move(image);
}

/// The child of a clone event, by the child's own parameters where it is the child that reports.
Process child_of(const Process& parent, const Event& event, int64_t pid) {
  Process child = parent;
  child.parent.reset();
  child.exited = false;
  child.start_time_ns = child.clone_time_ns = event.time_ns;
  child.pid = child.vpid = pid;
  child.ppid = parent.pid;
  if (event.ret == 0) {
    assign(child.vpid, param_at(event, clone_param::VPID));
    const Param pidns = param_at(event, clone_param::PIDNS_START);
    if (pidns.size > 0 && unsigned_of(pidns) != 0) child.pidns_start_ns = unsigned_of(pidns);
  }
  const std::string_view comm = known_text(param_at(event, clone_param::COMM));
  if (!comm.empty()) child.comm = comm;
  assign(child.uid, param_at(event, clone_param::UID));
  assign(child.gid, param_at(event, clone_param::GID));
  assign(child.fd_limit, param_at(event, clone_param::FD_LIMIT));
  assign(child.vm_size_kb, param_at(event, clone_param::VM_SIZE));
  assign(child.vm_rss_kb, param_at(event, clone_param::VM_RSS));
  assign(child.vm_swap_kb, param_at(event, clone_param::VM_SWAP));
  assign(child.maj_faults, param_at(event, clone_param::MAJ_FAULTS));
  assign(child.min_faults, param_at(event, clone_param::MIN_FAULTS));
  return child;
}

/// A process that the capture never introduced, from the parameters of a clone event.
Process stranger(const Event& event, int64_t pid) {
  Process process;
  process.pid = process.vpid = pid;
  auto image = std::make_shared<Image>();
  image->exe = known_text(param_at(event, clone_param::EXE));
  image->args = strings_of(param_at(event, clone_param::ARGS));
  image->join_args();
  process.comm = known_text(param_at(event, clone_param::COMM));
  process.image = std::move(image);
  return process;
}

/// Ids that a successful system call sets; nothing if the event is not one of those.
void apply_credentials(Process& process, const Event& event) {
  if (is_one_of(event, {EventCode::SETUID})) assign(process.uid, param_at(event, 1));
  if (is_one_of(event, {EventCode::SETGID})) assign(process.gid, param_at(event, 1));
  constexpr uint32_t kUnchanged = ~0u;
  const auto effective = static_cast<uint32_t>(unsigned_of(param_at(event, 2)));
  if (param_at(event, 2).size == 0 || effective == kUnchanged) return;
  if (is_one_of(event, {EventCode::SETRESUID, EventCode::SETREUID})) process.uid = effective;
  if (is_one_of(event, {EventCode::SETRESGID, EventCode::SETREGID})) process.gid = effective;
}

}  // namespace

ProcessPtr ProcessTable::Impl::apply_params(const Event& event) {
  int64_t pid = event.pid > 0 ? event.pid : event.tid;
  if (const auto known = pid_of_tid.find(event.tid); event.pid <= 0 && known != pid_of_tid.end()) {
    pid = known->second;
  }
  const bool is_clone =
      is_one_of(event, {EventCode::CLONE, EventCode::CLONE3, EventCode::FORK, EventCode::VFORK});
  if (is_clone && event.ret == 0) {
    // The child's side: it may be the first to report.
    const int64_t child_pid = signed_of(param_at(event, clone_param::PID));
    if (child_pid > 0) pid = child_pid;
    const bool thread = (unsigned_of(param_at(event, clone_param::FLAGS)) & kCloneThread) != 0;
    const ProcessPtr known = find(pid);
    if (!thread &&
        (!known || known->exited || known->clone_time_ns + kSameForkNs < event.time_ns)) {
      const int64_t ppid = signed_of(param_at(event, clone_param::PTID));
      const ProcessPtr parent = find(ppid);
      Process child = child_of(parent ? *parent : stranger(event, ppid), event, pid);
      child.ppid = ppid;
      const ProcessPtr process = insert(std::move(child), event.time_ns);
      set_cgroups(process, cgroups_of(param_at(event, clone_param::CGROUPS)));
      return process;
    }
    if (thread) pid_of_tid[event.tid] = pid;
  }

  ProcessPtr process = find(pid);
  if (!process || process->exited) {
    Process unknown;
    unknown.pid = unknown.vpid = pid;
    process = insert(is_clone ? stranger(event, pid) : std::move(unknown), event.time_ns);
  }
  if (is_clone && event.ret > 0) {
    const bool thread = (unsigned_of(param_at(event, clone_param::FLAGS)) & kCloneThread) != 0;
    const ProcessPtr known = find(event.ret);
    if (thread) {
      ++entries[pid].threads;
      pid_of_tid[event.ret] = pid;
    } else if (process->vpid == process->pid &&
               (!known || known->exited || known->clone_time_ns + kSameForkNs < event.time_ns)) {
      insert(child_of(*process, event, event.ret), event.time_ns);
    }
  }
  if (is_one_of(event, {EventCode::PROCEXIT})) {
    pid_of_tid.erase(event.tid);
    if (Entry* own = entry(pid); --own->threads == 0) {
      mark_exited(process, signed_of(param_at(event, 4)), event.time_ns);
    }
    return process;
  }
  if (event.ret < 0) return process;
  if (is_one_of(event, {EventCode::EXECVE, EventCode::EXECVEAT})) {
    exec_from_params(*process, event);
    entries[pid].threads = 1;
    const CgroupPaths paths = cgroups_of(param_at(event, exec_param::CGROUPS));
    if (!paths.empty()) set_cgroups(process, paths);
    if (!process->parent.lock()) set_parent(process, signed_of(param_at(event, exec_param::PTID)));
  }
  if (is_one_of(event, {EventCode::SETSID})) process->sid = process->vsid = event.ret;
  apply_credentials(*process, event);
  change_directory(*process, event);
  return process;
}

}  // namespace falcod
