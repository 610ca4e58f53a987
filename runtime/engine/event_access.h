// What accessors of event fields share. Inner header of accessors_evt*.cpp.
#pragma once

#include "runtime/engine/accessors.h"

namespace falcod::access {

inline const Event& event_of(void* context) { return *of(context).event; }

inline bool is_event(const Event& event, falcoc::EventCode code) {
  return event.kind == static_cast<uint16_t>(code);
}

inline bool has_flag(const Event& event, falcoc::EventFlag flag) {
  return event.info != nullptr && has(event.info->flags, flag);
}

}  // namespace falcod::access
