// Events and system calls, expanded from events.def and syscalls.def.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/catalog/catalog.h"

namespace falcoc {
namespace {

// `extra` column of a parameter row: PLAIN, TABLE(id), DIRFD(n) or DYNAMIC(kind).
struct Extra {
  FlagTableId table = FlagTableId::none;
  int8_t dirfd = -1;
  DynamicKind dynamic = DynamicKind::none;
};
#define EXTRA_PLAIN \
  Extra {}
#define EXTRA_TABLE(id) \
  Extra { .table = FlagTableId::id }
#define EXTRA_DIRFD(n) \
  Extra { .dirfd = n }
#define EXTRA_DYNAMIC(kind) \
  Extra { .dynamic = DynamicKind::kind }

constexpr ParamInfo param(std::string_view name, ParamType type, PrintFormat format, Extra extra) {
  return {.name = name,
          .type = type,
          .format = format,
          .table = extra.table,
          .dirfd = extra.dirfd,
          .dynamic = extra.dynamic};
}

constexpr ParamInfo kParams[] = {
#define EVENT(...)
#define PARAM(event, name, type, format, extra, source) \
  param(#name, ParamType::type, PrintFormat::format, EXTRA_##extra),
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
};

// The position of each event's first parameter in kParams: an event's enumerator takes the value of
// the parameter that follows it and gives it back.
enum ParamPosition : ptrdiff_t {
#define EVENT(code, id, ...) FIRST_##id, BEFORE_##id = FIRST_##id - 1,
#define PARAM(event, name, ...) AT_##event##_##name,
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
  PARAM_COUNT
};
static_assert(PARAM_COUNT == std::size(kParams));

struct Row {
  EventInfo info;
  ptrdiff_t first_param;
};

constexpr auto rows() {
  using enum EventFlag;
  return std::to_array<Row>({
#define EVENT(code, id, name, event_class, category, flags)                                     \
  Row{.info =                                                                                   \
          {EventCode::id, name, EventClass::event_class, EventCategory::category, (flags), {}}, \
      .first_param = FIRST_##id},
#define PARAM(...)
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
  });
}

constexpr auto build_events() {
  constexpr auto table = rows();
  std::array<EventInfo, table.size()> result{};
  for (size_t i = 0; i < table.size(); ++i) {
    result[i] = table[i].info;
    const ptrdiff_t end = i + 1 < table.size() ? table[i + 1].first_param : PARAM_COUNT;
    result[i].params = {kParams + table[i].first_param,
                        static_cast<size_t>(end - table[i].first_param)};
  }
  return result;
}
constexpr auto kEvents = build_events();

constexpr SyscallInfo kSyscalls[] = {
#define SYSCALL(code, name, event, x86_64, ia32, aarch64) \
  {code, #name, EventCode::event, x86_64, ia32, aarch64},
#define SYSCALL_IA32_ALIAS(...)
#include "compiler/catalog/syscalls.def"
#undef SYSCALL
#undef SYSCALL_IA32_ALIAS
};

constexpr SyscallAlias kIa32Aliases[] = {
#define SYSCALL(...)
#define SYSCALL_IA32_ALIAS(name, nr) {#name, nr},
#include "compiler/catalog/syscalls.def"
#undef SYSCALL
#undef SYSCALL_IA32_ALIAS
};

/// Everything that is looked up by name or kind, built once on first use and constant from then on.
struct Index {
  std::array<const EventInfo*, kGenericBase> by_code{};
  std::array<const SyscallInfo*, kEventKinds - kGenericBase> generic{};
  std::unordered_map<std::string_view, EventSet> by_name;
  EventSet all;

  Index() {
    for (const EventInfo& event : kEvents) {
      by_code[static_cast<size_t>(event.code)] = &event;
      EventSet& named = by_name[event.name];  // "syscall" is a name that selects nothing
      if (event.code == EventCode::GENERIC) continue;
      named.set(static_cast<size_t>(event.code));
      all.set(static_cast<size_t>(event.code));
    }
    for (const SyscallInfo& syscall : kSyscalls) {
      EventSet& named = by_name[syscall.name];  // known even if its event has another name (Q11)
      if (syscall.event != EventCode::GENERIC) continue;
      generic[syscall.code] = &syscall;
      named.set(kGenericBase + syscall.code);
      all.set(kGenericBase + syscall.code);
    }
  }
};

const Index& index() {
  static const Index instance;
  return instance;
}

}  // namespace

std::span<const EventInfo> events() { return kEvents; }
std::span<const SyscallInfo> syscalls() { return kSyscalls; }
std::span<const SyscallAlias> ia32_aliases() { return kIa32Aliases; }

const EventInfo* find_event(EventCode code) {
  const auto position = static_cast<size_t>(code);
  return position < kGenericBase ? index().by_code[position] : nullptr;
}

const EventInfo* event_of_kind(EventKind kind) {
  if (kind < kGenericBase) return find_event(EventCode{kind});
  return kind < kEventKinds && index().generic[kind - kGenericBase] ? find_event(EventCode::GENERIC)
                                                                    : nullptr;
}

bool has_return_value(const EventInfo& info) {
  if (info.event_class != EventClass::SYSCALL || info.params.empty()) return false;
  const ParamInfo& first = info.params.front();
  if (first.name != "res" && first.name != "fd") return false;
  return first.type == ParamType::ERRNO || first.type == ParamType::FD ||
         first.type == ParamType::PID || first.type == ParamType::INT64;
}

std::optional<EventSet> event_kinds_named(std::string_view name) {
  const auto it = index().by_name.find(name);
  if (it == index().by_name.end()) return std::nullopt;
  return it->second;
}

std::string_view event_kind_name(EventKind kind) {
  if (kind < kGenericBase) {
    const EventInfo* event = find_event(EventCode{kind});
    return event ? event->name : std::string_view{};
  }
  const SyscallInfo* syscall = kind < kEventKinds ? index().generic[kind - kGenericBase] : nullptr;
  return syscall ? syscall->name : std::string_view{};
}

const EventSet& all_event_kinds() { return index().all; }

}  // namespace falcoc
