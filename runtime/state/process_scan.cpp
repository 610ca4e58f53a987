// All processes at once: from /proc, or from records of the kernel's iterators. At the start and
// after losses.
#include <algorithm>
#include <utility>

#include "runtime/capture/record.h"
#include "runtime/state/proc_reader.h"
#include "runtime/state/process_facts.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {

namespace {

/// What the kernel's record cut or could not read, from /proc.
void complete_texts(const fc_event& record, Image& image, int64_t pid) {
  const auto is_whole = [&](uint16_t tag) {
    Item item;
    return find_item(record, tag, kAnyIndex, item) &&
           (item.flags & (FC_ITEM_CUT | FC_ITEM_FAULT)) == 0;
  };
  if (image.exe_path.empty()) return;  // kernel threads and zombies have none
  if (!is_whole(FC_ITEM_ARGS)) {
    const std::string arguments = read_proc_arguments(pid);
    if (!arguments.empty()) {
      set_arguments(image, arguments);
      image.args_cut = arguments.size() >= FC_ARGS_BYTES;
    }
  }
  if (!is_whole(FC_ITEM_ENV)) set_environment(image, read_proc_environment(pid));
}

}  // namespace

void ProcessTable::begin_scan() {
  ++impl_->scan;
  impl_->scan_begin_ns = boot_now_ns();
}

void ProcessTable::end_scan() {
  const uint64_t now_ns = boot_now_ns() + impl_->boot_to_epoch_ns;
  impl_->read_missed(now_ns);
  std::vector<ProcessPtr> gone;
  for (auto& [pid, entry] : impl_->entries) {
    const ProcessPtr& process = entry.process;
    // Parents can have larger pids than their children, so that these came first.
    if (process->parent.expired() && impl_->find(process->ppid)) {
      impl_->set_parent(process, process->ppid);
    }
    if (impl_->was_missed(entry)) gone.push_back(process);
  }
  for (const ProcessPtr& process : gone) impl_->mark_exited(process, 0, now_ns);
  // Names of containers that only ancestors tell.
  for (auto& [pid, entry] : impl_->entries) {
    if (entry.process->vpid != pid) {
      impl_->set_cgroups(entry.process, entry.process->cgroups->paths);
    }
  }
  impl_->tell_changes();
}

void ProcessTable::scan_proc() {
  begin_scan();
  const uint64_t now_ns = impl_->scan_begin_ns + impl_->boot_to_epoch_ns;
  for (const int64_t pid : list_proc_pids()) {
    auto facts = read_proc_process(pid, impl_->boot_to_epoch_ns);
    if (facts) impl_->scanned(std::move(*facts), now_ns);
  }
  end_scan();
}

bool ProcessTable::Impl::was_missed(const Entry& entry) const {
  return entry.scan != scan && entry.process->start_time_ns < scan_begin_ns &&
         !entry.process->exited;
}

/// The kernel's list leaves out the first process that there is: what was missed, or is a parent
/// that nobody knows, may run all the same.
void ProcessTable::Impl::read_missed(uint64_t now_ns) {
  std::vector<int64_t> pids;
  for (const auto& [pid, entry] : entries) {
    if (was_missed(entry)) pids.push_back(pid);
    const int64_t parent = entry.process->ppid;
    if (parent != 0 && !entry.process->exited && !find(parent)) pids.push_back(parent);
  }
  std::ranges::sort(pids);
  pids.erase(std::ranges::unique(pids).begin(), pids.end());
  for (const int64_t pid : pids) {
    auto facts = read_proc_process(pid, boot_to_epoch_ns);
    const ProcessPtr known = find(pid);
    const bool other =
        facts && known && !same_identity(*known, facts->start_time_ns, facts->start_time_coarse);
    if (facts && !other) scanned(std::move(*facts), now_ns);
  }
}

ProcessPtr ProcessTable::Impl::scanned(Process facts, uint64_t now_ns) {
  ProcessPtr process = find(facts.pid);
  CgroupPaths paths = facts.cgroups->paths;
  if (process && same_identity(*process, facts.start_time_ns, facts.start_time_coarse)) {
    refresh(process, std::move(facts));
  } else {
    process = insert(std::move(facts), now_ns);
    if (process->exited) {
      process->exited = false;
      mark_exited(process, 0, now_ns);
    }
  }
  set_cgroups(process, std::move(paths));
  entries[process->pid].scan = scan;
  return process;
}

ProcessPtr ProcessTable::Impl::snapshot(const Event& event) {
  const fc_event& record = *event.record;
  const fc_task& task = record.task;
  Process facts;
  facts.start_time_ns = task.start_time_ns;
  facts.clone_time_ns = task.start_time_ns + boot_to_epoch_ns;
  facts.pid = task.pid;
  facts.vpid = task.vpid;
  facts.ppid = task.ppid;
  facts.comm = comm_of(task);
  facts.has_plain_texts = true;
  facts.uid = task.uid;
  facts.gid = task.gid;
  facts.cgroup_id = task.cgroup_id;
  facts.exec_id = task.exec_id;
  set_threads(facts, task);
  facts.exited = facts.threads == 0;
  fc_exec item;
  if (struct_item(record, FC_ITEM_EXEC, item)) {
    apply_identity(facts, item);
    apply_usage(facts, item, boot_to_epoch_ns);
  }
  set_directory(facts, text_item(record, FC_ITEM_CWD));
  auto image = std::make_shared<Image>(image_of(record, item, facts.comm));
  complete_texts(record, *image, task.pid);
  facts.image = std::move(image);
  facts.image_read_ns = boot_now_ns();
  CgroupPaths paths = cgroup_items(record);
  const ProcessPtr parent = find(facts.ppid);
  const bool shares = parent && parent->cgroups->paths == paths;
  facts.cgroups = shares ? parent->cgroups : make_cgroups(std::move(paths));
  return scanned(std::move(facts), event.time_ns);
}

}  // namespace falcod
