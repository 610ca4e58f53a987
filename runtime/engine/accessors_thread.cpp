// Fields of class process about its executable's file, its resources and its threads.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "runtime/engine/process_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

bool put_capabilities(const EventContext& context, uint64_t set, Value& out) {
  std::string& text = scratch(context);
  for (const falcoc::FlagName& flag : falcoc::flag_table(falcoc::FlagTableId::capabilities).flags) {
    if ((set & flag.value) == 0) continue;
    if (!text.empty()) text += ' ';
    text += flag.name;
  }
  return put_built(context, out, text);
}

/// Controllers of version 2: without a hierarchy of their own they are in the unified one, which
/// has no name.
bool is_unified_controller(std::string_view name) {
  constexpr std::string_view kControllers[] = {"cpuset", "cpu",  "io",   "memory",    "hugetlb",
                                               "pids",   "rdma", "misc", "perf_event"};
  return std::ranges::find(kControllers, name) != std::end(kControllers);
}

bool put_exe_flag(void* context, uint32_t flag, Value& out) {
  return put_bool(out, (process_of(context).image->exe_flags & flag) != 0);
}

}  // namespace

// ---- executable file

bool proc_is_exe_writable(void* context, const FieldRef&, Value& out) {
  return put_exe_flag(context, FC_EXE_WRITABLE, out);
}
bool proc_is_exe_upper_layer(void* context, const FieldRef&, Value& out) {
  return put_exe_flag(context, FC_EXE_UPPER_LAYER, out);
}
bool proc_is_exe_lower_layer(void* context, const FieldRef&, Value& out) {
  return put_exe_flag(context, FC_EXE_LOWER_LAYER, out);
}
bool proc_is_exe_from_memfd(void* context, const FieldRef&, Value& out) {
  return put_exe_flag(context, FC_EXE_FROM_MEMFD, out);
}
bool proc_exe_ino(void* context, const FieldRef&, Value& out) {
  const uint64_t inode = process_of(context).image->exe_ino;
  return inode != 0 && put_signed(out, static_cast<int64_t>(inode));
}
bool proc_exe_ino_ctime(void* context, const FieldRef&, Value& out) {
  const uint64_t time = process_of(context).image->exe_ctime_ns;
  return time != 0 && put_unsigned(out, time);
}
bool proc_exe_ino_mtime(void* context, const FieldRef&, Value& out) {
  const uint64_t time = process_of(context).image->exe_mtime_ns;
  return time != 0 && put_unsigned(out, time);
}
bool proc_exe_ino_ctime_duration_proc_start(void* context, const FieldRef&, Value& out) {
  const uint64_t changed = process_of(context).image->exe_ctime_ns;
  const uint64_t started = process_of(context).clone_time_ns;
  return changed != 0 && started >= changed && put_unsigned(out, started - changed);
}
bool proc_exe_ino_ctime_duration_pidns_start(void* context, const FieldRef&, Value& out) {
  const uint64_t changed = process_of(context).image->exe_ctime_ns;
  const uint64_t started = process_of(context).pidns_start_ns;
  return started != 0 && changed >= started && put_unsigned(out, changed - started);
}

// ---- capabilities, limits, memory

bool thread_cap_permitted(void* context, const FieldRef&, Value& out) {
  return put_capabilities(of(context), process_of(context).cap_permitted, out);
}
bool thread_cap_inheritable(void* context, const FieldRef&, Value& out) {
  return put_capabilities(of(context), process_of(context).cap_inheritable, out);
}
bool thread_cap_effective(void* context, const FieldRef&, Value& out) {
  return put_capabilities(of(context), process_of(context).cap_effective, out);
}
bool proc_vmsize(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).vm_size_kb);
}
bool proc_vmrss(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).vm_rss_kb);
}
bool proc_vmswap(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).vm_swap_kb);
}
bool thread_pfmajor(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).maj_faults);
}
bool thread_pfminor(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).min_faults);
}
bool thread_vmsize(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, is_main_thread(context) ? process_of(context).vm_size_kb : 0);
}
bool thread_vmrss(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, is_main_thread(context) ? process_of(context).vm_rss_kb : 0);
}
bool thread_vmsize_b(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, is_main_thread(context) ? process_of(context).vm_size_kb * 1024 : 0);
}
bool thread_vmrss_b(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, is_main_thread(context) ? process_of(context).vm_rss_kb * 1024 : 0);
}

// ---- thread

bool thread_tid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, of(context).event->tid);
}
bool thread_ismain(void* context, const FieldRef&, Value& out) {
  return put_bool(out, is_main_thread(context));
}
bool thread_vtid(void* context, const FieldRef&, Value& out) {
  const Event& event = *of(context).event;
  if (event.record != nullptr) return put_signed(out, event.record->task.vtid);
  if (is_main_thread(context)) {
    return put_signed(out, process_of(context).is_vpid_known ? process_of(context).vpid : -1);
  }
  const int64_t inner = of(context).processes->inner_tid(event.tid);
  return put_signed(out, inner > 0 ? inner : event.tid);
}
bool thread_nametid(void* context, const FieldRef&, Value& out) {
  std::string& text = scratch(of(context));
  fmt::format_to(std::back_inserter(text), "{}{}", process_of(context).comm,
                 of(context).event->tid);
  return put_built(of(context), out, text);
}
bool thread_cgroups(void* context, const FieldRef&, Value& out) {
  std::string& text = scratch(of(context));
  for (const auto& [controller, path] : process_of(context).cgroups->paths) {
    if (!text.empty()) text += ' ';
    text.append(controller).append(1, '=').append(path);
  }
  return !text.empty() && put_built(of(context), out, text);
}
bool thread_cgroup(void* context, const FieldRef& field, Value& out) {
  const auto& paths = process_of(context).cgroups->paths;
  const auto path_of = [&](std::string_view name) {
    return std::ranges::find(paths, name,
                             [](const auto& entry) { return std::string_view(entry.first); });
  };
  auto found = path_of(field.key);
  if (found == paths.end() && is_unified_controller(field.key)) found = path_of("");
  return found != paths.end() && put_text(out, found->second);
}

// ---- numbers of threads

bool proc_nthreads(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).threads);
}
bool proc_nchilds(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  const bool counts_main = process.threads > 0 && !process.main_thread_gone;
  return put_unsigned(out, process.threads - (counts_main ? 1 : 0));
}

// ---- times on the processor: what the events of scheduler and process information tell

bool thread_exectime(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).history->exec_time_ns());
}
bool thread_totexectime(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).history->total_exec_time_ns(of(context).event->tid));
}
bool thread_cpu(void* context, const FieldRef&, Value& out) {
  const auto usage = of(context).history->cpu_usage();
  return usage && put_double(out, usage->total);
}
bool thread_cpu_user(void* context, const FieldRef&, Value& out) {
  const auto usage = of(context).history->cpu_usage();
  return usage && put_double(out, usage->user);
}
bool thread_cpu_system(void* context, const FieldRef&, Value& out) {
  const auto usage = of(context).history->cpu_usage();
  return usage && put_double(out, usage->system);
}

}  // namespace falcod::access
