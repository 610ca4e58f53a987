// The table of facts: one row per field, or per group of fields, and one function per kind of fact.
#include "compiler/ir/event_facts.h"

#include <algorithm>
#include <vector>

namespace falcoc::ir {
namespace {

using Fact = FieldFact (*)(const FieldRef&, EventKind, const EventInfo&, Value&);

FieldFact text(std::string_view text, Value& value) {
  value.set_text(text);
  return FieldFact::VALUE;
}

FieldFact number(uint64_t number, Value& value) {
  value.u64 = number;
  value.size = 0;
  return FieldFact::VALUE;
}

bool has_param(const EventInfo& event, std::string_view name) {
  return std::ranges::find(event.params, name, &ParamInfo::name) != event.params.end();
}

// The event's own name. Async events carry theirs with them.
FieldFact event_name(const FieldRef&, EventKind kind, const EventInfo& event, Value& value) {
  if (event.code == EventCode::ASYNCEVENT) return FieldFact::UNKNOWN;
  return text(event_kind_name(kind), value);
}

/// True if `event` stands for one system call and bears its name.
bool names_its_syscall(const EventInfo& event) {
  bool found = false;
  for (const SyscallInfo& syscall : syscalls()) {
    if (syscall.event != event.code) continue;
    if (syscall.name != event.name) return false;
    found = true;
  }
  return found;
}

// Only system calls have it; where an event stands for several calls, or is called otherwise (pread
// for pread64), the kind does not decide.
FieldFact syscall_name(const FieldRef&, EventKind kind, const EventInfo& event, Value& value) {
  if (event.event_class != EventClass::SYSCALL) return FieldFact::ABSENT;
  if (kind < kGenericBase && !names_its_syscall(event)) return FieldFact::UNKNOWN;
  return text(event_kind_name(kind), value);
}

// Enter events are no longer delivered (RULE-LANGUAGE 4.6).
FieldFact direction(const FieldRef&, EventKind, const EventInfo& event, Value& value) {
  return event.event_class == EventClass::SYSCALL ? text("<", value) : FieldFact::UNKNOWN;
}

// evt.type.is.NAME. Numbers and generic system calls, which Falco's event codes do not tell apart,
// are left to the runtime.
FieldFact is_named(const FieldRef& field, EventKind kind, const EventInfo& event, Value& value) {
  const auto named = event_kinds_named(field.key);
  if (!named || kind >= kGenericBase || event.code == EventCode::ASYNCEVENT) {
    return FieldFact::UNKNOWN;
  }
  return number(named->test(kind), value);
}

template <EventFlag... flags>
FieldFact has_flag(const FieldRef&, EventKind, const EventInfo& event, Value& value) {
  return number((has(event.flags, flags) || ...), value);
}

FieldFact io_direction(const FieldRef&, EventKind, const EventInfo& event, Value&) {
  const bool is_io =
      has(event.flags, EventFlag::READS_FROM_FD) || has(event.flags, EventFlag::WRITES_TO_FD);
  return is_io ? FieldFact::UNKNOWN : FieldFact::ABSENT;
}

// evt.is_open_*: calls that open nothing did not open for reading, either. Whether such events have
// the field at all is left open.
FieldFact opens(const FieldRef&, EventKind, const EventInfo& event, Value& value) {
  switch (event.code) {
    case EventCode::OPEN:
    case EventCode::OPENAT:
    case EventCode::OPENAT2:
    case EventCode::OPEN_BY_HANDLE_AT:
    case EventCode::CREAT:
      return FieldFact::UNKNOWN;
    default:
      number(0, value);
      return FieldFact::VALUE_OR_ABSENT;
  }
}

// evt.arg.NAME, evt.arg[N], evt.rawarg.NAME: the event must have that parameter.
FieldFact parameter(const FieldRef& field, EventKind, const EventInfo& event, Value&) {
  const bool present = !field.key.empty()
                           ? has_param(event, field.key)
                           : field.index >= 0 && field.index < std::ssize(event.params);
  return present ? FieldFact::UNKNOWN : FieldFact::ABSENT;
}

FieldFact buffer(const FieldRef&, EventKind, const EventInfo& event, Value&) {
  return has_param(event, "data") ? FieldFact::UNKNOWN : FieldFact::ABSENT;
}

// Events that neither create, use nor destroy a file descriptor have none (RULE-LANGUAGE 3.9).
FieldFact file_descriptor(const FieldRef&, EventKind, const EventInfo& event, Value&) {
  using enum EventFlag;
  const bool has_fd =
      has(event.flags, CREATES_FD) || has(event.flags, USES_FD) || has(event.flags, DESTROYS_FD);
  return has_fd ? FieldFact::UNKNOWN : FieldFact::ABSENT;
}

struct Row {
  std::string_view field;  ///< exact name
  Fact fact;
};

constexpr Row kFacts[] = {
    {"evt.type", event_name},
    {"syscall.type", syscall_name},
    {"evt.dir", direction},
    {"evt.type.is", is_named},
    {"evt.is_io", has_flag<EventFlag::READS_FROM_FD, EventFlag::WRITES_TO_FD>},
    {"evt.is_io_read", has_flag<EventFlag::READS_FROM_FD>},
    {"evt.is_io_write", has_flag<EventFlag::WRITES_TO_FD>},
    {"evt.is_wait", has_flag<EventFlag::WAITS>},
    {"evt.io_dir", io_direction},
    {"evt.is_open_read", opens},
    {"evt.is_open_write", opens},
    {"evt.is_open_exec", opens},
    {"evt.is_open_create", opens},
    {"evt.arg", parameter},
    {"evt.rawarg", parameter},
    {"evt.buffer", buffer},
};

/// The fields of class fd describe the event's file descriptor, but for fd.types, which is about
/// all descriptors of the process.
bool describes_file_descriptor(const FieldInfo& field) {
  return field.name.starts_with("fd.") && field.id != FieldId::fd_types;
}

Fact fact_of(FieldId field) {
  static const auto facts = [] {
    std::vector<Fact> table(static_cast<size_t>(FieldId::COUNT), nullptr);
    for (const FieldInfo& info : fields()) {
      if (describes_file_descriptor(info)) table[static_cast<size_t>(info.id)] = file_descriptor;
    }
    for (const Row& row : kFacts) {
      if (const FieldInfo* info = find_field(row.field))
        table[static_cast<size_t>(info->id)] = row.fact;
    }
    return table;
  }();
  return facts[static_cast<size_t>(field)];
}

}  // namespace

bool has_event_facts(FieldId field) { return fact_of(field) != nullptr; }

FieldFact event_fact(const FieldRef& field, EventKind kind, Value& value) {
  const Fact fact = fact_of(field.id);
  const EventInfo* event = event_of_kind(kind);
  return fact && event ? fact(field, kind, *event, value) : FieldFact::UNKNOWN;
}

}  // namespace falcoc::ir
