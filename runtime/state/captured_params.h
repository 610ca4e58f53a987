// Reading of captured parameters by name, for events that are rare and have many. Inner header of
// the process table.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/params.h"
#include "runtime/state/process_table.h"

namespace falcod {

/// A parameter by its name in the event table; empty if this event has none.
inline Param param_named(const Event& event, std::string_view name) {
  const int index = event.info == nullptr ? -1 : find_param(*event.info, name);
  return index < 0 ? Param{} : param_at(event, static_cast<size_t>(index));
}

inline std::string_view bytes_of(const Param& param) { return {param.data, param.size}; }

inline std::vector<std::string> strings_of(const Param& param) {
  const auto texts = texts_of(bytes_of(param));
  return {texts.begin(), texts.end()};
}

/// `controller=path` with a NUL after each. Controllers of old files have other names (SCAP notes,
/// section 6).
CgroupPaths captured_cgroups(std::string_view bytes);

/// Assigns a numeric parameter unless the capture lacks it.
template <typename Number>
void assign(Number& target, const Param& param) {
  if (param.size > 0) target = static_cast<Number>(signed_of(param));
}

/// Text, empty where old files say in words that there is none.
inline std::string_view known_text(const Param& param) {
  const std::string_view text = text_of(param);
  return text == "<NA>" || text == "(NULL)" ? std::string_view{} : text;
}

/// A process of which the capture tells nothing but the thread's number, as Falco shows it.
Process placeholder(int64_t tid);

}  // namespace falcod
