// Going through sets of event kinds.
#pragma once

#include "compiler/catalog/catalog.h"

namespace falcoc {

/// Calls `visit` with every kind of the set that the catalog knows, and with its event.
template <typename Visit>
void for_each_kind(const EventSet& set, Visit visit) {
  for (size_t kind = 0; kind < set.size(); ++kind) {
    if (!set.test(kind)) continue;
    const EventInfo* const info = event_of_kind(static_cast<EventKind>(kind));
    if (info != nullptr) visit(static_cast<EventKind>(kind), *info);
  }
}

/// Whether some event of the set is so.
template <typename Predicate>
bool any_event(const EventSet& set, Predicate is) {
  bool found = false;
  for_each_kind(set, [&](EventKind, const EventInfo& info) { found = found || is(info); });
  return found;
}

/// Whether events of this kind are about a descriptor: `fd.` fields of all others are absent.
inline bool has_descriptor(const EventInfo& info) {
  return has(info.flags, EventFlag::USES_FD) || has(info.flags, EventFlag::CREATES_FD) ||
         has(info.flags, EventFlag::DESTROYS_FD) || has(info.flags, EventFlag::READS_FROM_FD) ||
         has(info.flags, EventFlag::WRITES_TO_FD);
}

}  // namespace falcoc
