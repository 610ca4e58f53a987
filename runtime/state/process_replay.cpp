// Captured events to process state, from their parameters alone (rules: SCAP notes, section 6).
// There is no kernel to ask: what a capture does not tell stays unknown.
#include <fcntl.h>

#include "runtime/state/captured_fds.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

using falcoc::EventCode;

constexpr uint64_t kCloneThread = 1 << 13;       // flags.def, clone_flags: CLONE_THREAD as in Falco
constexpr uint64_t kSameForkNs = 2'000'000'000;  // both sides of one fork are this close

/// A parameter by its name in the event table; empty if this event has none.
Param param_named(const Event& event, std::string_view name) {
  const int index = event.info == nullptr ? -1 : find_param(*event.info, name);
  return index < 0 ? Param{} : param_at(event, static_cast<size_t>(index));
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
  image->exe = known_text(param_named(event, "exe"));
  image->args = strings_of(param_named(event, "args"));
  image->env = strings_of(param_named(event, "env"));
  image->join_args();
  image->exe_path = known_text(param_named(event, "trusted_exepath"));
  image->exec_time_ns = event.time_ns;
  assign(image->exe_flags, param_named(event, "flags"));
  assign(image->exe_ino, param_named(event, "exe_ino"));
  assign(image->exe_ctime_ns, param_named(event, "exe_ino_ctime"));
  assign(image->exe_mtime_ns, param_named(event, "exe_ino_mtime"));

  const std::string_view comm = known_text(param_named(event, "comm"));
  process.comm = comm.empty() ? image->exe : comm;
  assign(process.fd_limit, param_named(event, "fdlimit"));
  assign(process.maj_faults, param_named(event, "pgft_maj"));
  assign(process.min_faults, param_named(event, "pgft_min"));
  assign(process.vm_size_kb, param_named(event, "vm_size"));
  assign(process.vm_rss_kb, param_named(event, "vm_rss"));
  assign(process.vm_swap_kb, param_named(event, "vm_swap"));
  assign(process.tty, param_named(event, "tty"));
  assign(process.vpgid, param_named(event, "vpgid"));
  assign(process.pgid, param_named(event, "pgid"));
  assign(process.login_uid, param_named(event, "loginuid"));
  assign(process.cap_inheritable, param_named(event, "cap_inheritable"));
  assign(process.cap_permitted, param_named(event, "cap_permitted"));
  assign(process.cap_effective, param_named(event, "cap_effective"));
  assign(process.uid, param_named(event, "uid"));
  assign(process.gid, param_named(event, "gid"));
  process.image = std::move(image);
}

/// The child of a clone event, by the child's own parameters where it is the child that reports.
Process child_of(const Process& parent, const Event& event, int64_t pid) {
  Process child = parent;
  child.parent.reset();
  child.exited = false;
  child.threads = 1;
  child.main_thread_gone = false;
  child.start_time_ns = child.clone_time_ns = event.time_ns;
  child.pid = child.vpid = pid;
  child.ppid = parent.pid;
  if (event.ret == 0) {
    assign(child.vpid, param_named(event, "vpid"));
    const Param pidns = param_named(event, "pidns_init_start_ts");
    if (pidns.size > 0 && unsigned_of(pidns) != 0) child.pidns_start_ns = unsigned_of(pidns);
  }
  const std::string_view comm = known_text(param_named(event, "comm"));
  if (!comm.empty()) child.comm = comm;
  assign(child.uid, param_named(event, "uid"));
  assign(child.gid, param_named(event, "gid"));
  assign(child.fd_limit, param_named(event, "fdlimit"));
  assign(child.vm_size_kb, param_named(event, "vm_size"));
  assign(child.vm_rss_kb, param_named(event, "vm_rss"));
  assign(child.vm_swap_kb, param_named(event, "vm_swap"));
  assign(child.maj_faults, param_named(event, "pgft_maj"));
  assign(child.min_faults, param_named(event, "pgft_min"));
  return child;
}

/// A process that the capture never introduced, from the parameters of a clone event.
Process stranger(const Event& event, int64_t pid) {
  Process process;
  process.pid = process.vpid = pid;
  auto image = std::make_shared<Image>();
  image->exe = known_text(param_named(event, "exe"));
  image->args = strings_of(param_named(event, "args"));
  image->join_args();
  process.comm = known_text(param_named(event, "comm"));
  process.image = std::move(image);
  return process;
}

/// A process of which the capture tells nothing, as Falco shows it.
Process placeholder(int64_t pid) {
  Process process;
  process.pid = process.vpid = pid;
  process.ppid = -1;
  auto image = std::make_shared<Image>();
  image->exe = process.comm = "<NA>";
  process.image = std::move(image);
  process.uid = process.gid = ~0u;
  process.cwd = "./";
  return process;
}

/// The working directory after a call that changes it or tells of it.
void move_directory(Process& process, const Event& event) {
  std::string_view directory;
  if (is_one_of(event, {EventCode::CHDIR})) return change_directory(process, event);
  if (is_one_of(event, {EventCode::GETCWD})) directory = known_text(param_at(event, 1));
  if (is_one_of(event, {EventCode::FCHDIR}) && event.captured != nullptr) {
    directory = event.captured->name(process.pid, signed_of(param_at(event, 1)));
  }
  if (!directory.starts_with('/')) return;
  process.cwd = directory;
  if (!process.cwd.ends_with('/')) process.cwd += '/';
}

/// Ids that a successful system call sets; nothing if the event is not one of those.
void apply_credentials(Process& process, const Event& event) {
  constexpr uint32_t kUnchanged = ~0u;
  const auto set = [&](uint32_t& id, std::string_view param) {
    const Param value = param_named(event, param);
    if (value.size > 0 && static_cast<uint32_t>(unsigned_of(value)) != kUnchanged) {
      assign(id, value);
    }
  };
  if (is_one_of(event, {EventCode::SETUID})) set(process.uid, "uid");
  if (is_one_of(event, {EventCode::SETGID})) set(process.gid, "gid");
  if (is_one_of(event, {EventCode::SETRESUID, EventCode::SETREUID})) set(process.uid, "euid");
  if (is_one_of(event, {EventCode::SETRESGID, EventCode::SETREGID})) set(process.gid, "egid");
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
    const int64_t child_pid = signed_of(param_named(event, "pid"));
    if (child_pid > 0) pid = child_pid;
    const bool thread = (unsigned_of(param_named(event, "flags")) & kCloneThread) != 0;
    const ProcessPtr known = find(pid);
    if (!thread &&
        (!known || known->exited || known->clone_time_ns + kSameForkNs < event.time_ns)) {
      const int64_t ppid = signed_of(param_named(event, "ptid"));
      const ProcessPtr parent = find(ppid);
      Process child = child_of(parent ? *parent : stranger(event, ppid), event, pid);
      child.ppid = ppid;
      const ProcessPtr process = insert(std::move(child), event.time_ns);
      set_cgroups(process, cgroups_of(param_named(event, "cgroups")));
      return process;
    }
    if (thread) pid_of_tid[event.tid] = pid;
  }

  ProcessPtr process = find(pid);
  if (!process || process->exited) {
    process = insert(is_clone ? stranger(event, pid) : placeholder(pid), event.time_ns);
  }
  if (is_clone && event.ret > 0) {
    const bool thread = (unsigned_of(param_named(event, "flags")) & kCloneThread) != 0;
    const ProcessPtr known = find(event.ret);
    if (thread) {
      ++process->threads;
      pid_of_tid[event.ret] = pid;
    } else if (process->vpid == process->pid &&
               (!known || known->exited || known->clone_time_ns + kSameForkNs < event.time_ns)) {
      insert(child_of(*process, event, event.ret), event.time_ns);
    }
  }
  if (is_one_of(event, {EventCode::PROCEXIT})) {
    pid_of_tid.erase(event.tid);
    if (event.tid == process->pid) process->main_thread_gone = true;
    if (process->threads > 0) --process->threads;
    if (process->threads == 0) {
      mark_exited(process, signed_of(param_named(event, "reaper_tid")), event.time_ns);
    }
    return process;
  }
  if (event.ret < 0) return process;
  if (is_one_of(event, {EventCode::EXECVE, EventCode::EXECVEAT})) {
    exec_from_params(*process, event);
    process->threads = 1;
    changed(process, ProcessChange::IMAGE | ProcessChange::CREDENTIALS | ProcessChange::SESSION);
    const CgroupPaths paths = cgroups_of(param_named(event, "cgroups"));
    if (!paths.empty()) set_cgroups(process, paths);
    if (!process->parent.lock()) set_parent(process, signed_of(param_named(event, "ptid")));
  }
  if (is_one_of(event, {EventCode::SETSID})) {
    process->sid = process->vsid = event.ret;
    changed(process, ProcessChange::SESSION);
  }
  const auto ids = [&] { return std::pair(process->uid, process->gid); };
  const auto ids_before = ids();
  apply_credentials(*process, event);
  if (ids() != ids_before) changed(process, ProcessChange::CREDENTIALS);
  if (is_one_of(event, {EventCode::CHDIR, EventCode::FCHDIR, EventCode::GETCWD})) {
    move_directory(*process, event);
    changed(process, ProcessChange::DIRECTORY);
  }
  return process;
}

}  // namespace falcod
