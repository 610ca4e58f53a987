// The vocabulary of rules as people are shown it: `falcoc list`, `falcoc docs --reference`.
#pragma once

#include <string>
#include <vector>

#include "compiler/catalog/catalog.h"

namespace falcoc::cli {

/// Of a field that people shall know: its name with the form of its argument, `proc.aname[ARG]?`.
std::string shown_name(const FieldInfo& field);
/// "text", "uint64 list".
std::string shown_type(const FieldInfo& field);
std::string shown_meaning(const FieldInfo& field);
bool is_shown(const FieldInfo& field);

struct ShownEvent {
  std::string name;
  std::vector<std::string> parameters;  ///< "fd res"
};
/// By name, with the system calls that have no event of their own.
std::vector<ShownEvent> shown_events();

}  // namespace falcoc::cli
