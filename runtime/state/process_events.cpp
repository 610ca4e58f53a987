// Live records to process state: forks, execs, exits and the task facts of every event.
#include <algorithm>
#include <cstring>

#include "runtime/capture/record.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"
#include "runtime/state/proc_reader.h"
#include "runtime/state/process_facts.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

using falcoc::EventCode;

bool is_exec(falcoc::EventKind kind) {
  return kind == FC_STATE_EXEC || kind == static_cast<uint16_t>(EventCode::EXECVE) ||
         kind == static_cast<uint16_t>(EventCode::EXECVEAT);
}

bool is_chdir(falcoc::EventKind kind) {
  return kind == static_cast<uint16_t>(EventCode::CHDIR) ||
         kind == static_cast<uint16_t>(EventCode::FCHDIR);
}

}  // namespace

falcoc::EventSet ProcessTable::needed_events() {
  falcoc::EventSet events;
  for (const EventCode code :
       {EventCode::EXECVE, EventCode::EXECVEAT, EventCode::PROCEXIT, EventCode::CHDIR,
        EventCode::FCHDIR, EventCode::CHROOT, EventCode::SETSID, EventCode::SETPGID,
        EventCode::CAPSET, EventCode::SETUID, EventCode::SETGID, EventCode::SETREUID,
        EventCode::SETREGID, EventCode::SETRESUID, EventCode::SETRESGID, EventCode::UNSHARE,
        EventCode::SETNS}) {
    events.set(static_cast<size_t>(code));
  }
  return events;
}

void change_directory(Process& process, const Event& event) {
  if (event.kind != static_cast<uint16_t>(EventCode::CHDIR)) return;
  const std::string_view path = text_of(param_at(event, 1));
  if (path.empty() || (!path.starts_with('/') && process.cwd.empty())) return;
  set_directory(process, absolute_path(path, process.cwd));
}

ProcessPtr ProcessTable::Impl::apply_record(const Event& event) {
  if (event.kind == FC_STATE_FORK) return fork(event);
  if (event.kind == FC_STATE_TASK) return snapshot(event);
  const ProcessPtr process = acquire(event.record->task, event.time_ns);
  const bool executed = is_exec(event.kind) && event.ret >= 0;
  if (!executed) follow_exec_id(process, event.record->task);
  update_facts(process, event);
  if (executed) {
    exec(process, event);
  } else if (event.kind == static_cast<uint16_t>(EventCode::PROCEXIT)) {
    exit(process, event);
  } else if (event.kind == static_cast<uint16_t>(EventCode::SETPGID)) {
    move_child(process, event);
  }
  return process;
}

void ProcessTable::Impl::follow_exec_id(const ProcessPtr& process, const fc_task& task) {
  // Events read before what /proc told of a later state have a smaller one; zero was not known.
  const auto ahead = static_cast<int32_t>(task.exec_id - process->exec_id);
  if (process->exec_id == 0) {
    if (task.exec_id == 0) return;
    process->exec_id = task.exec_id;
    changed(process, ProcessChange::IDENTITY);
  } else if (ahead > 0) {
    reread(process, task);
  }
}

void ProcessTable::Impl::move_child(const ProcessPtr& process, const Event& event) {
  const int64_t target = signed_of(param_at(event, 1));
  const int64_t group = signed_of(param_at(event, 2));
  if (event.ret < 0 || target == 0 || target == process->vpid) return;
  // Only the caller's own children can be meant. Both numbers are the caller's namespace's.
  const Entry* own = entry(process->pid);
  if (own == nullptr) return;
  const bool initial = process->vpid == process->pid;
  for (const int64_t child_pid : own->children) {
    const ProcessPtr child = find(child_pid);
    if (!child || (initial ? child->pid : child->vpid) != target) continue;
    const bool leads = group == 0 || group == target;
    if (leads || initial) child->pgid = leads ? child->pid : group;
    child->vpgid = leads ? child->vpid : group;
    changed(child, ProcessChange::SESSION);
    return;
  }
}

ProcessPtr ProcessTable::Impl::fork(const Event& event) {
  const fc_event& record = *event.record;
  const fc_task& task = record.task;
  // When its pid namespace began is what /proc does not tell.
  const auto with_namespace = [&](ProcessPtr child) {
    fc_exec begun;
    if (child->pidns_start_ns == 0 && struct_item(record, FC_ITEM_EXEC, begun)) {
      child->pidns_start_ns = begun.pidns_start_time_ns + boot_to_epoch_ns;
    }
    return child;
  };
  // A new thread; also a process that the scan of /proc already found, in a newer state than this.
  if (task.tid != task.pid) return acquire(task, event.time_ns);
  if (const ProcessPtr known = find(task.pid);
      known && !known->exited &&
      known->start_time_ns / proc_tick_ns() == task.start_time_ns / proc_tick_ns()) {
    return with_namespace(acquire(task, event.time_ns));
  }

  fc_fork relation;
  struct_item(record, FC_ITEM_FORK, relation);
  const int64_t parent_pid = relation.parent_pid != 0 ? relation.parent_pid : task.ppid;
  const ProcessPtr origin = find_or_read(parent_pid, event.time_ns);
  if (!origin) return acquire(task, event.time_ns);
  // Its execve was lost, or it was read when it had executed once more: its image is not what the
  // child begins with, which still is that of its own exec_id.
  if (origin->exec_id != task.exec_id || record.time_ns < origin->image_read_ns) {
    return with_namespace(repair(task, event.time_ns));
  }

  if (task.ppid != parent_pid) find_or_read(task.ppid, event.time_ns);
  Process child = *origin;  // image and cgroups are shared, not copied
  child.parent.reset();
  child.exited = false;
  child.start_time_ns = task.start_time_ns;
  child.start_time_coarse = false;
  child.clone_time_ns = task.start_time_ns + boot_to_epoch_ns;
  child.pid = task.pid;
  child.vpid = task.vpid;
  child.ppid = task.ppid;
  child.comm = comm_of(task);
  child.uid = task.uid;
  child.gid = task.gid;
  child.cgroup_id = task.cgroup_id;
  fc_exec inherited;
  if (struct_item(record, FC_ITEM_EXEC, inherited)) {
    apply_identity(child, inherited);
    apply_usage(child, inherited, boot_to_epoch_ns);
  }
  child.exec_id = task.exec_id;
  set_threads(child, task);
  const bool moved = child.cgroup_id != origin->cgroup_id;
  const bool isolated = child.vpid != child.pid;
  const ProcessPtr process = insert(std::move(child), event.time_ns);
  CgroupPaths paths = cgroup_items(record);
  if (paths.empty() && moved) paths = read_proc_cgroups(process->pid);
  if (paths.empty() && isolated) paths = process->cgroups->paths;
  if (!paths.empty()) set_cgroups(process, std::move(paths));
  return process;
}

void ProcessTable::Impl::update_facts(const ProcessPtr& process, const Event& event) {
  const fc_task& task = event.record->task;
  if (any({update(process->uid, task.uid), update(process->gid, task.gid)})) {
    changed(process, ProcessChange::CREDENTIALS);
  }
  process->vpid = task.vpid;
  set_threads(*process, task);
  fc_exec identity;
  if (struct_item(*event.record, FC_ITEM_EXEC, identity)) {
    const ProcessChange change = apply_identity(*process, identity);
    if (change != ProcessChange::NONE) changed(process, change);
  }
  if (process->ppid != task.ppid) {
    find_or_read(task.ppid, event.time_ns);
    set_parent(process, task.ppid);
  }
  if (process->cgroup_id != task.cgroup_id) {
    const bool was_known = process->cgroup_id != 0;
    process->cgroup_id = task.cgroup_id;
    changed(process, was_known ? ProcessChange::CGROUPS : ProcessChange::IDENTITY);
    CgroupPaths paths = cgroup_items(*event.record);
    if (paths.empty() && was_known) paths = read_proc_cgroups(process->pid);
    if (!paths.empty()) set_cgroups(process, std::move(paths));
  }
  // The probe reads the directory when the call has returned, so that of chdir is the new one.
  Item cwd;
  if (find_item(*event.record, FC_ITEM_CWD, kAnyIndex, cwd)) {
    const std::string_view path = cwd.bytes.substr(0, cwd.bytes.find('\0'));
    if (!path.empty() && !is_directory(*process, path)) {
      set_directory(*process, path);
      changed(process, ProcessChange::DIRECTORY);
    }
  } else if (is_chdir(event.kind) && event.ret == 0) {
    if (event.kind == static_cast<uint16_t>(EventCode::FCHDIR)) {
      set_directory(*process, text_item(*event.record, FC_ITEM_FD_PATH));
    } else {
      change_directory(*process, event);
    }
    changed(process, ProcessChange::DIRECTORY);
  }
}

void ProcessTable::Impl::exec(const ProcessPtr& process, const Event& event) {
  const fc_event& record = *event.record;
  fc_exec facts;
  if (struct_item(record, FC_ITEM_EXEC, facts)) {
    apply_usage(*process, facts, boot_to_epoch_ns);  // its identity is update_facts' work
  }
  process->comm = comm_of(record.task);
  auto image = std::make_shared<Image>(image_of(record, facts, process->comm));
  image->exec_time_ns = event.time_ns;
  process->image = std::move(image);
  process->has_plain_texts = true;
  process->image_read_ns = 0;
  process->exec_id = record.task.exec_id;
  changed(process, ProcessChange::IMAGE);

  // On hosts with v1 hierarchies the v2 id alone does not show a move: container runtimes move,
  // then execute, so an exec is when to look again.
  CgroupPaths paths = cgroup_items(record);
  if (paths.empty()) paths = read_proc_cgroups(process->pid);
  if (!paths.empty()) set_cgroups(process, std::move(paths));
}

void ProcessTable::Impl::exit(const ProcessPtr& process, const Event& event) {
  fc_exit facts;
  if (!struct_item(*event.record, FC_ITEM_EXIT, facts) || facts.group_dead == 0) return;
  mark_exited(process, facts.reaper_tid, event.time_ns);
}

}  // namespace falcod
