// The files of tests beside rule files, and which tests are about which rule. Knows the shape of
// files of tests, not what they mean.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/falcoc/lsp/json.h"
#include "tools/falcoc/lsp/outline.h"

namespace falcoc::lsp {

/// Lines from 1, both included.
struct LineRange {
  uint32_t first = 0;
  uint32_t last = 0;
};

struct RuleTests {
  /// By rule: files of tests, and where in them tests say what the rule shall do.
  std::map<std::string, std::map<std::string, std::vector<LineRange>>, std::less<>> rules;
  /// By file of tests: where it names rules.
  std::map<std::string, std::vector<Scalar>> names;
};

/// The text of a file, as the editor or the disk has it.
using ReadText = std::function<std::optional<std::string>(const std::string& path)>;

/// Tests of a rule file: those files below its folder, and below `tests` beside that, which name it
/// or its folder as what they test.
RuleTests find_tests(const std::string& rule_file, const ReadText& read);

/// What came of `falcoc test --format json` for one rule.
struct TestOutcome {
  size_t passed = 0;
  size_t failed = 0;
  std::string message;                        ///< for the user
  std::map<std::string, Json> diagnostics{};  ///< by file of tests; empty arrays too
};
TestOutcome outcome_of(const std::string& rule, const std::string& printed,
                       const std::string& errors,
                       const std::map<std::string, std::vector<LineRange>>& files);

}  // namespace falcoc::lsp
