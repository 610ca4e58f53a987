// What became of a run of tests, and its forms: text, JSON, JUnit, TAP, and a page of coverage.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/falcoc/testing/coverage.h"

namespace falcoc::cli {

struct TestResult {
  std::string file;
  uint32_t line = 0;
  std::string name;
  std::vector<std::string> problems;  ///< empty: passed
  std::vector<std::string> reasons;   ///< why a rule that was expected did not match
};

/// Coverage with names, since programs of several files of tests are gone by then.
struct CheckLine {
  std::string check;  ///< as a rule would say it
  bool was_true = false, was_false = false;
  std::vector<std::string> unmet{};  ///< items of its list that no test meets
};
struct RuleLine {
  std::string rule;
  std::vector<CheckLine> checks;
  bool is_tested = false;  ///< a test says what it shall do
  size_t seen = 0, wanted = 0;
};
struct MutantLine {
  std::string rule, check;
  std::string_view mutation;
};

struct TestRun {
  std::vector<TestResult> tests;
  std::vector<RuleLine> coverage;  ///< empty if not asked for
  std::optional<size_t> mutants;   ///< how many were tried
  std::vector<MutantLine> survivors;

  size_t failed() const;
  /// Percent of the two values of each check that were seen; 100 without checks.
  double covered() const;
};

/// `text`, `json`, `junit`, `tap`; the first is the default.
struct TestFormat {
  std::string_view name;
  std::string (*render)(const TestRun& run);
};
std::span<const TestFormat> test_formats();

/// One page, readable without scripts.
std::string coverage_page(const TestRun& run);

}  // namespace falcoc::cli
