// Exit statuses of falcod; the table that users read is in tools/README.md.
#pragma once

namespace falcod {

enum class ExitStatus : int {
  OK = 0,
  RULES = 1,        ///< rules or a bundle cannot be loaded
  USAGE = 2,        ///< command line
  UNSUPPORTED = 3,  ///< no privilege, or the kernel lacks something
  RUNTIME = 4,      ///< failed while running
  // `-- COMMAND`, as shells have it; else the command's own status, or 128 + n for signal n.
  COMMAND_NOT_EXECUTABLE = 126,
  COMMAND_NOT_FOUND = 127,
};
inline constexpr int kSignalStatusBase = 128;

constexpr int code(ExitStatus status) { return static_cast<int>(status); }

}  // namespace falcod
