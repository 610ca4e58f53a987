// Real conditions and outputs, and the specification's vectors: what must parse and what must not.
#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>

#include "tests/compiler/parse/parsing.h"

using namespace falcoc;

namespace {

std::filesystem::path shared(const char* name) { return std::filesystem::path(SHARED_DIR) / name; }

bool absent(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return false;
  MESSAGE("SKIPPED: " << path.filename().string() << " is not available");
  return true;
}

/// Every `condition` and `output` of a rule file.
void parse_all(const char* name, size_t at_least) {
  const auto path = shared(name);
  if (absent(path)) return;
  size_t conditions = 0;
  const YAML::Node rules = YAML::LoadFile(path.string());
  for (size_t i = 0; i < rules.size(); ++i) {
    const YAML::Node item = rules[i];
    if (const auto condition = item["condition"]; condition && condition.IsScalar()) {
      ++conditions;
      CAPTURE(condition.Scalar());
      const auto parsed = ir::parse_condition(test::mapped(condition.Scalar()));
      CHECK_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
    }
    if (const auto output = item["output"]; output && output.IsScalar()) {
      CAPTURE(output.Scalar());
      const auto parsed = ir::parse_output(test::mapped(output.Scalar()));
      CHECK_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
    }
  }
  CHECK(conditions >= at_least);
}

/// Vectors of text that Falco takes for a parse error and the specification advises to accept
/// (quirk Q05), or the reverse (Q03).
constexpr std::string_view kAcceptedNow = "V036";
constexpr std::string_view kRefusedNow = "V024";

}  // namespace

TEST_CASE("every condition and output of the published rules parses") {
  parse_all("corpus/falco_rules-stable.yaml", 50);
  parse_all("corpus/tutorial_rules.yaml", 1);
}

TEST_CASE("the specification's vectors parse exactly where they should") {
  const auto path = shared("spec/vectors.tsv");
  if (absent(path)) return;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // column names
  size_t rows = 0;
  while (std::getline(file, line)) {
    const size_t id_end = line.find('\t');
    const size_t condition_end = line.find('\t', id_end + 1);
    const size_t expected_begin = line.find('\t', condition_end + 1) + 1;
    const std::string id = line.substr(0, id_end);
    const std::string condition = line.substr(id_end + 1, condition_end - id_end - 1);
    const std::string expected =
        line.substr(expected_begin, line.find('\t', expected_begin) - expected_begin);
    const bool must_parse = (expected != "parse-error" || id == kAcceptedNow) && id != kRefusedNow;
    CAPTURE(id);
    CAPTURE(condition);
    CHECK(test::parses(condition) == must_parse);
    ++rows;
  }
  CHECK(rows >= 100);
}
