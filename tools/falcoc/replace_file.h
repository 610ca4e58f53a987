// Writing back what was changed: `falcoc fmt`, `falcoc lint --fix`.
#pragma once

#include <string>
#include <string_view>

namespace falcoc::cli {

/// Puts `bytes` in the place of a file, whole or not at all, with the file's mode. A
/// symbolic link stays one. Returns the reason if it cannot.
std::string replace_file(const std::string& path, std::string_view bytes);

}  // namespace falcoc::cli
