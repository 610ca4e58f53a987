// What accessors of process fields share: the event's process, its ancestors, texts of a process.
// Inner header of accessors_proc*.cpp and accessors_thread.cpp.
#pragma once

#include <array>

#include "runtime/engine/accessors.h"

namespace falcod::access {

inline const Process& process_of(void* context) { return *of(context).process; }

inline ProcessPtr parent_of(void* context) {
  return of(context).processes->parent(process_of(context));
}

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
inline ProcessPtr nth_ancestor(const EventContext& context, int64_t n) {
  ProcessPtr process = context.process;
  for (int64_t i = 0; process && i < n && i < static_cast<int64_t>(kMaxAncestors); ++i) {
    process = context.processes->parent(*process);
  }
  return n > static_cast<int64_t>(kMaxAncestors) ? nullptr : process;
}

/// `Get` puts one process's value; the field is that of one ancestor or the list of all.
template <typename Get>
bool ancestors(void* context, const falcoc::FieldRef& field, falcoc::Value& out, Get get) {
  const int64_t index = numeric_argument(field);
  if (index >= 0) {
    const ProcessPtr process = nth_ancestor(of(context), index);
    return process && get(*process, out);
  }
  std::array<falcoc::Value, kMaxAncestors> values;
  size_t count = 0;
  for_each_ancestor(of(context), [&](const Process& process) {
    if (get(process, values[count])) ++count;
    return true;
  });
  return count > 0 && put_items(of(context), out, {values.data(), count});
}

/// Its name, or a text of its image.
inline bool put_own(const Process& process, falcoc::Value& out, std::string_view text) {
  return put_known_text(out, text, process.has_plain_texts);
}

inline bool put_exe_path(const Process& process, falcoc::Value& out) {
  return put_own(process, out, process.image->exe_path);  // kernel threads: empty, not absent
}

inline bool is_main_thread(void* context) {
  return of(context).event->tid == process_of(context).pid;
}

}  // namespace falcod::access
