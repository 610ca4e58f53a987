// Typed reading of event parameters (encodings: runtime/capture/event.h). Missing, short or foreign
// parameters read as a default: events may come from old captures.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "runtime/capture/event.h"

namespace falcod {

/// The parameter, or an empty one if the event has none at this index.
inline Param param_at(const Event& event, size_t index) {
  return index < event.params.size() ? event.params[index] : Param{};
}

/// Little-endian unsigned integer of the parameter's own width; 0 if it is empty.
uint64_t unsigned_of(const Param& param);
/// The same, sign-extended.
int64_t signed_of(const Param& param);
/// Text up to the terminator.
std::string_view text_of(const Param& param);
/// NUL-separated texts, as arguments and environments are encoded.
std::vector<std::string_view> texts_of(std::string_view bytes);

/// Value of a numeric parameter by its static type: sign-extended where the type is signed.
bool is_signed_type(falcoc::ParamType type);

/// Index of the event's parameter with this name, -1 if it has none.
int find_param(const falcoc::EventInfo& info, std::string_view name);

}  // namespace falcod
