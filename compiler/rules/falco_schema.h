// The schema that Falco checks rule files against besides loading them. It is stricter than the
// loader and fails nothing: `--format falco-json` reports it (RULE-LANGUAGE 5.1). May know YAML
// trees only.
#pragma once

#include <string>
#include <vector>

#include "compiler/rules/yaml.h"

namespace falcoc::rules {

/// One text per departure from the schema; empty if the file is as it should be.
std::vector<std::string> falco_schema_warnings(const YamlStream& yaml);

}  // namespace falcoc::rules
