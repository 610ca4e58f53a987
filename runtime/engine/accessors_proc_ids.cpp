// Fields of class process about who it is: ids, sessions, groups, times.
#include "runtime/engine/process_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

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

/// Of whom a capture tells nothing but a thread's number, as Falco has it.
int64_t pid_of(const Process& process) { return process.is_placeholder ? -1 : process.pid; }

bool put_since(void* context, uint64_t start_ns, Value& out) {
  const uint64_t now = of(context).event->time_ns;
  return start_ns != 0 && now >= start_ns && put_unsigned(out, now - start_ns);
}

}  // namespace

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
  return put_signed(out, pid_of(process_of(context)));
}
bool proc_ppid(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_signed(out, process.parent_tid != 0 ? process.parent_tid : process.ppid);
}
bool proc_apid(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_signed(value, pid_of(process));
  });
}
bool proc_vpid(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_signed(out, process.is_vpid_known ? process.vpid : -1);
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

}  // namespace falcod::access
