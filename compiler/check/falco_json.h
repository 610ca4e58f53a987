// The result of loading rule files as Falco prints it for `-V` with JSON output, key for key
// (RULE-LANGUAGE 7.2).
#pragma once

#include <nlohmann/json.hpp>

#include "compiler/check/rule_input.h"

namespace falcoc::check {

/// An object with `falco_load_results`: a result for each file, in the order they were loaded.
nlohmann::json falco_json(const RuleInput& input);

}  // namespace falcoc::check
