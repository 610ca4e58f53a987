// What is added to the outputs of rules without changing the rules: `append_output` of falco.yaml
// (RULE-LANGUAGE 6.5). Works on finished programs, so that bundles get it as rule files do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/ir/static_fields.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::ir {

struct OutputAddition {
  /// A key of output_fields. Without a format it is a field with its own type, else formatted text.
  struct Field {
    std::string key;
    std::optional<std::string> format{};
  };

  std::string name;  ///< what messages call it: "append_output[0]"

  std::string rule{};               ///< only the rule of this name; empty = every rule
  std::string source{};             ///< only rules of this source; empty = of every source
  std::vector<std::string> tags{};  ///< only rules that have all of them

  std::string extra_output{};         ///< put behind the output, after a blank; empty = nothing
  std::vector<Field> extra_fields{};  ///< put into output_fields; the last of a key counts
  bool suggested_output = false;      ///< also name=%field for every field that suggests itself
};

/// Applies the additions in order. Texts that do not compile, and the name of a rule that there is
/// not, are found whether or not a rule is matched, and go to `diagnostics` with `sources` holding
/// the texts; what is wrong is not added.
Program add_to_outputs(Program program, std::span<const OutputAddition> additions,
                       const StaticFields& static_fields, SourceMap& sources,
                       Diagnostics& diagnostics);

}  // namespace falcoc::ir
