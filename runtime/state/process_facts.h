// What records tell of a process, item by item. Inner header of the process table.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "runtime/capture/record.h"
#include "runtime/state/process_table.h"

namespace falcod {

std::string_view comm_of(const fc_task& task);
/// Text up to its terminator, empty if there is no such item.
std::string_view text_item(const fc_event& record, uint16_t tag);

/// Fixed-size item, zeros where the record's is shorter.
template <typename Struct>
bool struct_item(const fc_event& record, uint16_t tag, Struct& out) {
  Item item;
  out = Struct{};
  if (!find_item(record, tag, kAnyIndex, item) || item.bytes.empty()) return false;
  std::memcpy(&out, item.bytes.data(), std::min(item.bytes.size(), sizeof out));
  return true;
}

/// Assigns; true if the value was another.
template <typename Member, typename Value>
bool update(Member& member, const Value& value) {
  const bool differs = member != static_cast<Member>(value);
  member = static_cast<Member>(value);
  return differs;
}

/// True if one of these is; all of them have been made by then.
inline bool any(std::initializer_list<bool> changes) {
  return std::ranges::find(changes, true) != changes.end();
}

/// Cgroup items, one per hierarchy, in the record's order.
CgroupPaths cgroup_items(const fc_event& record);
/// Credentials, limits and session of an FC_ITEM_EXEC. Returns what was another before.
ProcessChange apply_identity(Process& process, const fc_exec& facts);
/// What is kept as of the last execve or fork.
void apply_usage(Process& process, const fc_exec& facts, uint64_t boot_to_epoch_ns);
/// Without slash at the end or with it; nothing is done if it is empty.
void set_directory(Process& process, std::string_view cwd);
bool is_directory(const Process& process, std::string_view cwd);
void set_threads(Process& process, const fc_task& task);
/// Executable, arguments and environment of a record; `comm` is argv[0] of what has none.
Image image_of(const fc_event& record, const fc_exec& facts, std::string_view comm);

}  // namespace falcod
