// From paths to a compiled program with all that was found on the way.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/rules/ruleset.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::cli {

struct RuleInput {
  SourceMap sources;
  rules::RuleSet rules;
  ir::Program program;  ///< of the rules without errors
  Diagnostics diagnostics;
  bool unreadable = false;  ///< a path could not be read
};

/// Loads the files in order and compiles what they define.
RuleInput read_rules(const std::vector<std::string>& paths);

}  // namespace falcoc::cli
