// Exit statuses of falcoc, part of its interface.
#pragma once

namespace falcoc::cli {

enum class ExitStatus : int {
  CLEAN = 0,     ///< done; warnings at most, unless --strict
  FINDINGS = 1,  ///< the rules have errors, with --strict warnings, or do not as expected
  FAILURE = 2,   ///< wrong usage, or a file that cannot be read or written
};

}  // namespace falcoc::cli
