// Look-up in the tables of events, system calls, flags and fields. Everything is constant data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/catalog/types.h"
#include "compiler/catalog/value.h"

namespace falcoc {

/// Changes whenever a field, event or encoding changes meaning; bundles carry it.
inline constexpr uint32_t kCatalogVersion = 1;
/// Falco engine version whose vocabulary this is.
inline constexpr std::string_view kFalcoEngineVersion = "0.63.0";

enum class EventCode : uint16_t {
#define EVENT(code, id, ...) id = code,
#define PARAM(...)
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
};

enum class FieldId : uint16_t {
#define FIELD(id, ...) id,
#include "compiler/catalog/fields.def"
#undef FIELD
  COUNT
};

enum class FlagTableId : uint8_t {
  none,
#define FLAG_TABLE(table, match) table,
#define FLAG(...)
#include "compiler/catalog/flags.def"
#undef FLAG_TABLE
#undef FLAG
};

inline constexpr uint64_t kNoNative = ~uint64_t{0};

struct FlagName {
  std::string_view name;
  uint64_t value;   ///< Falco's encoding
  uint64_t native;  ///< the kernel's value on x86-64, kNoNative if none
};

struct FlagTable {
  std::string_view name;
  bool exact;  ///< enumeration: a name needs the whole value; else bits are consumed in order
  std::span<const FlagName> flags;
};

/// Which alternatives a DYN parameter has; its first byte chooses one (rendering-notes).
enum class DynamicKind : uint8_t { none, sockopt, ptrace, bpf, keyctl };

struct ParamInfo {
  std::string_view name;
  ParamType type;
  PrintFormat format;
  FlagTableId table = FlagTableId::none;
  int8_t dirfd = -1;  ///< index of the parameter holding the directory of a relative path, or -1
  DynamicKind dynamic = DynamicKind::none;
};

struct EventInfo {
  EventCode code;
  std::string_view name;  ///< what evt.type prints
  EventClass event_class;
  EventCategory category;
  EventFlag flags;
  std::span<const ParamInfo> params;
};

struct SyscallInfo {
  uint16_t code;  ///< Falco's syscall code
  std::string_view name;
  EventCode event;                ///< GENERIC if it has no event of its own
  int16_t x86_64, ia32, aarch64;  ///< native numbers, -1 if absent
};

/// A further native number of a system call on the 32-bit x86 ABI.
struct SyscallAlias {
  std::string_view name;
  int16_t ia32;
};

struct FieldInfo {
  FieldId id;
  std::string_view name;
  std::string_view field_class;  ///< "evt", "process", … as `--list` groups them
  ParamType type;
  Shape shape;
  ArgumentRule argument;
  PrintFormat format;
  BindingTime binding;
  FieldFlag flags;
  bool supplied;  ///< the runtime has an accessor
  std::string_view doc;
};

std::span<const EventInfo> events();
std::span<const SyscallInfo> syscalls();
std::span<const SyscallAlias> ia32_aliases();
std::span<const FieldInfo> fields();

/// Null if no current event has this code.
const EventInfo* find_event(EventCode code);
/// The event behind a kind: its own, or GENERIC. Null if there is no such kind.
const EventInfo* event_of_kind(EventKind kind);
const FlagTable& flag_table(FlagTableId id);
const FieldInfo& field_info(FieldId id);
/// Exact name without argument, null if there is none.
const FieldInfo* find_field(std::string_view name);

/// The kinds a literal of `evt.type` names (RULE-LANGUAGE 4.10); nothing if the name is unknown. A
/// name can be known and yet select nothing (`pread64`: its event is called `pread`, quirk Q11).
std::optional<EventSet> event_kinds_named(std::string_view name);
/// What evt.type prints for this kind.
std::string_view event_kind_name(EventKind kind);
/// All kinds that live events or captures can have.
const EventSet& all_event_kinds();

/// Whether events of this kind report a return value that `evt.res` shows: their first parameter is
/// `res` or `fd` and holds the system call's result (RULE-LANGUAGE 6.3, rendering notes).
bool has_return_value(const EventInfo& info);

/// Closest name to `name` among `candidates` by edit distance, empty if none is close enough to
/// be a likely slip.
std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates);

std::string_view priority_name(Priority priority);
/// Case-insensitive full names and `Info` (RULE-LANGUAGE 5.5).
std::optional<Priority> parse_priority(std::string_view text);

}  // namespace falcoc
