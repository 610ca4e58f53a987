// From paths to a compiled program with all that was found on the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/ir/static_fields.h"
#include "compiler/rules/ruleset.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::check {

/// A file as it was named, read or not.
struct InputFile {
  std::string name;
  std::optional<FileId> source;  ///< absent if it could not be read
  Diagnostics problems;          ///< that kept it from being read; also in RuleInput
};

struct RuleInput {
  std::vector<InputFile> files;  ///< in load order; a directory that could not be read is one
  SourceMap sources;
  rules::RuleSet rules;
  ir::Program program;  ///< of the rules without errors
  Diagnostics diagnostics;
  bool unreadable = false;  ///< a path could not be read
};

/// The contents of a rule file that need not be on disk.
struct NamedText {
  std::string name;  ///< as messages name it
  std::string text;
};

/// Loads the files in order and compiles what they define.
RuleInput read_rules(const std::vector<std::string>& paths,
                     const ir::StaticFields& static_fields = {});
/// The same of texts.
RuleInput read_rules(std::vector<NamedText> texts);

}  // namespace falcoc::check
