// Births and ends of captured processes and threads (rules: SCAP notes, section 6). Either side of
// a clone may report first, or alone; ends hand children over.
#include <algorithm>

#include "runtime/state/captured_params.h"
#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

using falcoc::EventCode;

// flags.def, clone_flags
constexpr uint64_t kNewPid = 64, kCloneParent = 256, kCloneThread = 8192, kCloneVfork = 134217728,
                   kChildInPidns = 536870912;
/// The parent's side does not know the child well enough: the child's own tells.
constexpr uint64_t kOnlyByChild = kChildInPidns | kNewPid | kCloneParent | kCloneVfork;
constexpr uint64_t kSameForkNs = 2'000'000'000;  // both sides of one fork are this close
constexpr size_t kMaxThreads = 262144;

uint64_t flags_of(const Event& event) { return unsigned_of(param_named(event, "flags")); }

bool is_recent(uint64_t then_ns, uint64_t now_ns) { return then_ns + kSameForkNs >= now_ns; }

/// The image of a new process: its parent's, with the arguments that the event tells if those are
/// others (the parent missed an execve, or is not known).
std::shared_ptr<const Image> image_of(const std::shared_ptr<const Image>& parents,
                                      const Event& event) {
  const std::string_view exe = known_text(param_named(event, "exe"));
  const Param args = param_named(event, "args");
  const auto texts = texts_of(bytes_of(args));
  const bool same = parents != nullptr && (exe.empty() || parents->exe == exe) &&
                    (args.size == 0 || std::ranges::equal(parents->args, texts));
  if (same) return parents;
  auto image = parents == nullptr ? std::make_shared<Image>() : std::make_shared<Image>(*parents);
  image->exe = exe;
  image->args.assign(texts.begin(), texts.end());
  image->join_args();
  return image;
}

/// What either side's event tells of the new process.
void apply_event(Process& child, const Event& event) {
  child.image = image_of(child.image, event);
  const std::string_view comm = known_text(param_named(event, "comm"));
  child.comm = comm.empty() ? child.image->exe : comm;
  child.start_time_ns = child.clone_time_ns = event.time_ns;
  assign(child.uid, param_named(event, "uid"));
  assign(child.gid, param_named(event, "gid"));
  assign(child.fd_limit, param_named(event, "fdlimit"));
  assign(child.vm_size_kb, param_named(event, "vm_size"));
  assign(child.vm_rss_kb, param_named(event, "vm_rss"));
  assign(child.vm_swap_kb, param_named(event, "vm_swap"));
  assign(child.maj_faults, param_named(event, "pgft_maj"));
  assign(child.min_faults, param_named(event, "pgft_min"));
}

CapturedThread thread_of(const Event& event, int64_t tid, int64_t pid, int64_t vtid) {
  CapturedThread thread{.tid = tid, .pid = pid, .vtid = vtid};
  assign(thread.uid, param_named(event, "uid"));
  assign(thread.gid, param_named(event, "gid"));
  return thread;
}

/// The process's number inside, where the event tells.
void assign_vpid(Process& process, const Event& event) {
  const Param vpid = param_named(event, "vpid");
  if (vpid.size == 0) return;
  process.vpid = signed_of(vpid);
  process.is_vpid_known = true;
}

/// A copy of the parent that is nobody's parent, not ended, of one thread.
Process copy_of(const Process& parent) {
  Process child = parent;
  child.parent.reset();
  child.exited = child.main_thread_gone = child.is_subreaper = false;
  child.threads = 1;
  child.is_vpid_known = true;
  return child;
}

/// Of whom only this clone event tells.
Process stranger(const Event& event, int64_t pid) {
  Process process = placeholder(pid);
  process.is_placeholder = false;
  process.comm.clear();
  process.image = nullptr;
  apply_event(process, event);
  process.clone_time_ns = process.start_time_ns = 0;
  return process;
}

}  // namespace

void ProcessTable::Impl::add_thread(const ProcessPtr& process, const CapturedThread& thread) {
  if (thread.tid == process->pid || threads.size() >= kMaxThreads) return;
  recent = nullptr;
  const auto [known, is_new] = threads.try_emplace(thread.tid);
  if (is_new || known->second.pid != process->pid) ++process->threads;
  known->second = thread;
}

void ProcessTable::Impl::forget_threads(const Process& process) {
  const bool has_others = process.threads > 1 || process.main_thread_gone;
  if (!has_others) return;
  recent = nullptr;
  std::erase_if(threads, [&](const auto& thread) { return thread.second.pid == process.pid; });
}

bool ProcessTable::Impl::ended_just_now(int64_t tid, uint64_t now_ns) {
  const auto end = ended.find(tid);
  return end != ended.end() && is_recent(end->second, now_ns);
}

ProcessPtr ProcessTable::Impl::clone_from_params(const Event& event) {
  return event.ret == 0 ? clone_by_child(event) : clone_by_parent(event);
}

ProcessPtr ProcessTable::Impl::clone_by_parent(const Event& event) {
  const int64_t pid = signed_of(param_named(event, "pid"));
  ProcessPtr process = event.pid > 0 ? find(event.pid) : of_thread(event.tid);
  if (!process || process->exited) {
    process = insert(stranger(event, pid > 0 ? pid : event.tid), event.time_ns);
    const int64_t parent_tid = signed_of(param_named(event, "ptid"));
    set_parent(process, parent_tid);
    assign_vpid(*process, event);
  } else if (process->is_placeholder) {
    process->is_placeholder = false;
    set_parent(process, signed_of(param_named(event, "ptid")));
    assign_vpid(*process, event);
  }
  if (event.ret < 0) return process;

  const uint64_t flags = flags_of(event);
  const bool by_child = (flags & kOnlyByChild) != 0 ||
                        static_cast<EventCode>(event.kind) == EventCode::VFORK ||
                        process->vpid != process->pid;
  if (by_child || ended_just_now(event.ret, event.time_ns)) return process;
  if ((flags & kCloneThread) != 0) {
    add_thread(process, thread_of(event, event.ret, process->pid, event.ret));
    return process;
  }
  const ProcessPtr known = find(event.ret);
  if (known && !known->exited && is_recent(known->clone_time_ns, event.time_ns)) return process;
  Process child = copy_of(*process);
  child.pid = child.vpid = event.ret;
  child.ppid = process->pid;
  child.parent_tid = event.tid == process->pid ? 0 : event.tid;
  apply_event(child, event);
  threads.erase(event.ret);  // a number used again
  insert(std::move(child), event.time_ns);
  return process;
}

ProcessPtr ProcessTable::Impl::clone_by_child(const Event& event) {
  int64_t pid = signed_of(param_named(event, "pid"));
  if (pid <= 0) pid = event.tid;
  const uint64_t flags = flags_of(event);
  const int64_t vtid =
      param_named(event, "vtid").size > 0 ? signed_of(param_named(event, "vtid")) : event.tid;
  if ((flags & kCloneThread) != 0 && pid != event.tid) {
    ProcessPtr process = find(pid);
    if (!process || process->exited) {
      // Its main thread is not known; what the thread is tells what the process is.
      process = insert(stranger(event, pid), event.time_ns);
      assign_vpid(*process, event);
      set_parent(process, signed_of(param_named(event, "ptid")));
    }
    add_thread(process, thread_of(event, event.tid, pid, vtid));
    return process;
  }
  if (ProcessPtr known = find(pid);
      known && !known->exited && is_recent(known->clone_time_ns, event.time_ns)) {
    return known;
  }
  const int64_t parent_tid = signed_of(param_named(event, "ptid"));
  const ProcessPtr parent = of_thread(parent_tid);
  Process child = parent && !parent->is_placeholder ? copy_of(*parent) : stranger(event, pid);
  child.pid = child.vpid = pid;
  child.ppid = parent ? parent->pid : parent_tid;
  child.parent_tid = child.ppid == parent_tid ? 0 : parent_tid;
  assign_vpid(child, event);
  apply_event(child, event);
  const uint64_t space_start = unsigned_of(param_named(event, "pidns_init_start_ts"));
  const bool inside = child.vpid != child.pid;
  if (captured_boot_ns != 0) {
    child.pidns_start_ns = captured_boot_ns + (inside ? space_start : 0);
  }
  threads.erase(pid);  // a number used again
  const ProcessPtr process = insert(std::move(child), event.time_ns);
  const Param cgroups = param_named(event, "cgroups");
  if (cgroups.size > 0) set_cgroups(process, captured_cgroups(bytes_of(cgroups)));
  return process;
}

ProcessPtr ProcessTable::Impl::reaper_of(const Process& process, int64_t reaper_tid) {
  if (reaper_tid > 0) {
    if (ProcessPtr reaper = of_thread(reaper_tid)) return reaper;
  }
  const bool inside = process.vpid != process.pid;
  ProcessPtr ancestor = find(process.ppid);
  for (size_t depth = 0; ancestor && depth < kMaxAncestors; ++depth) {
    if ((ancestor->vpid != ancestor->pid) != inside) break;
    const bool reaps = ancestor->is_subreaper || ancestor->pid == 1 || ancestor->vpid == 1;
    if (reaps && !ancestor->exited) return ancestor;
    ancestor = find(ancestor->ppid);
  }
  return nullptr;
}

void ProcessTable::Impl::exit_from_params(const ProcessPtr& process, const Event& event) {
  while (!ended_order.empty() && (!is_recent(ended_order.front().second, event.time_ns) ||
                                  ended_order.size() >= kMaxThreads)) {
    const auto [tid, time_ns] = ended_order.front();
    if (const auto old = ended.find(tid); old != ended.end() && old->second == time_ns) {
      ended.erase(old);
    }
    ended_order.pop_front();
  }
  ended[event.tid] = event.time_ns;
  ended_order.emplace_back(event.tid, event.time_ns);
  if (event.tid == process->pid) {
    process->main_thread_gone = true;
  } else {
    threads.erase(event.tid);
    recent = nullptr;
  }
  if (process->threads > 0) --process->threads;
  if (process->threads > 0) return;
  const ProcessPtr reaper = reaper_of(*process, signed_of(param_named(event, "reaper_tid")));
  if (reaper) reaper->is_subreaper = true;
  if (const Entry* own = entry(process->pid); own != nullptr && own->process == process) {
    const std::vector<int64_t> children(own->children.begin(), own->children.end());
    for (const int64_t child : children) {
      const ProcessPtr orphan = find(child);
      if (!orphan) continue;
      orphan->parent_tid = 0;
      set_parent(orphan, reaper && reaper != orphan ? reaper->pid : 0);
    }
  }
  mark_exited(process, 0, event.time_ns);
}

}  // namespace falcod
