// Files of tests for rules: what `falcoc test` reads. README.md says how they are written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/fact_source.h"
#include "compiler/rules/yaml.h"

namespace falcoc::cli {

/// A name of a rule, where it was written.
struct RuleName {
  std::string text;
  Span span;
};

/// What shall come of an event.
struct Expectation {
  bool is_given = false;          ///< `expect`; else anything may be raised but what is rejected
  std::vector<RuleName> alerts;   ///< raised, no others; none: no alert
  std::vector<RuleName> rejects;  ///< rules that do not match, whether or not another comes first
  std::optional<Priority> priority;
  std::optional<std::string> output;  ///< pattern with * and ? of the alert's text
};

/// One event and what shall come of it.
struct TestCase {
  std::string name;
  Span span;
  testing::Facts facts;  ///< complete: what follows from what was written is there too
  Expectation expectation;
};

/// A capture and the alerts that it shall raise.
struct CaptureTest {
  std::string name;
  Span span;
  std::string capture;  ///< path
  std::string alerts;   ///< file of expected alerts, empty if counts are given
  std::vector<std::pair<RuleName, uint64_t>> counts;
};

struct Suite {
  std::string file;
  std::vector<std::string> rules;  ///< paths
  std::vector<TestCase> cases;
  std::vector<CaptureTest> captures;
};

/// Reads one file into `sources`. Errors go to `diagnostics`; what has one is left out.
/// `unreadable` is set if the file cannot be read at all.
Suite read_suite(const std::string& path, SourceMap& sources, Diagnostics& diagnostics,
                 bool& unreadable);

}  // namespace falcoc::cli
