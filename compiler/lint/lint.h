// Lints: what Falco accepts and its author probably did not mean, found on the syntax trees and the
// typed program of a rule set that loads. A family of lints is one file, one row of kPasses in
// lint.cpp; a lint is one code and one page.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/lint/policy.h"
#include "compiler/rules/ruleset.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::lint {

/// Replaces a part of a file.
struct Edit {
  Span span;
  std::string text;
};

struct Finding {
  Diagnostic diagnostic;
  std::vector<Edit>
      edits{};          ///< mends it without changing anything else; empty if that takes a human
  std::string owner{};  ///< rule, macro or list that it is about, for baselines
};

struct Input {
  const rules::RuleSet& rules;
  const ir::Program& program;  ///< compiled from `rules`, without errors
  const SourceMap& sources;
  const Policy& policy;
};

/// All findings, in no order, before suppression.
std::vector<Finding> lint(const Input& input);

}  // namespace falcoc::lint
