// Fields of class process: proc.* and thread.*.
#include <unistd.h>

#include <algorithm>

#include "runtime/engine/accessors.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Shape;
using falcoc::Value;

constexpr size_t kEnvAncestors = 20;  // how far proc.aenv[NAME] looks (RULE-LANGUAGE 4.4)

const Process& process_of(void* context) { return *of(context).process; }

ProcessPtr parent_of(void* context) { return of(context).processes->parent(process_of(context)); }

/// Calls `visit` for the proper ancestors, parent first, until it returns false.
template <typename Visit>
void for_each_ancestor(const EventContext& context, Visit visit) {
  ProcessPtr ancestor = context.processes->parent(*context.process);
  for (size_t depth = 0; ancestor && depth < kMaxAncestors; ++depth) {
    if (!visit(*ancestor)) return;
    ancestor = context.processes->parent(*ancestor);
  }
}

/// [0] is the process itself, [n] its nth ancestor, null if the chain is shorter.
ProcessPtr nth_ancestor(const EventContext& context, int64_t n) {
  ProcessPtr process = context.process;
  for (int64_t i = 0; process && i < n && i < static_cast<int64_t>(kMaxAncestors); ++i) {
    process = context.processes->parent(*process);
  }
  return n > static_cast<int64_t>(kMaxAncestors) ? nullptr : process;
}

/// `Get` puts one process's value; the field is that of one ancestor or the list of all.
template <typename Get>
bool ancestors(void* context, const FieldRef& field, Value& out, Get get) {
  const int64_t index = numeric_argument(field);
  if (index >= 0) {
    const ProcessPtr process = nth_ancestor(of(context), index);
    return process && get(*process, out);
  }
  std::vector<Value> values;
  for_each_ancestor(of(context), [&](const Process& process) {
    Value value;
    if (get(process, value)) values.push_back(value);
    return true;
  });
  return !values.empty() && put_items(of(context), out, std::move(values));
}

/// Values of a possibly dying object are copied, those of the event's process and its living
/// ancestors borrowed: the table forgets nobody before the event is done.
bool put_exe_path(const Process& process, Value& out) {
  return !process.image->exe_path.empty() && put_text(out, process.image->exe_path);
}

std::string command_line(std::string_view name, const Process& process) {
  std::string text(name);
  if (!process.image->args.empty()) text.append(1, ' ').append(process.image->args_text);
  return text;
}

bool put_command_line(const EventContext& context, std::string_view name, const Process& process,
                      Value& out) {
  if (process.image->args.empty()) return put_text(out, name);
  return put_built(context, out, command_line(name, process));
}

/// Value of a variable, null if it is not set.
const char* find_variable(const Process& process, std::string_view name, size_t& size) {
  for (const std::string& variable : process.image->env) {
    if (variable.size() > name.size() && variable.starts_with(name) &&
        variable[name.size()] == '=') {
      size = variable.size() - name.size() - 1;
      return variable.data() + name.size() + 1;
    }
  }
  return nullptr;
}

std::string environment_text(const Process& process) {
  std::string text;
  for (const std::string& variable : process.image->env) {
    if (!text.empty()) text += ' ';
    text += variable;
  }
  return text;
}

/// Leader of a group or session, or the eldest ancestor that still belongs to it.
template <typename Belongs>
ProcessPtr leader(void* context, int64_t leader_pid, Belongs belongs) {
  const EventContext& event = of(context);
  if (ProcessPtr known = event.processes->find(leader_pid); known && belongs(*known)) return known;
  ProcessPtr eldest = event.process;
  for (size_t depth = 0; depth < kMaxAncestors; ++depth) {
    ProcessPtr next = event.processes->parent(*eldest);
    if (!next || !belongs(*next)) break;
    eldest = std::move(next);
  }
  return eldest;
}

ProcessPtr session_leader(void* context) {
  const int64_t sid = process_of(context).sid;
  return leader(context, sid, [sid](const Process& process) { return process.sid == sid; });
}

ProcessPtr group_leader(void* context) {
  const int64_t pgid = process_of(context).pgid;
  return leader(context, pgid, [pgid](const Process& process) { return process.pgid == pgid; });
}

bool put_capabilities(const EventContext& context, uint64_t set, Value& out) {
  std::string text;
  for (const falcoc::FlagName& flag : falcoc::flag_table(falcoc::FlagTableId::capabilities).flags) {
    if ((set & flag.value) == 0) continue;
    if (!text.empty()) text += ' ';
    text += flag.name;
  }
  return put_built(context, out, std::move(text));
}

bool put_since(void* context, uint64_t start_ns, Value& out) {
  const uint64_t now = of(context).event->time_ns;
  return start_ns != 0 && now >= start_ns && put_unsigned(out, now - start_ns);
}

bool put_exe_flag(void* context, uint32_t flag, Value& out) {
  return put_bool(out, (process_of(context).image->exe_flags & flag) != 0);
}

/// Standard input, output or error as they are at the event.
bool put_standard_type(void* context, int number, Value& out) {
  FdInfo fd;
  const EventContext& event = of(context);
  return event.descriptors->describe_standard(*event.event, number, fd) && !fd.type.empty() &&
         put_text(out, fd.type);
}

bool put_standard_name(void* context, int number, Value& out) {
  FdInfo fd;
  const EventContext& event = of(context);
  return event.descriptors->describe_standard(*event.event, number, fd) && fd.has_name &&
         put_built(event, out, std::move(fd.name));
}

bool is_main_thread(void* context) {
  const Event& event = *of(context).event;
  return event.tid == process_of(context).pid;
}

}  // namespace

// ---- executable and arguments

bool proc_exe(void* context, const FieldRef&, Value& out) {
  return put_text(out, process_of(context).image->exe);
}
bool proc_pexe(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_text(out, parent->image->exe);
}
bool proc_aexe(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_text(value, process.image->exe);
  });
}
bool proc_exepath(void* context, const FieldRef&, Value& out) {
  return put_exe_path(process_of(context), out);
}
bool proc_pexepath(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_exe_path(*parent, out);
}
bool proc_aexepath(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, put_exe_path);
}
bool proc_name(void* context, const FieldRef&, Value& out) {
  return put_text(out, process_of(context).comm);
}
bool proc_pname(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_text(out, parent->comm);
}
bool proc_aname(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_text(value, process.comm);
  });
}
bool proc_args(void* context, const FieldRef& field, Value& out) {
  const Image& image = *process_of(context).image;
  const int64_t index = numeric_argument(field);
  if (index < 0) return put_text(out, image.args_text);
  const auto position = static_cast<size_t>(index);
  // Out of range is empty, not absent (quirk Q27).
  return put_text(out, position < image.args.size() ? std::string_view(image.args[position])
                                                    : std::string_view{});
}
bool proc_aargs(void* context, const FieldRef& field, Value& out) {
  const int64_t index = numeric_argument(field);
  if (index >= 0) {
    const ProcessPtr process = nth_ancestor(of(context), index);
    return process && put_text(out, process->image->args_text);
  }
  std::string text;
  bool any = false;
  for_each_ancestor(of(context), [&](const Process& process) {
    if (any) text += ' ';
    text += process.image->args_text;
    return any = true;
  });
  return any && put_built(of(context), out, std::move(text));
}
bool proc_cmdline(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_command_line(of(context), process.comm, process, out);
}
bool proc_pcmdline(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_command_line(of(context), parent->comm, *parent, out);
}
bool proc_acmdline(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [&](const Process& process, Value& value) {
    return put_command_line(of(context), process.comm, process, value);
  });
}
bool proc_exeline(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_command_line(of(context), process.image->exe, process, out);
}
bool proc_cmdnargs(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).image->args.size());
}
bool proc_cmdlenargs(void* context, const FieldRef&, Value& out) {
  uint64_t length = 0;
  for (const std::string& argument : process_of(context).image->args) length += argument.size();
  return put_unsigned(out, length);
}

// ---- environment and directory

bool proc_env(void* context, const FieldRef& field, Value& out) {
  // A number as argument means the whole environment (quirk Q28).
  if (field.key.empty() || numeric_argument(field) >= 0) {
    return put_built(of(context), out, environment_text(process_of(context)));
  }
  size_t size = 0;
  const char* value = find_variable(process_of(context), field.key, size);
  return put_text(out, value != nullptr ? std::string_view(value, size) : std::string_view{});
}
bool proc_aenv(void* context, const FieldRef& field, Value& out) {
  const auto whole = [&](const Process& process, Value& value) {
    return put_built(of(context), value, environment_text(process));
  };
  if (field.key.empty() || numeric_argument(field) >= 0) {
    return ancestors(context, field, out, whole);
  }
  std::string_view found;
  size_t looked_at = 0;
  for_each_ancestor(of(context), [&](const Process& process) {
    size_t size = 0;
    if (const char* value = find_variable(process, field.key, size)) found = {value, size};
    return found.empty() && ++looked_at < kEnvAncestors;
  });
  Value value;
  put_text(value, found);
  if (field.shape == Shape::SCALAR) {
    out = value;
    return true;
  }
  return put_items(of(context), out, {value});
}
bool proc_cwd(void* context, const FieldRef&, Value& out) {
  return !process_of(context).cwd.empty() && put_text(out, process_of(context).cwd);
}

// ---- ids, sessions and groups

bool proc_loginshellid(void* context, const FieldRef&, Value& out) {
  int64_t shell = -1;
  const auto visit = [&](const Process& process) {
    if (process.comm.ends_with("sh")) shell = process.pid;
    return true;
  };
  visit(process_of(context));
  for_each_ancestor(of(context), visit);
  return shell >= 0 && put_signed(out, shell);
}
bool proc_tty(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).tty);
}
bool proc_pid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).pid);
}
bool proc_ppid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).ppid);
}
bool proc_apid(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_signed(value, process.pid);
  });
}
bool proc_vpid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).vpid);
}
bool proc_pvpid(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_signed(out, parent->vpid);
}
bool proc_sid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).sid);
}
bool proc_sname(void* context, const FieldRef&, Value& out) {
  return put_text(out, session_leader(context)->comm);
}
bool proc_sid_exe(void* context, const FieldRef&, Value& out) {
  return put_text(out, session_leader(context)->image->exe);
}
bool proc_sid_exepath(void* context, const FieldRef&, Value& out) {
  return put_exe_path(*session_leader(context), out);
}
bool proc_vpgid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).vpgid);
}
bool proc_pgid(void* context, const FieldRef&, Value& out) {
  return put_signed(out, process_of(context).pgid);
}
bool proc_pgid_name(void* context, const FieldRef&, Value& out) {
  return put_text(out, group_leader(context)->comm);
}
bool proc_pgid_exe(void* context, const FieldRef&, Value& out) {
  return put_text(out, group_leader(context)->image->exe);
}
bool proc_pgid_exepath(void* context, const FieldRef&, Value& out) {
  return put_exe_path(*group_leader(context), out);
}
bool proc_is_sid_leader(void* context, const FieldRef&, Value& out) {
  return put_bool(out, process_of(context).sid == process_of(context).pid);
}
bool proc_is_vpgid_leader(void* context, const FieldRef&, Value& out) {
  return put_bool(out, process_of(context).vpgid == process_of(context).vpid);
}
bool proc_is_pgid_leader(void* context, const FieldRef&, Value& out) {
  return put_bool(out, process_of(context).pgid == process_of(context).pid);
}

// ---- times

bool proc_duration(void* context, const FieldRef&, Value& out) {
  return put_since(context, process_of(context).clone_time_ns, out);
}
bool proc_ppid_duration(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_since(context, parent->clone_time_ns, out);
}
bool proc_pid_ts(void* context, const FieldRef&, Value& out) {
  const uint64_t start = process_of(context).clone_time_ns;
  return start != 0 && put_unsigned(out, start);
}
bool proc_ppid_ts(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && parent->clone_time_ns != 0 && put_unsigned(out, parent->clone_time_ns);
}
bool proc_pidns_init_start_ts(void* context, const FieldRef&, Value& out) {
  const uint64_t start = process_of(context).pidns_start_ns;
  return start != 0 && put_unsigned(out, start);
}

// ---- standard descriptors

bool proc_stdin_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDIN_FILENO, out);
}
bool proc_stdout_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDOUT_FILENO, out);
}
bool proc_stderr_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDERR_FILENO, out);
}
bool proc_stdin_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDIN_FILENO, out);
}
bool proc_stdout_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDOUT_FILENO, out);
}
bool proc_stderr_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDERR_FILENO, out);
}

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
bool proc_fdlimit(void* context, const FieldRef&, Value& out) {
  return put_signed(out, static_cast<int64_t>(process_of(context).fd_limit));
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
  return put_signed(out, is_main_thread(context) ? process_of(context).vpid : event.tid);
}
bool thread_nametid(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out,
                   process_of(context).comm + std::to_string(of(context).event->tid));
}
bool thread_cgroups(void* context, const FieldRef&, Value& out) {
  std::string text;
  for (const auto& [controller, path] : process_of(context).cgroups->paths) {
    if (!text.empty()) text += ' ';
    text.append(controller).append(1, '=').append(path);
  }
  return put_built(of(context), out, std::move(text));
}
bool thread_cgroup(void* context, const FieldRef& field, Value& out) {
  for (const auto& [controller, path] : process_of(context).cgroups->paths) {
    if (controller == field.key) return put_text(out, path);
  }
  return false;
}

}  // namespace falcod::access
