// Captured events to process state, from their parameters alone (rules: SCAP notes, section 6).
// There is no kernel to ask: what a capture does not tell stays unknown.
#include <array>

#include "runtime/state/captured_fds.h"
#include "runtime/state/captured_params.h"
#include "runtime/state/paths.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

using falcoc::EventCode;

// flags.def: clone_flags, rlimit_resources, prctl_options
constexpr uint64_t kNewUser = 1048576;
constexpr uint64_t kLimitOfFiles = 7;
constexpr uint64_t kSetSubreaper = 36, kGetSubreaper = 37;
constexpr uint64_t kAllCapabilities = (uint64_t{1} << 41) - 1;  // flags.def, capabilities

/// What an event does to its process. Most do nothing.
enum class Effect : uint8_t {
  NONE,
  CLONE,
  EXEC,
  EXIT,
  DIRECTORY,
  USER,
  GROUP,
  EFFECTIVE_USER,
  EFFECTIVE_GROUP,
  SESSION,
  CAPABILITIES,
  NAMESPACE,
  LIMIT,
  LIMIT_OF_PROCESS,
  MEMORY,
  SWITCH,
  SUBREAPER,
};

constexpr auto kEffects = [] {
  std::array<Effect, falcoc::kGenericBase> effects{};
  const auto set = [&](Effect effect, std::initializer_list<EventCode> codes) {
    for (const EventCode code : codes) effects[static_cast<size_t>(code)] = effect;
  };
  set(Effect::CLONE, {EventCode::CLONE, EventCode::CLONE3, EventCode::FORK, EventCode::VFORK});
  set(Effect::EXEC, {EventCode::EXECVE, EventCode::EXECVEAT});
  set(Effect::EXIT, {EventCode::PROCEXIT});
  set(Effect::DIRECTORY, {EventCode::CHDIR, EventCode::FCHDIR, EventCode::GETCWD});
  set(Effect::USER, {EventCode::SETUID});
  set(Effect::GROUP, {EventCode::SETGID});
  set(Effect::EFFECTIVE_USER, {EventCode::SETRESUID, EventCode::SETREUID});
  set(Effect::EFFECTIVE_GROUP, {EventCode::SETRESGID, EventCode::SETREGID});
  set(Effect::SESSION, {EventCode::SETSID});
  set(Effect::CAPABILITIES, {EventCode::CAPSET});
  set(Effect::NAMESPACE, {EventCode::UNSHARE, EventCode::SETNS});
  set(Effect::LIMIT, {EventCode::GETRLIMIT, EventCode::SETRLIMIT});
  set(Effect::LIMIT_OF_PROCESS, {EventCode::PRLIMIT});
  set(Effect::MEMORY, {EventCode::BRK, EventCode::MMAP, EventCode::MMAP2, EventCode::MUNMAP});
  set(Effect::SWITCH, {EventCode::SWITCH});
  set(Effect::SUBREAPER, {EventCode::PRCTL});
  return effects;
}();

Effect effect_of(const Event& event) {
  return event.kind < kEffects.size() ? kEffects[event.kind] : Effect::NONE;
}

/// The executable where the event says what was asked for, not what it led to: files from before
/// 2023. The former one if it does not even say that.
std::string asked_executable(const Process& process, const Event& event, std::string noted) {
  if (!noted.empty()) return noted;
  const Param filename = param_named(event, "filename");
  if (filename.size == 0) return process.image->exe_path;
  const std::string_view path = known_text(filename);
  return path.empty() ? "<NA>" : absolute_path(path, process.cwd);
}

/// The working directory after a call that changes it or tells of it.
void move_directory(Process& process, const Event& event) {
  std::string_view directory;
  switch (static_cast<EventCode>(event.kind)) {
    case EventCode::CHDIR:
      return change_directory(process, event);
    case EventCode::GETCWD:
      directory = known_text(param_at(event, 1));
      break;
    default:
      if (event.captured == nullptr) return;
      directory = event.captured->name(process.pid, signed_of(param_at(event, 1)));
  }
  if (!directory.starts_with('/')) return;
  process.cwd = directory;
  if (!process.cwd.ends_with('/')) process.cwd += '/';
}

/// An id that a successful call sets; true if it is another now.
bool set_id(uint32_t& id, const Param& param) {
  constexpr uint32_t kUnchanged = ~0u;
  const auto value = static_cast<uint32_t>(unsigned_of(param));
  if (param.size == 0 || value == kUnchanged || id == value) return false;
  id = value;
  return true;
}

bool set_capabilities(Process& process, uint64_t inheritable, uint64_t permitted,
                      uint64_t effective) {
  process.cap_inheritable = inheritable;
  process.cap_permitted = permitted;
  process.cap_effective = effective;
  return true;
}

void set_limit(Process& process, const Event& event, size_t resource, size_t value) {
  if (unsigned_of(param_at(event, resource)) != kLimitOfFiles) return;
  const Param limit = param_at(event, value);
  if (limit.size > 0 && signed_of(limit) != -1) process.fd_limit = unsigned_of(limit);
}

void set_memory(Process& process, const Event& event, size_t first) {
  assign(process.vm_size_kb, param_at(event, first));
  assign(process.vm_rss_kb, param_at(event, first + 1));
  assign(process.vm_swap_kb, param_at(event, first + 2));
}

/// Credentials after a successful call; true if they changed. `thread`: null if it is the main one.
bool change_credentials(Process& process, CapturedThread* thread, const Event& event,
                        Effect effect) {
  uint32_t& uid = thread != nullptr ? thread->uid : process.uid;
  uint32_t& gid = thread != nullptr ? thread->gid : process.gid;
  switch (effect) {
    case Effect::USER:
      return set_id(uid, param_at(event, 1));
    case Effect::GROUP:
      return set_id(gid, param_at(event, 1));
    case Effect::EFFECTIVE_USER:
      return set_id(uid, param_at(event, 2));
    case Effect::EFFECTIVE_GROUP:
      return set_id(gid, param_at(event, 2));
    case Effect::CAPABILITIES:
      return set_capabilities(process, unsigned_of(param_at(event, 1)),
                              unsigned_of(param_at(event, 2)), unsigned_of(param_at(event, 3)));
    case Effect::NAMESPACE: {
      const size_t flags = static_cast<EventCode>(event.kind) == EventCode::UNSHARE ? 1 : 2;
      return (unsigned_of(param_at(event, flags)) & kNewUser) != 0 &&
             set_capabilities(process, kAllCapabilities, kAllCapabilities, kAllCapabilities);
    }
    default:
      return false;
  }
}

/// What no rule of a live process depends on: counters, limits, marks.
void note(Process& process, const Event& event, Effect effect) {
  switch (effect) {
    case Effect::LIMIT:
      return set_limit(process, event, 3, 1);
    case Effect::MEMORY:
      return set_memory(process, event, 1);
    case Effect::SWITCH:
      assign(process.maj_faults, param_at(event, 1));
      assign(process.min_faults, param_at(event, 2));
      return set_memory(process, event, 3);
    case Effect::SUBREAPER: {
      const uint64_t option = unsigned_of(param_at(event, 1));
      if (option == kSetSubreaper || option == kGetSubreaper) {
        process.is_subreaper = unsigned_of(param_at(event, 3)) != 0;
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

CgroupPaths captured_cgroups(std::string_view bytes) {
  CgroupPaths paths;
  for (const std::string_view text : texts_of(bytes)) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    constexpr std::string_view kSuffix = "_cgroup";
    std::string_view controller = text.substr(0, equals);
    if (controller.ends_with(kSuffix)) controller.remove_suffix(kSuffix.size());
    if (controller == "perf") controller = "perf_event";
    if (controller == "mem") controller = "memory";
    if (controller == "io") controller = "blkio";
    paths.emplace_back(controller, text.substr(equals + 1));
  }
  return paths;
}

Process placeholder(int64_t tid) {
  Process process;
  process.is_placeholder = true;
  process.is_vpid_known = false;
  process.pid = process.vpid = tid;
  process.ppid = -1;
  process.sid = process.pgid = process.vpgid = -1;
  auto image = std::make_shared<Image>();
  image->exe = process.comm = "<NA>";
  process.image = std::move(image);
  process.uid = process.gid = ~0u;
  process.cwd = "./";
  return process;
}

ProcessPtr ProcessTable::Impl::of_thread(int64_t tid) const {
  if (recent != nullptr && recent_tid == tid) return recent;
  ProcessPtr process = find(tid);
  if (!process) {
    const auto thread = threads.find(tid);
    if (thread != threads.end()) process = find(thread->second.pid);
  }
  if (process) {
    recent = process;
    recent_tid = tid;
  }
  return process;
}

void ProcessTable::Impl::exec_from_params(const ProcessPtr& process, const Event& event) {
  std::string noted;
  if (const auto known = executables.find(event.tid); known != executables.end()) {
    noted = std::move(known->second);
    executables.erase(known);
  }
  if (event.ret < 0) return;
  auto image = std::make_shared<Image>();
  image->exe = known_text(param_named(event, "exe"));
  image->args = strings_of(param_named(event, "args"));
  image->env = strings_of(param_named(event, "env"));
  image->join_args();
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view trusted = known_text(param_named(event, "trusted_exepath"));
  if (trusted.ends_with(kDeleted)) trusted.remove_suffix(kDeleted.size());
  image->exe_path = trusted.empty() ? asked_executable(*process, event, std::move(noted)) : trusted;
  image->exec_time_ns = event.time_ns;
  assign(image->exe_flags, param_named(event, "flags"));
  assign(image->exe_ino, param_named(event, "exe_ino"));
  assign(image->exe_ctime_ns, param_named(event, "exe_ino_ctime"));
  assign(image->exe_mtime_ns, param_named(event, "exe_ino_mtime"));

  const std::string_view comm = known_text(param_named(event, "comm"));
  process->comm = comm.empty() ? image->exe : comm;
  assign(process->fd_limit, param_named(event, "fdlimit"));
  assign(process->maj_faults, param_named(event, "pgft_maj"));
  assign(process->min_faults, param_named(event, "pgft_min"));
  assign(process->vm_size_kb, param_named(event, "vm_size"));
  assign(process->vm_rss_kb, param_named(event, "vm_rss"));
  assign(process->vm_swap_kb, param_named(event, "vm_swap"));
  assign(process->tty, param_named(event, "tty"));
  assign(process->vpgid, param_named(event, "vpgid"));
  assign(process->pgid, param_named(event, "pgid"));
  assign(process->login_uid, param_named(event, "loginuid"));
  assign(process->cap_inheritable, param_named(event, "cap_inheritable"));
  assign(process->cap_permitted, param_named(event, "cap_permitted"));
  assign(process->cap_effective, param_named(event, "cap_effective"));
  assign(process->uid, param_named(event, "uid"));
  assign(process->gid, param_named(event, "gid"));
  process->image = std::move(image);
  forget_threads(*process);
  process->threads = 1;
  process->main_thread_gone = false;
  changed(process, ProcessChange::IMAGE | ProcessChange::CREDENTIALS | ProcessChange::SESSION);
  const Param cgroups = param_named(event, "cgroups");
  if (cgroups.size > 0) set_cgroups(process, captured_cgroups(bytes_of(cgroups)));
  if (process->is_placeholder) {
    process->is_placeholder = false;
    const int64_t parent_tid = signed_of(param_named(event, "ptid"));
    const ProcessPtr parent = of_thread(parent_tid);
    set_parent(process, parent ? parent->pid : parent_tid);
  }
}

ProcessPtr ProcessTable::Impl::apply_params(const Event& event) {
  const Effect effect = effect_of(event);
  if (effect == Effect::CLONE) return clone_from_params(event);
  ProcessPtr process = event.pid > 0 ? find(event.pid) : of_thread(event.tid);
  if (!process || process->exited) {
    Process unknown = placeholder(event.pid > 0 ? event.pid : event.tid);
    if (effect == Effect::EXIT || effect == Effect::SWITCH || event.tid < 0) {
      // Nobody's event, or the last of somebody's: it makes no process.
      unknown.is_absent = true;
      unknown.cgroups = std::make_shared<const Cgroups>();
      return std::make_shared<Process>(std::move(unknown));
    }
    process = insert(std::move(unknown), event.time_ns);
  }
  if (effect == Effect::NONE) return process;
  if (effect == Effect::EXIT) {
    exit_from_params(process, event);
    return process;
  }
  if (effect == Effect::EXEC) {
    exec_from_params(process, event);
    return process;
  }
  // An address space that grew is what brk returns, not a status.
  if (event.ret < 0 && static_cast<EventCode>(event.kind) != EventCode::BRK) return process;
  if (effect == Effect::SESSION) {
    process->sid = process->vsid = event.ret;
    changed(process, ProcessChange::SESSION);
  } else if (effect == Effect::DIRECTORY) {
    move_directory(*process, event);
    changed(process, ProcessChange::DIRECTORY);
  } else if (effect == Effect::LIMIT_OF_PROCESS) {
    const int64_t target = signed_of(param_at(event, 5));
    const ProcessPtr other = target > 0 ? of_thread(target) : process;
    if (other) set_limit(*other, event, 6, 1);
  } else if (const auto thread = threads.find(event.tid); change_credentials(
                 *process, thread == threads.end() ? nullptr : &thread->second, event, effect)) {
    changed(process, ProcessChange::CREDENTIALS);
  } else {
    note(*process, event, effect);
  }
  return process;
}

}  // namespace falcod
