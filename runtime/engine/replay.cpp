#include "runtime/engine/replay.h"

#include <fcntl.h>

#include <algorithm>

#include "runtime/state/captured_params.h"
#include "runtime/state/paths.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::EventInfo;
using falcoc::EventKind;
using scap::StoredEvent;

constexpr auto kGenericCode = static_cast<uint16_t>(EventCode::GENERIC);

std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path;
}

std::shared_ptr<const Image> image_of(const scap::ProcessEntry& entry) {
  auto image = std::make_shared<Image>();
  image->exe = entry.exe;
  image->exe_path = without_deleted(entry.exe_path);
  image->args = strings_of({entry.args.data(), static_cast<uint32_t>(entry.args.size())});
  image->env = strings_of({entry.env.data(), static_cast<uint32_t>(entry.env.size())});
  image->join_args();
  if (entry.exe_writable) image->exe_flags |= FC_EXE_WRITABLE;
  if (entry.exe_upper_layer) image->exe_flags |= FC_EXE_UPPER_LAYER;
  if (entry.exe_lower_layer) image->exe_flags |= FC_EXE_LOWER_LAYER;
  if (entry.exe_memfd) image->exe_flags |= FC_EXE_FROM_MEMFD;
  image->exe_ino = entry.exe_ino;
  image->exe_ctime_ns = entry.exe_ctime_ns;
  image->exe_mtime_ns = entry.exe_mtime_ns;
  return image;
}

/// Kinds of generic events. A call that has an event of its own today had none when the file was
/// written: it keeps the kind of a generic one, which rules about the event do not match, in Falco
/// neither (RULE-LANGUAGE 5).
EventKind kind_of(const StoredEvent& stored) {
  if (stored.code != kGenericCode) return stored.code;
  const auto number = [&](size_t index) {
    return index < stored.params.size() ? unsigned_of(stored.params[index]) : 0;
  };
  uint64_t code = number(0);
  if (code == 0) {  // lacks Falco's code: by the native number
    const auto native = static_cast<int16_t>(number(1));
    const auto calls = falcoc::syscalls();
    const auto found = std::ranges::find(calls, native, &falcoc::SyscallInfo::x86_64);
    if (found == calls.end()) return 0;
    code = found->code;
  }
  if (code >= falcoc::kEventKinds - falcoc::kGenericBase) return 0;
  return static_cast<EventKind>(falcoc::kGenericBase + code);
}

Process process_of(const scap::ProcessEntry& entry) {
  Process process;
  process.pid = static_cast<int64_t>(entry.pid);
  process.is_vpid_known = entry.vpid >= 0;
  process.vpid = process.is_vpid_known ? entry.vpid : process.pid;
  process.ppid = entry.ptid;
  process.comm = entry.comm;
  process.image = image_of(entry);
  process.cwd = entry.cwd;
  if (!process.cwd.empty() && !process.cwd.ends_with('/')) process.cwd += '/';
  process.sid = process.vsid = entry.sid;
  process.pgid = entry.pgid;
  process.vpgid = entry.vpgid;
  process.tty = entry.tty;
  process.uid = entry.uid;
  process.gid = entry.gid;
  process.login_uid = entry.login_uid;
  process.cap_inheritable = entry.cap_inheritable;
  process.cap_permitted = entry.cap_permitted;
  process.cap_effective = entry.cap_effective;
  process.pidns_start_ns = entry.pidns_start_ns;
  process.fd_limit = static_cast<uint64_t>(entry.fd_limit);
  process.vm_size_kb = entry.vm_size_kb;
  process.vm_rss_kb = entry.vm_rss_kb;
  process.vm_swap_kb = entry.vm_swap_kb;
  process.min_faults = entry.min_faults;
  process.maj_faults = entry.maj_faults;
  return process;
}

bool is_account(EventCode code) {
  return code == EventCode::USERADDED || code == EventCode::USERDELETED ||
         code == EventCode::GROUPADDED || code == EventCode::GROUPDELETED;
}

}  // namespace

Replay::Replay(Engine& engine) : engine_(engine) {
  // Nothing of this host, nor of the machine of an earlier capture.
  engine_.processes().clear();
  engine_.users().use_captured_only();
  engine_.containers().clear();
  for (uint16_t code = 0; code < scap::kStoredCodes; ++code) {
    const EventInfo* info = falcoc::find_event(static_cast<EventCode>(code));
    infos_[code] = {info, info != nullptr && has_return_value(*info)};
  }
}

void Replay::on_section() {
  fds_.clear();
  main_threads_.clear();
  engine_.processes().clear();
}

void Replay::on_machine(const scap::Machine& machine) {
  engine_.processes().set_boot_time(machine.boot_time_ns);
}

void Replay::on_interface(const scap::Interface& interface) { fds_.add_interface(interface); }

void Replay::on_user(const scap::UserEntry& user) {
  if (user.is_group) {
    engine_.users().set_group({}, user.gid, std::string(user.name));
  } else {
    engine_.users().set_user(
        {}, user.uid, {std::string(user.name), std::string(user.home), std::string(user.shell)});
  }
}

void Replay::on_process(const scap::ProcessEntry& entry) {
  const auto tid = static_cast<int64_t>(entry.tid);
  const auto pid = static_cast<int64_t>(entry.pid);
  ProcessTable& processes = engine_.processes();
  if (pid < 0) {  // of which the recorder knew nothing either
    processes.add(placeholder(tid), {});
    return;
  }
  const bool is_main = tid == pid;
  if (!is_main) {
    processes.add_thread(
        {.tid = tid, .pid = pid, .vtid = entry.vtid, .uid = entry.uid, .gid = entry.gid});
    if (processes.find(pid)) return;
  }
  Process process = process_of(entry);
  if (!is_main) {  // stands in for the main one, which is listed later or is gone
    process.threads = 0;
    process.main_thread_gone = true;
  } else {
    main_threads_.insert(tid);
  }
  processes.add(std::move(process), captured_cgroups(entry.cgroups));
}

void Replay::on_fd(const scap::FdEntry& fd) {
  const auto tid = static_cast<int64_t>(fd.tid);
  if (main_threads_.contains(tid)) fds_.add(tid, fd);
}

void Replay::on_tables_end() {
  engine_.processes().link_all();
  fds_.finish_tables();
  leading_ = true;
}

bool Replay::is_hidden(const StoredEvent& stored) {
  const auto code = static_cast<EventCode>(stored.code);
  const bool descriptive =
      is_account(code) || code == EventCode::CONTAINER || code == EventCode::ASYNCEVENT;
  if (!descriptive) leading_ = false;
  return leading_ || (stored.dump_flags & scap::kStateOnly) != 0;
}

void Replay::apply_account(const Event& event) {
  const EventCode code = event.info->code;
  const bool user = code == EventCode::USERADDED || code == EventCode::USERDELETED;
  const bool added = code == EventCode::USERADDED || code == EventCode::GROUPADDED;
  const std::string_view name = text_of(param_at(event, user ? 2 : 1));
  const std::string_view container = text_of(param_at(event, user ? 5 : 2));
  const auto id = static_cast<uint32_t>(unsigned_of(param_at(event, 0)));
  if (name.starts_with('+') || name.starts_with('-')) return;
  Users& users = engine_.users();
  if (user && added) {
    users.set_user(container, id,
                   {std::string(name), std::string(text_of(param_at(event, 3))),
                    std::string(text_of(param_at(event, 4)))});
  } else if (user) {
    users.remove_user(container, id);
  } else if (added) {
    users.set_group(container, id, std::string(name));
  } else {
    users.remove_group(container, id);
  }
}

const Container* Replay::apply_container(const Event& event) {
  const auto bytes = [&](size_t index) {
    const Param param = param_at(event, index);
    return std::string_view(param.data, param.size);
  };
  if (event.info->code == EventCode::CONTAINER) return engine_.containers().add(bytes(0));
  if (event.info->code != EventCode::ASYNCEVENT) return nullptr;
  const std::string_view name = text_of(param_at(event, 1));
  if (name == "container") return engine_.containers().add(bytes(2));
  if (name == "container_removed") return engine_.containers().remove(bytes(2));
  return nullptr;
}

/// The exit event of execveat does not say what was to be executed.
void Replay::note_execveat(const StoredEvent& stored) {
  constexpr uint64_t kEmptyPath = 1;  // flags.def, execveat_flags
  const auto param = [&](size_t index) {
    return index < stored.params.size() ? stored.params[index] : Param{};
  };
  if (param(0).size == 0) return;
  const ProcessPtr process = engine_.processes().find_thread(stored.tid);
  if (!process) return;
  const int64_t directory = signed_of(param(0));
  const std::string_view path = known_text(param(1));
  const bool here = directory == AT_FDCWD || path.starts_with('/');
  const std::string_view base = here ? process->cwd : fds_.name(process->pid, directory);
  const bool itself = path.empty() && (unsigned_of(param(2)) & kEmptyPath) != 0;
  if (!itself && path.empty()) return;
  std::string whole = itself ? std::string(base) : absolute_path(path, base);
  engine_.processes().note_executable(stored.tid,
                                      base.empty() && !here ? "<NA>" : std::move(whole));
}

void Replay::on_dropped() { leading_ = false; }

void Replay::on_event(const StoredEvent& stored, uint64_t number) {
  constexpr uint16_t kExecveatEnter = static_cast<uint16_t>(EventCode::EXECVEAT) - 1;
  const bool hidden = is_hidden(stored);
  if (stored.code == kExecveatEnter) note_execveat(stored);
  Event event;
  event.number = number;
  event.time_ns = stored.time_ns;
  event.kind = kind_of(stored);
  event.info = infos_[stored.code].info;
  if (event.info == nullptr || event.kind == 0) return;  // enter events, of which their exits tell
  event.cpu = stored.cpu;
  event.tid = stored.tid;
  event.params = stored.params;
  event.captured = &fds_;
  if (!event.params.empty() && infos_[stored.code].has_result) {
    event.ret = signed_of(event.params[0]);
  }
  if (is_account(event.info->code)) apply_account(event);
  engine_.on_captured(event, fds_, !hidden, apply_container(event));
}

}  // namespace falcod
