// A ruleset described for tools, in the JSON form that Falco's -L and -l give (RULE-LANGUAGE 7.6).
// Knows programs and rule files; prints nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "compiler/ir/program.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::describe {

/// All rules, macros and lists. `set` is what the program was compiled from; null for a bundle,
/// which does not hold macros, lists and exceptions: what tells of them is left out then.
nlohmann::json ruleset(const ir::Program& program, const rules::RuleSet* set);

/// One rule alone.
nlohmann::json rule(const ir::Program& program, const rules::RuleSet* set, std::string_view name);

}  // namespace falcoc::describe
