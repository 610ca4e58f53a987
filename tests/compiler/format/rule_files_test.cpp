// Real rule files: each can be laid out, a second time changes nothing, and the compiled rules are
// the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/ir/compile.h"
#include "compiler/ir/print.h"
#include "compiler/rules/ruleset.h"
#include "tests/compiler/format/formatting.h"

using namespace falcoc;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Rules by name with what they check and print.
std::string compiled(const std::vector<std::string>& texts) {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics found;
  for (const std::string& text : texts) {
    rules::load_rules(sources.add("rules.yaml", text), sources, set, found);
  }
  const ir::Program program = ir::compile(set, {}, found);
  std::string out;
  for (const ir::Rule& rule : program.rules) {
    out += rule.name + ": " + ir::print_condition(program, rule.condition) + "\n";
  }
  for (const rules::Rule& rule : set.rules) {
    out += rule.name.str() + ": " + rule.output.text() + rule.description.text() + "\n";
  }
  return out;
}

/// False if there are none.
bool check_all(const fs::path& directory) {
  if (!fs::exists(directory)) return false;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> before;
  std::vector<std::string> after;
  for (const fs::path& path : paths) {
    CAPTURE(path.string());
    before.push_back(read(path));
    const test::Formatted once = test::format_text(before.back());
    if (once.codes == "E0003 ") {  // no rules
      before.pop_back();
      continue;
    }
    CHECK(once.codes.empty());
    REQUIRE(once.text);
    CHECK(test::format_text(*once.text).text == once.text);
    after.push_back(*once.text);
    CHECK(compiled({before.back()}) == compiled({after.back()}));
  }
  CHECK(compiled(before) == compiled(after));
  return !before.empty();
}

}  // namespace

TEST_CASE("the standard rules mean the same in their new layout") { CHECK(check_all(RULES_DIR)); }

TEST_CASE("published rules mean the same in their new layout") {
  const fs::path corpus = fs::path(SHARED_DIR) / "corpus";
  if (!check_all(corpus)) MESSAGE("SKIPPED: published rules are not available");
}
