#include "runtime/engine/replay.h"

#include <algorithm>

#include "runtime/state/params.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::EventInfo;
using falcoc::EventKind;
using scap::StoredEvent;

constexpr auto kGenericCode = static_cast<uint16_t>(EventCode::GENERIC);

/// Strings with a NUL after each, as capture files keep arguments and environments.
std::vector<std::string> strings_of(std::string_view bytes) {
  const auto texts = texts_of(bytes);
  return {texts.begin(), texts.end()};
}

/// Controllers of old files have other names (SCAP notes, section 6).
std::string controller_name(std::string_view stored) {
  constexpr std::string_view kSuffix = "_cgroup";
  if (stored.ends_with(kSuffix)) stored.remove_suffix(kSuffix.size());
  if (stored == "perf") return "perf_event";
  if (stored == "mem") return "memory";
  if (stored == "io") return "blkio";
  return std::string(stored);
}

CgroupPaths cgroups_of(std::string_view bytes) {
  CgroupPaths paths;
  for (const std::string_view text : texts_of(bytes)) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    paths.emplace_back(controller_name(text.substr(0, equals)), text.substr(equals + 1));
  }
  return paths;
}

std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path;
}

std::shared_ptr<const Image> image_of(const scap::ProcessEntry& entry) {
  auto image = std::make_shared<Image>();
  image->exe = entry.exe;
  image->exe_path = without_deleted(entry.exe_path);
  image->args = strings_of(entry.args);
  image->env = strings_of(entry.env);
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

/// A system call that had no event of its own when the file was written, and has one today: known
/// by kind, without parameters.
EventKind kind_of_code(uint64_t code) {
  for (const falcoc::SyscallInfo& info : falcoc::syscalls()) {
    if (info.code == code && info.event != EventCode::GENERIC) {
      return static_cast<EventKind>(info.event);
    }
  }
  return static_cast<EventKind>(falcoc::kGenericBase + code);
}

/// Kinds by the native number of a generic event that lacks Falco's code.
EventKind kind_of_native(uint16_t native) {
  for (const falcoc::SyscallInfo& info : falcoc::syscalls()) {
    if (info.x86_64 == static_cast<int16_t>(native)) {
      return kind_of_code(info.code);
    }
  }
  return 0;
}

EventKind kind_of(const StoredEvent& stored) {
  if (stored.code != kGenericCode) return stored.code;
  const auto number = [&](size_t index) {
    return index < stored.params.size() ? unsigned_of(stored.params[index]) : 0;
  };
  const uint64_t code = number(0);
  if (code == 0) return kind_of_native(static_cast<uint16_t>(number(1)));
  if (code >= falcoc::kEventKinds - falcoc::kGenericBase) return 0;
  return kind_of_code(code);
}

bool is_account(EventCode code) {
  return code == EventCode::USERADDED || code == EventCode::USERDELETED ||
         code == EventCode::GROUPADDED || code == EventCode::GROUPDELETED;
}

}  // namespace

Replay::Replay(Engine& engine) : engine_(engine) { engine_.users().use_captured_only(); }

void Replay::on_section() {
  fds_.clear();
  main_threads_.clear();
  engine_.processes().clear();
}

void Replay::on_machine(const scap::Machine&) {}

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
  if (tid != pid) {
    engine_.processes().add_thread(tid, pid);
    return;
  }
  main_threads_.insert(tid);
  Process process;
  process.pid = pid;
  process.vpid = entry.vpid >= 0 ? entry.vpid : pid;
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
  engine_.processes().add(std::move(process), cgroups_of(entry.cgroups));
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
  const EventInfo* info = falcoc::find_event(code);
  const bool internal = info != nullptr && info->category == falcoc::EventCategory::INTERNAL;
  return leading_ || internal || (stored.dump_flags & scap::kStateOnly) != 0;
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

void Replay::on_event(const StoredEvent& stored, uint64_t number) {
  const bool hidden = is_hidden(stored);
  Event event;
  event.number = number;
  event.time_ns = stored.time_ns;
  event.kind = kind_of(stored);
  event.info = falcoc::event_of_kind(event.kind);
  if (event.info == nullptr) return;  // enter events, of which only their exits tell
  event.cpu = stored.cpu;
  event.tid = stored.tid;
  event.params = stored.params;
  event.captured = &fds_;
  if (event.info->code != EventCode::GENERIC && stored.code == kGenericCode) event.params = {};
  if (!event.params.empty() && has_return_value(*event.info)) {
    event.ret = signed_of(event.params[0]);
  }
  if (is_account(event.info->code)) apply_account(event);
  engine_.on_captured(event, fds_, !hidden);
}

}  // namespace falcod
