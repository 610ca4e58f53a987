#include "tools/falcoc/lsp/rule_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "compiler/rules/yaml.h"
#include "tools/falcoc/lsp/files.h"

namespace falcoc::lsp {

namespace fs = std::filesystem;

namespace {

using rules::YamlNode;

/// Whether a path that a file of tests names stands for the rule file.
bool stands_for(const std::string& tests, const std::string& path, const fs::path& rule_file) {
  const fs::path named = (fs::path(tests).parent_path() / path).lexically_normal();
  if (named == rule_file) return true;
  // A folder, with or without a slash at its end.
  const fs::path folder = named.has_filename() ? named : named.parent_path();
  return folder == rule_file.parent_path();
}

bool tests_file(const YamlNode& document, const std::string& tests, const fs::path& rule_file) {
  const YamlNode* const rules = document.find("rules");
  if (rules == nullptr) return false;
  if (rules->is_scalar()) return stands_for(tests, rules->text.text(), rule_file);
  return std::ranges::any_of(rules->items, [&](const YamlNode* path) {
    return path->is_scalar() && stands_for(tests, path->text.text(), rule_file);
  });
}

void add_name(const YamlNode& node, std::vector<Scalar>& names) {
  if (!node.is_scalar() || node.text.empty()) return;
  const Span span = node.text.whole();
  names.push_back({.text = node.text.text(), .range = {span.begin, span.end}});
}

void collect_names(const YamlNode& node, std::vector<Scalar>& names) {
  add_name(node, names);
  for (const YamlNode* item : node.items) collect_names(*item, names);
  for (const auto& [key, value] : node.entries) add_name(*key, names);  // {Rule: count}
}

/// Rules that a test, or one of its cases, expects or rejects.
void collect_expected(const YamlNode& test, std::vector<Scalar>& names) {
  for (const auto& [key, value] : test.entries) {
    const std::string& word = key->text.text();
    if (word == "expect" || word == "reject") collect_names(*value, names);
    if (word != "cases" && word != "steps") continue;
    for (const YamlNode* one : value->items) collect_expected(*one, names);
  }
}

void read_tests(const std::string& path, const fs::path& rule_file, const ReadText& read,
                RuleTests& tests) {
  auto text = read(path);
  if (!text) return;
  const SourceFile source(path, std::move(*text));
  const auto stream = rules::read_yaml(FileId{}, source);
  if (!stream) return;
  for (const YamlNode* document : stream->documents) {
    const YamlNode* const list = document->find("tests");
    if (list == nullptr || !tests_file(*document, path, rule_file)) continue;
    for (const YamlNode* const test : list->items) {
      std::vector<Scalar> names;
      collect_expected(*test, names);
      const uint32_t end = std::max(test->span.begin, test->span.end);
      const LineRange lines{source.position(test->span.begin).line, source.position(end).line};
      std::set<std::string_view> rules;
      for (const Scalar& name : names) rules.insert(name.text);
      for (const std::string_view rule : rules) {
        tests.rules[std::string(rule)][path].push_back(lines);
      }
      std::vector<Scalar>& all = tests.names[path];
      all.insert(all.end(), names.begin(), names.end());
    }
  }
}

}  // namespace

RuleTests find_tests(const std::string& rule_file, const ReadText& read) {
  const fs::path path(rule_file);
  RuleTests tests;
  if (!path.is_absolute()) return tests;
  std::vector<std::string> files = find_test_files(path.parent_path().string());
  for (std::string& file : find_test_files((path.parent_path().parent_path() / "tests").string())) {
    files.push_back(std::move(file));
  }
  std::ranges::sort(files);
  const auto repeated = std::ranges::unique(files);
  files.erase(repeated.begin(), repeated.end());
  for (const std::string& file : files) read_tests(file, path, read, tests);
  return tests;
}

TestOutcome outcome_of(const std::string& rule, const std::string& printed,
                       const std::string& errors,
                       const std::map<std::string, std::vector<LineRange>>& files) {
  TestOutcome outcome;
  const Json result = Json::parse(printed, nullptr, false);
  if (!at(result, "tests").is_array()) {
    outcome.message = fmt::format("tests of `{}` did not run: {}", rule,
                                  errors.empty() ? "falcoc test said nothing" : errors);
    return outcome;
  }
  for (const auto& [file, ranges] : files) outcome.diagnostics[file] = Json::array();
  std::string first;
  for (const Json& test : at(result, "tests")) {
    const std::string file = text_at(test, "file");
    const uint32_t line = number_at(test, "line");
    const auto ranges = files.find(file);
    if (ranges == files.end()) continue;
    const bool about = std::ranges::any_of(ranges->second, [&](const LineRange& range) {
      return range.first <= line && line <= range.last;
    });
    if (!about) continue;
    const Json& passed = at(test, "passed");
    if (passed.is_boolean() && passed.get<bool>()) {
      ++outcome.passed;
      continue;
    }
    ++outcome.failed;
    std::string why = text_at(test, "name");
    for (const std::string_view key : {"problems", "reasons"}) {
      for (const Json& text : at(test, key)) {
        if (text.is_string()) why += "\n" + text.get<std::string>();
      }
    }
    if (first.empty()) first = why;
    const uint32_t row = line > 0 ? line - 1 : 0;
    outcome.diagnostics[file].push_back({{"range",
                                          {{"start", {{"line", row}, {"character", 0}}},
                                           {"end", {{"line", row + 1}, {"character", 0}}}}},
                                         {"severity", 1},
                                         {"source", "falcoc test"},
                                         {"message", std::move(why)}});
  }
  outcome.message = outcome.failed == 0
                        ? fmt::format("`{}`: {} tests passed", rule, outcome.passed)
                        : fmt::format("`{}`: {} of {} tests failed: {}", rule, outcome.failed,
                                      outcome.passed + outcome.failed, first);
  return outcome;
}

}  // namespace falcoc::lsp
