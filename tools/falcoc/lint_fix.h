// `falcoc lint --fix`: the edits that findings come with, made in the files.
#pragma once

#include <vector>

#include "compiler/check/rule_input.h"
#include "compiler/lint/lint.h"

namespace falcoc::cli {

struct FixResult {
  std::vector<bool> fixed;  ///< parallel to the findings
  bool failed = false;      ///< a file could not be written, or would have errors; that is said
};

/// Each finding with all of its edits or none. A file that would get an error stays as it is.
FixResult fix(const check::RuleInput& input, const std::vector<lint::Finding>& findings);

}  // namespace falcoc::cli
