// The process table itself: who is who, parents, repair, forgetting. See process_table.h.
#include "runtime/state/process_table.h"

#include <algorithm>
#include <cstring>

#include "runtime/state/params.h"
#include "runtime/state/proc_reader.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

/// How long an exited process stays known: its last events may still be in other buffers, and
/// children may ask for it before they show their new parent.
constexpr uint64_t kExitedGraceNs = 5'000'000'000;
/// Exited processes kept at most, oldest forgotten first: bounds memory in a fork storm.
constexpr size_t kExitedLimit = 16384;
/// Processes kept at most, above the kernel's pid limit on 64-bit machines only with lost exits.
constexpr size_t kProcessLimit = 262144;

const std::shared_ptr<const Image>& empty_image() {
  static const auto image = std::make_shared<const Image>();
  return image;
}

const std::shared_ptr<const Cgroups>& empty_cgroups() {
  static const auto cgroups = std::make_shared<const Cgroups>();
  return cgroups;
}

/// Cgroups of the nearest ancestor in the initial pid namespace.
const CgroupPaths* outside_cgroups(const Process& process) {
  ProcessPtr ancestor = process.parent.lock();
  for (size_t depth = 0; ancestor && depth < kMaxAncestors; ++depth) {
    if (ancestor->vpid == ancestor->pid) return &ancestor->cgroups->paths;
    ancestor = ancestor->parent.lock();
  }
  return nullptr;
}

}  // namespace

void Image::join_args() {
  args_text.clear();
  for (const std::string& argument : args) {
    if (&argument != &args.front()) args_text += ' ';
    args_text += argument;
  }
}

void set_arguments(Image& image, std::string_view bytes) {
  const auto arguments = texts_of(bytes);
  if (!arguments.empty()) {
    image.exe = arguments.front();
    image.args.assign(arguments.begin() + 1, arguments.end());
  }
  image.join_args();
}

void set_environment(Image& image, std::string_view bytes) {
  const auto variables = texts_of(bytes);
  image.env.assign(variables.begin(), variables.end());
}

bool same_identity(const Process& process, uint64_t start_time_ns, bool is_coarse) {
  if (process.start_time_ns == start_time_ns) return true;
  if (!process.start_time_coarse && !is_coarse) return false;
  return process.start_time_ns / proc_tick_ns() == start_time_ns / proc_tick_ns();
}

ProcessTable::Impl::Entry* ProcessTable::Impl::entry(int64_t pid) {
  const auto found = entries.find(pid);
  return found == entries.end() ? nullptr : &found->second;
}

ProcessPtr ProcessTable::Impl::find(int64_t pid) const {
  const auto found = entries.find(pid);
  return found == entries.end() ? nullptr : found->second.process;
}

ProcessPtr ProcessTable::Impl::insert(Process facts, uint64_t now_ns) {
  recent = nullptr;
  if (!facts.image) facts.image = empty_image();
  if (!facts.cgroups) facts.cgroups = empty_cgroups();
  if (Entry* old = entry(facts.pid)) {
    // The pid was used again and the exit was missed, or it still waits to be forgotten.
    const ProcessPtr previous = old->process;
    mark_exited(previous, 0, now_ns);
    drop(previous);
  }
  if (entries.size() >= kProcessLimit && !exited.empty()) {
    drop(exited.front().process);
    exited.pop_front();
  }
  auto process = std::make_shared<Process>(std::move(facts));
  entries[process->pid].process = process;
  set_parent(process, process->ppid);
  changed(process, ProcessChange::CREATED);
  return process;
}

void ProcessTable::Impl::changed(const ProcessPtr& process, ProcessChange change) {
  if (!change_handler) return;
  // Few at a time: the one that acts, sometimes its ancestors or children.
  for (Changed& pending : pending_changes) {
    if (pending.process == process) {
      pending.changes = pending.changes | change;
      return;
    }
  }
  pending_changes.push_back({process, change});
}

void ProcessTable::Impl::tell_changes() {
  for (const Changed& pending : pending_changes) change_handler(*pending.process, pending.changes);
  pending_changes.clear();
}

void ProcessTable::Impl::set_parent(const ProcessPtr& process, int64_t ppid) {
  if (const ProcessPtr old = process->parent.lock()) {
    if (Entry* old_entry = entry(old->pid); old_entry && old_entry->process == old) {
      old_entry->children.erase(process->pid);
    }
  }
  if (process->ppid != ppid) changed(process, ProcessChange::PARENT);
  process->ppid = ppid;
  process->parent.reset();
  if (ppid == process->pid) return;
  if (Entry* parent = entry(ppid)) {
    process->parent = parent->process;
    parent->children.insert(process->pid);
    if (parent->process->tracked) process->tracked = true;
  }
}

ProcessPtr ProcessTable::Impl::acquire(const fc_task& task, uint64_t now_ns) {
  if (ProcessPtr known = find(task.pid); known && same_identity(*known, task.start_time_ns)) {
    if (known->start_time_coarse) {
      known->start_time_ns = task.start_time_ns;
      known->start_time_coarse = false;
      changed(known, ProcessChange::IDENTITY);
      known->clone_time_ns = task.start_time_ns + boot_to_epoch_ns;
    }
    return known;
  }
  return repair(task, now_ns);
}

Process ProcessTable::Impl::from_task(const fc_task& task, uint64_t now_ns) {
  Process facts;
  const std::string_view comm(task.comm, strnlen(task.comm, sizeof task.comm));
  if (const ProcessPtr parent = find_or_read(task.ppid, now_ns)) {
    // What a child inherits is as likely its own as anything; its image only if it did not execute.
    facts.sid = parent->sid;
    facts.pgid = parent->pgid;
    facts.vsid = parent->vsid;
    facts.vpgid = parent->vpgid;
    facts.tty = parent->tty;
    facts.login_uid = parent->login_uid;
    facts.fd_limit = parent->fd_limit;
    facts.cwd = parent->cwd;
    if (parent->cgroup_id == task.cgroup_id) facts.cgroups = parent->cgroups;
    if (parent->exec_id == task.exec_id && parent->comm == comm) facts.image = parent->image;
  }
  facts.has_plain_texts = true;
  facts.pid = task.pid;
  facts.ppid = task.ppid;
  facts.comm = comm;
  facts.uid = task.uid;
  facts.gid = task.gid;
  return facts;
}

void ProcessTable::Impl::reread(const ProcessPtr& process, const fc_task& task) {
  auto facts = read_proc_process(process->pid, boot_to_epoch_ns);
  if (facts && same_identity(*facts, task.start_time_ns)) {
    CgroupPaths paths = facts->cgroups->paths;
    refresh(process, std::move(*facts));
    set_cgroups(process, std::move(paths));
  } else {
    // Gone meanwhile: what it was before is known to be wrong.
    process->comm.assign(task.comm, strnlen(task.comm, sizeof task.comm));
    auto image = std::make_shared<Image>();
    image->exe = process->comm;
    process->image = std::move(image);
    changed(process, ProcessChange::IMAGE);
  }
  process->exec_id = task.exec_id;
}

void ProcessTable::Impl::refresh(const ProcessPtr& process, Process facts) {
  // What the table alone knows stays; so does what /proc rounds or does not tell.
  facts.parent = process->parent;
  facts.tracked = process->tracked;
  facts.exited = process->exited;
  facts.ppid = process->ppid;
  facts.cgroups = process->cgroups;
  if (facts.start_time_coarse) {
    facts.start_time_coarse = process->start_time_coarse;
    facts.start_time_ns = process->start_time_ns;
    facts.clone_time_ns = process->clone_time_ns;
    facts.cgroup_id = process->cgroup_id;
    facts.exec_id = process->exec_id;
    facts.pidns_start_ns = std::max(facts.pidns_start_ns, process->pidns_start_ns);
  }
  *process = std::move(facts);
  changed(process, ProcessChange::IMAGE | ProcessChange::CREDENTIALS | ProcessChange::SESSION |
                       ProcessChange::DIRECTORY);
}

ProcessPtr ProcessTable::Impl::repair(const fc_task& task, uint64_t now_ns) {
  const int64_t pid = task.pid;
  std::optional<Process> facts;
  if (pid != 0) facts = read_proc_process(pid, boot_to_epoch_ns);
  // Gone, or its pid is already someone else's.
  if (!facts || !same_identity(*facts, task.start_time_ns)) facts = from_task(task, now_ns);
  facts->exec_id = task.exec_id;
  facts->start_time_ns = task.start_time_ns;
  facts->start_time_coarse = false;
  facts->clone_time_ns = task.start_time_ns + boot_to_epoch_ns;
  facts->vpid = task.vpid;
  facts->cgroup_id = task.cgroup_id;
  if (facts->ppid != 0) find_or_read(facts->ppid, now_ns);
  const ProcessPtr process = insert(std::move(*facts), now_ns);
  set_cgroups(process, process->cgroups->paths);
  return process;
}

ProcessPtr ProcessTable::Impl::find_or_read(int64_t pid, uint64_t now_ns) {
  // A chain of unknown ancestors is read from the bottom up and inserted from the top down.
  std::vector<Process> unknown;
  int64_t next = pid;
  while (next != 0 && !find(next) && unknown.size() < kMaxAncestors) {
    auto facts = read_proc_process(next, boot_to_epoch_ns);
    if (!facts) break;
    next = facts->ppid;
    unknown.push_back(std::move(*facts));
  }
  for (auto facts = unknown.rbegin(); facts != unknown.rend(); ++facts) {
    const ProcessPtr process = insert(std::move(*facts), now_ns);
    set_cgroups(process, process->cgroups->paths);
  }
  return find(pid);
}

void ProcessTable::Impl::set_cgroups(const ProcessPtr& process, CgroupPaths paths) {
  const bool isolated = process->vpid != process->pid;
  const auto fits = [&](const std::shared_ptr<const Cgroups>& candidate) {
    return candidate->paths == paths && (!isolated || !candidate->container_id.empty());
  };
  if (fits(process->cgroups)) return;
  changed(process, ProcessChange::CGROUPS);
  if (const ProcessPtr parent = process->parent.lock(); parent && fits(parent->cgroups)) {
    process->cgroups = parent->cgroups;
    return;
  }
  auto cgroups = std::make_shared<Cgroups>(*make_cgroups(std::move(paths)));
  if (isolated && cgroups->container_id.empty()) {
    if (const CgroupPaths* outside = outside_cgroups(*process)) {
      cgroups->container_full_id = container_name_from_cgroups(cgroups->paths, *outside);
      cgroups->container_id = short_container_id(cgroups->container_full_id);
    }
  }
  process->cgroups = std::move(cgroups);
}

void ProcessTable::Impl::mark_exited(const ProcessPtr& process, int64_t reaper_pid,
                                     uint64_t now_ns) {
  if (process->exited) return;
  process->exited = true;
  changed(process, ProcessChange::EXITED);
  exited.push_back({process, now_ns + kExitedGraceNs});
  Entry* own = entry(process->pid);
  if (own == nullptr || own->process != process || reaper_pid == 0 || !find(reaper_pid)) return;
  const std::unordered_set<int64_t> children = std::move(own->children);
  own->children.clear();
  for (const int64_t child_pid : children) {
    if (const ProcessPtr child = find(child_pid)) set_parent(child, reaper_pid);
  }
}

void ProcessTable::Impl::drop(const ProcessPtr& process) {
  recent = nullptr;
  if (const ProcessPtr parent = process->parent.lock()) {
    if (Entry* parent_entry = entry(parent->pid); parent_entry && parent_entry->process == parent) {
      parent_entry->children.erase(process->pid);
    }
  }
  if (Entry* own = entry(process->pid); own && own->process == process) {
    entries.erase(process->pid);
  }
}

void ProcessTable::Impl::drop_expired(uint64_t now_ns) {
  // Each call looks at a bounded number: those that keep children are put back with a new deadline.
  for (size_t looked_at = 0; looked_at < 16 && !exited.empty(); ++looked_at) {
    Exited oldest = exited.front();
    const bool crowded = exited.size() > kExitedLimit;
    if (oldest.drop_at_ns > now_ns && !crowded) return;
    exited.pop_front();
    Entry* own = entry(oldest.process->pid);
    const bool listed = own != nullptr && own->process == oldest.process;
    if (listed && !own->children.empty() && !crowded) {
      exited.push_back({std::move(oldest.process), now_ns + kExitedGraceNs});
      continue;
    }
    if (listed) drop(oldest.process);
  }
}

ProcessTable::ProcessTable(uint64_t boot_to_epoch_ns)
    : impl_(std::make_unique<Impl>(boot_to_epoch_ns)) {}
ProcessTable::~ProcessTable() = default;

void ProcessTable::identify(std::span<const fc_identity> identities) {
  for (const fc_identity& identity : identities) {
    const ProcessPtr process = impl_->find(identity.pid);
    if (!process || !process->start_time_coarse ||
        !same_identity(*process, identity.start_time_ns)) {
      continue;
    }
    process->start_time_ns = identity.start_time_ns;
    process->start_time_coarse = false;
    process->clone_time_ns = identity.start_time_ns + impl_->boot_to_epoch_ns;
    if (process->exec_id == 0) process->exec_id = identity.exec_id;
    if (process->cgroup_id == 0) process->cgroup_id = identity.cgroup_id;
    impl_->changed(process, ProcessChange::IDENTITY);
  }
  impl_->tell_changes();
}

void ProcessTable::on_change(ChangeHandler handler) { impl_->change_handler = std::move(handler); }

ProcessPtr ProcessTable::apply(const Event& event) {
  ProcessPtr process =
      event.record != nullptr ? impl_->apply_record(event) : impl_->apply_params(event);
  impl_->tell_changes();
  return process;
}

ProcessPtr ProcessTable::add(Process process) {
  CgroupPaths paths = process.cgroups ? process.cgroups->paths : CgroupPaths{};
  process.cgroups = nullptr;
  const ProcessPtr added = impl_->insert(std::move(process), 0);
  impl_->set_cgroups(added, std::move(paths));
  impl_->tell_changes();
  return added;
}

ProcessPtr ProcessTable::add(Process process, CgroupPaths cgroups) {
  process.cgroups = nullptr;
  const ProcessPtr added = impl_->insert(std::move(process), 0);
  impl_->set_cgroups(added, std::move(cgroups));
  return added;
}

void ProcessTable::add_thread(const CapturedThread& thread) {
  if (impl_->threads.size() >= kProcessLimit) return;
  impl_->recent = nullptr;
  impl_->threads[thread.tid] = thread;
  ++impl_->listed_threads[thread.pid];
}

ProcessPtr ProcessTable::as_of_thread(int64_t tid, const ProcessPtr& process) const {
  if (tid == process->pid) return process;
  const auto thread = impl_->threads.find(tid);
  if (thread == impl_->threads.end() ||
      (thread->second.uid == process->uid && thread->second.gid == process->gid)) {
    return process;
  }
  auto seen = std::make_shared<Process>(*process);
  seen->uid = thread->second.uid;
  seen->gid = thread->second.gid;
  return seen;
}

int64_t ProcessTable::inner_tid(int64_t tid) const {
  const auto found = impl_->threads.find(tid);
  return found == impl_->threads.end() ? -1 : found->second.vtid;
}

void ProcessTable::set_boot_time(uint64_t epoch_ns) { impl_->captured_boot_ns = epoch_ns; }

void ProcessTable::note_executable(int64_t tid, std::string path) {
  if (impl_->executables.size() < kProcessLimit) impl_->executables[tid] = std::move(path);
}

void ProcessTable::link_all() {
  for (auto& [pid, entry] : impl_->entries) {
    if (const auto more = impl_->listed_threads.find(pid); more != impl_->listed_threads.end()) {
      entry.process->threads += more->second;
    }
    if (!entry.process->parent.lock()) {
      // Whoever is not in the list was not there (SCAP notes, section 6).
      const int64_t ppid = entry.process->ppid;
      impl_->set_parent(entry.process, impl_->find(ppid) ? ppid : 0);
    }
  }
  impl_->listed_threads.clear();
}

void ProcessTable::clear() {
  impl_->recent = nullptr;
  impl_->entries.clear();
  impl_->threads.clear();
  impl_->executables.clear();
  impl_->ended.clear();
  impl_->ended_order.clear();
  impl_->listed_threads.clear();
  impl_->exited.clear();
}

void ProcessTable::after(const Event& event) {
  if (event.record != nullptr) return impl_->drop_expired(event.time_ns);
  // A capture's events come in order: nothing of what has ended is asked for any more.
  if (impl_->exited.empty()) return;
  for (const Impl::Exited& gone : impl_->exited) impl_->drop(gone.process);
  impl_->exited.clear();
}

ProcessPtr ProcessTable::find(int64_t pid) const { return impl_->find(pid); }

ProcessPtr ProcessTable::find_thread(int64_t tid) const { return impl_->of_thread(tid); }

ProcessPtr ProcessTable::parent(const Process& process) const {
  if (ProcessPtr parent = process.parent.lock()) return parent;
  if (process.ppid == process.pid) return nullptr;
  ProcessPtr candidate = impl_->find(process.ppid);
  // Parents are older than children: a younger one has got the pid of a parent that is gone.
  if (candidate && candidate->start_time_ns > process.start_time_ns + proc_tick_ns())
    return nullptr;
  return candidate;
}

void ProcessTable::track(int64_t pid) {
  std::vector<int64_t> pending{pid};
  while (!pending.empty()) {
    Impl::Entry* entry = impl_->entry(pending.back());
    pending.pop_back();
    if (entry == nullptr || (entry->process->tracked && entry->process->pid != pid)) continue;
    entry->process->tracked = true;
    pending.insert(pending.end(), entry->children.begin(), entry->children.end());
  }
}

std::vector<int64_t> ProcessTable::tracked() const {
  std::vector<int64_t> pids;
  for (const auto& [pid, entry] : impl_->entries) {
    if (entry.process->tracked && !entry.process->exited) pids.push_back(pid);
  }
  return pids;
}

std::vector<int64_t> ProcessTable::descendants(int64_t pid) const {
  std::vector<int64_t> all;
  const auto add_children = [&](int64_t of) {
    if (const Impl::Entry* entry = impl_->entry(of)) {
      all.insert(all.end(), entry->children.begin(), entry->children.end());
    }
  };
  add_children(pid);
  // Inconsistent links can form a loop: no process has more descendants than there are processes.
  for (size_t i = 0; i < all.size() && all.size() <= impl_->entries.size(); ++i) {
    add_children(all[i]);
  }
  return all;
}

std::vector<int64_t> ProcessTable::pids() const {
  std::vector<int64_t> pids;
  for (const auto& [pid, entry] : impl_->entries) {
    if (!entry.process->exited) pids.push_back(pid);
  }
  return pids;
}

size_t ProcessTable::size() const { return impl_->entries.size(); }

}  // namespace falcod
