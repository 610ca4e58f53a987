// Rule files as users have them, in rule_files/: what the compiler finds in each, and where.
// Written out, so that a change of a verdict is seen and meant.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "compiler/ir/compile.h"
#include "compiler/rules/ruleset.h"

using namespace falcoc;

namespace {

namespace fs = std::filesystem;

struct Expected {
  size_t rules;                         ///< that are compiled
  std::multiset<std::string> findings;  ///< "CODE:line"
};

const std::map<std::string, Expected> kExpected = {
    {"workloads.yaml", {3, {}}},
    // Falco applies no merge keys either.
    {"anchors.yaml", {3, {"W0013:34"}}},
    // Byte order mark, CR LF, tabs.
    {"other_system.yaml", {1, {}}},
    {"documents.yaml", {1, {}}},
    {"overrides.yaml", {1, {"W0117:22", "W0117:26", "W0117:30", "W0117:68", "E0102:71"}}},
    // Values with quotes or in parentheses are values here; Falco pastes them as syntax (Q35).
    {"exceptions.yaml", {1, {}}},
    {"slips.yaml",
     {3, {"W0012:5", "W0011:8", "W0014:10", "W0011:11", "W0011:14", "W0010:20", "W0014:31"}}},
    {"unicode.yaml", {1, {"W0119:5", "W0154:5", "W0119:8", "W0154:8", "W0118:11", "W0155:11"}}},
    {"sources.yaml", {0, {"W0154:2", "W0120:5", "W0120:13", "W0312:23", "W0312:30"}}},
    {"mistakes.yaml",
     {2,
      {"E0205:4", "E0106:12", "E0150:16", "E0204:25", "W0310:31", "W0412:32", "E0402:38",
       "W0412:44", "E0350:49", "E0211:55", "E0205:61", "E0203:67", "E0009:76", "E0008:78"}}},
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("rule files of users have the findings written down for them") {
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(RULE_FILES_DIR)) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const auto expected = kExpected.find(name);
    REQUIRE(expected != kExpected.end());
    SourceMap sources;
    rules::RuleSet set;
    Diagnostics diagnostics;
    rules::load_rules(sources.add(name, read(entry.path())), sources, set, diagnostics);
    const ir::Program program = ir::compile(set, {.sources = &sources}, diagnostics);
    std::multiset<std::string> found;
    for (const Diagnostic& item : diagnostics.items()) {
      REQUIRE(item.has_span);
      found.insert(fmt::format("{}:{}", code_info(item.code).id,
                               sources.file(item.span.file).position(item.span.begin).line));
    }
    CHECK(found == expected->second.findings);
    CHECK(program.rules.size() == expected->second.rules);
    ++files;
  }
  CHECK(files == kExpected.size());
}
