// Paths as Falco prints them: joined to a base and cleaned up as text, symbolic links untouched.
#pragma once

#include <string>
#include <string_view>

#include "runtime/state/process_table.h"

namespace falcod {

/// `path` made absolute against `base` (which may lack its slash), with `.`, `..` and repeated
/// slashes resolved as text, as Falco prints fd.name.
std::string absolute_path(std::string_view path, std::string_view base);
/// The same into a text whose memory is reused. Neither argument may point into it.
void absolute_path(std::string_view path, std::string_view base, std::string& out);

/// The path parameter `index` of an event made absolute: against the directory descriptor that the
/// event table names, else the working directory. A base that nobody knows shows as `<UNKNOWN>`.
std::string absolute_param_path(const Event& event, const Process& process, size_t index);
void absolute_param_path(const Event& event, const Process& process, size_t index,
                         std::string& out);

}  // namespace falcod
