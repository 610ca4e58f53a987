// The rules that a house has for its rules, and which lints it wants: the file `.falcoc-lint.yaml`.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/catalog/types.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::lint {

struct Policy {
  std::set<Code> disabled;
  std::string rule_name;                      ///< regex that names of rules match; empty: any
  std::vector<std::string> required_tags;     ///< regexes, each of which some tag of a rule matches
  std::vector<Priority> priorities;           ///< those allowed; empty: all
  std::vector<std::string> required_outputs;  ///< fields that every output prints
  std::vector<std::string> forbidden_fields;  ///< in conditions and outputs
};

/// Reads the text of such a file. The error is the first one.
std::expected<Policy, Diagnostic> read_policy(FileId file, const SourceMap& sources);

}  // namespace falcoc::lint
