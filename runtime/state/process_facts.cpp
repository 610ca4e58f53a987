// See process_facts.h.
#include "runtime/state/process_facts.h"

#include "runtime/state/params.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {

std::string_view comm_of(const fc_task& task) {
  return {task.comm, strnlen(task.comm, sizeof task.comm)};
}

std::string_view text_item(const fc_event& record, uint16_t tag) {
  Item item;
  if (!find_item(record, tag, kAnyIndex, item)) return {};
  return item.bytes.substr(0, item.bytes.find('\0'));
}

CgroupPaths cgroup_items(const fc_event& record) {
  CgroupPaths paths;
  for_each_item(record, [&](const Item& item) {
    if (item.tag != FC_ITEM_CGROUP) return;
    const std::string_view text = item.bytes.substr(0, item.bytes.find('\0'));
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return;
    paths.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  });
  return paths;
}

ProcessChange apply_identity(Process& process, const fc_exec& facts) {
  const bool credentials =
      any({update(process.cap_inheritable, facts.cap_inheritable),
           update(process.cap_permitted, facts.cap_permitted),
           update(process.cap_effective, facts.cap_effective),
           update(process.login_uid, facts.loginuid), update(process.fd_limit, facts.fd_limit)});
  const bool session = any({update(process.sid, facts.sid), update(process.pgid, facts.pgid),
                            update(process.vsid, facts.vsid), update(process.vpgid, facts.vpgid),
                            update(process.tty, facts.tty)});
  return (credentials ? ProcessChange::CREDENTIALS : ProcessChange::NONE) |
         (session ? ProcessChange::SESSION : ProcessChange::NONE);
}

void apply_usage(Process& process, const fc_exec& facts, uint64_t boot_to_epoch_ns) {
  process.vm_size_kb = facts.vm_size_kb;
  process.vm_rss_kb = facts.vm_rss_kb;
  process.vm_swap_kb = facts.vm_swap_kb;
  process.min_faults = facts.min_faults;
  process.maj_faults = facts.maj_faults;
  process.pidns_start_ns = facts.pidns_start_time_ns + boot_to_epoch_ns;
}

void set_directory(Process& process, std::string_view cwd) {
  if (cwd.empty()) return;
  process.cwd = cwd;
  if (!process.cwd.ends_with('/')) process.cwd += '/';
}

bool is_directory(const Process& process, std::string_view cwd) {
  if (cwd.ends_with('/')) return process.cwd == cwd;
  return process.cwd.size() == cwd.size() + 1 && process.cwd.starts_with(cwd);
}

void set_threads(Process& process, const fc_task& task) {
  process.threads = task.threads & FC_THREADS_COUNT;
  process.main_thread_gone = (task.threads & FC_THREADS_LEADER_GONE) != 0;
}

Image image_of(const fc_event& record, const fc_exec& facts, std::string_view comm) {
  Image image;
  Item item;
  if (find_item(record, FC_ITEM_ARGS, kAnyIndex, item)) {
    set_arguments(image, item.bytes);
    image.args_cut = (item.flags & FC_ITEM_CUT) != 0;
  }
  if (find_item(record, FC_ITEM_ENV, kAnyIndex, item)) set_environment(image, item.bytes);
  if (image.exe.empty()) image.exe = comm;
  image.exe_path = text_item(record, FC_ITEM_EXE_PATH);
  image.exe_flags = facts.flags;
  image.exe_ino = facts.exe_ino;
  image.exe_ctime_ns = facts.exe_ctime_ns;
  image.exe_mtime_ns = facts.exe_mtime_ns;
  return image;
}

}  // namespace falcod
