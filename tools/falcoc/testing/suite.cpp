#include "tools/falcoc/testing/suite.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>

#include "compiler/ir/field_name.h"
#include "compiler/ir/field_ref.h"
#include "compiler/rules/map_reader.h"
#include "compiler/rules/rule_files.h"
#include "tools/falcoc/testing/made_events.h"

namespace falcoc::cli {

namespace {

using rules::MapReader;
using rules::YamlNode;
using testing::Fact;
using testing::Facts;

constexpr std::array<std::string_view, 3> kFileKeys = {"rules", "facts", "tests"};
constexpr std::array<std::string_view, 13> kTestKeys = {
    "test",   "event",    "process", "fields", "result",  "expect", "reject",
    "output", "priority", "cases",   "steps",  "capture", "alerts"};
constexpr std::array<std::string_view, 9> kCaseKeys = {
    "case", "event", "process", "fields", "result", "expect", "reject", "output", "priority"};
constexpr std::string_view kNone = "none";

/// What is said so far of an event: of the file, of the test, of the case.
struct Draft {
  Facts facts;
  std::optional<std::vector<std::string>> processes;
  std::optional<std::string> result;
  Expectation expectation;
};

class Reader {
 public:
  Reader(Suite& suite, Diagnostics& diagnostics) : suite_(suite), diagnostics_(diagnostics) {}

  void read_file(const YamlNode& document);

 private:
  void read_test(const YamlNode& node, const Draft& common);
  void read_capture(MapReader& map, const std::string& name, const std::string& capture);
  void add_case(std::string name, Span span, Draft draft);
  /// Whatever keys tests and cases share.
  void read_event(MapReader& map, Draft& draft);
  void read_expectation(MapReader& map, Draft& draft);
  void read_facts(MapReader& map, std::string_view key, Facts& facts);
  std::optional<std::vector<std::string>> strings(MapReader& map, std::string_view key);
  std::vector<RuleName> names(const YamlNode& node);
  void error(Span span, std::string message, std::string hint = {}) {
    diagnostics_.add(Diagnostic::at(Code::TEST_FILE, span, std::move(message), std::move(hint)));
  }
  std::string beside(const std::string& path) const {
    const std::filesystem::path given(path);
    if (given.is_absolute()) return path;
    return (std::filesystem::path(suite_.file).parent_path() / given).string();
  }

  Suite& suite_;
  Diagnostics& diagnostics_;
};

/// `proc.aname[2]` is a field if `proc.aname` is; `evt.arg.flags` if `evt.arg` is.
bool is_field(std::string_view name) {
  const std::string_view base = name.substr(0, name.find('['));
  if (find_field(base) != nullptr) return true;
  const FieldInfo* prefix = ir::field_prefix(base);
  return prefix != nullptr && prefix->argument != ArgumentRule::NONE;
}

void Reader::read_facts(MapReader& map, std::string_view key, Facts& facts) {
  const YamlNode* node = map.optional_value(key);
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::MAP) {
    error(node->span, fmt::format("`{}` is not a map", key), "write `field: value` in it");
    return;
  }
  for (const auto& [name, value] : node->entries) {
    const std::string& field = name->text.text();
    if (!is_field(field)) {
      diagnostics_.add(Diagnostic::at(Code::TEST_FACT, name->span,
                                      fmt::format("no field is called `{}`", field),
                                      ir::suggest_field(field)));
      continue;
    }
    if (value->is_scalar()) {
      facts.set(field, value->text.text());
    } else if (value->kind == YamlNode::Kind::EMPTY) {
      facts.erase(field);  // absent, whatever was said before
    } else if (value->kind == YamlNode::Kind::SEQUENCE) {
      std::vector<std::string> items;
      for (const YamlNode* item : value->items) items.push_back(item->text.text());
      facts.set_list(field, std::move(items));
    } else {
      error(value->span, fmt::format("`{}` has neither a value nor a list of values", field));
    }
  }
}

std::optional<std::vector<std::string>> Reader::strings(MapReader& map, std::string_view key) {
  const YamlNode* node = map.optional_value(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar()) return std::vector{node->text.text()};
  std::vector<std::string> all;
  for (const YamlNode* item : node->items) all.push_back(item->text.text());
  if (all.empty()) error(node->span, fmt::format("`{}` holds no text", key));
  return all;
}

std::vector<RuleName> Reader::names(const YamlNode& node) {
  if (node.is_scalar()) return {{node.text.text(), node.span}};
  std::vector<RuleName> all;
  for (const YamlNode* item : node.items) {
    if (item->is_scalar()) all.push_back({item->text.text(), item->span});
  }
  if (all.empty()) {
    error(node.span, "no rule is named here", "write the name of a rule, a list of names, or none");
  }
  return all;
}

void Reader::read_expectation(MapReader& map, Draft& draft) {
  Expectation& expectation = draft.expectation;
  if (const YamlNode* node = map.optional_value("expect")) {
    expectation.is_given = true;
    expectation.alerts = names(*node);
    if (node->is_scalar() && node->text.text() == kNone) expectation.alerts.clear();
  }
  if (const YamlNode* node = map.optional_value("reject")) expectation.rejects = names(*node);
  if (const auto text = map.optional_text("output")) expectation.output = text->str();
  if (const auto text = map.optional_text("priority")) {
    expectation.priority = parse_priority(text->str());
    if (!expectation.priority) {
      error(map.key_span("priority"), fmt::format("`{}` is no priority", text->str()));
    }
  }
}

void Reader::read_event(MapReader& map, Draft& draft) {
  if (const auto event = map.optional_text("event")) {
    const auto kinds = event_kinds_named(event->str());
    if (!kinds || kinds->none()) {
      diagnostics_.add(Diagnostic::at(Code::TEST_FACT, map.optional_value("event")->span,
                                      fmt::format("no event is called `{}`", event->str()),
                                      ir::suggest_event_type(event->str())));
    } else {
      draft.facts.set("evt.type", event->str());
    }
  }
  if (auto processes = strings(map, "process")) draft.processes = std::move(processes);
  if (const auto result = map.optional_text("result")) draft.result = result->str();
  read_facts(map, "fields", draft.facts);
  read_expectation(map, draft);
}

void Reader::add_case(std::string name, Span span, Draft draft) {
  const Expectation& expectation = draft.expectation;
  if (!expectation.is_given && expectation.rejects.empty()) {
    error(span, fmt::format("`{}` says not what shall come of its event", name),
          "add `expect: RULE`, `expect: none` or `reject: RULE`");
    return;
  }
  // What is written as a field of the process counts more than what its command line says.
  Facts facts;
  if (draft.processes) set_processes(facts, *draft.processes);
  for (const auto& [field, fact] : draft.facts.all()) facts.set(field, fact);
  if (draft.result) {
    if (const auto known = set_result(facts, *draft.result); !known) {
      error(span, known.error(), "write a number such as 3, or a name such as ENOENT");
    }
  }
  complete(facts);
  suite_.cases.push_back({.name = std::move(name),
                          .span = span,
                          .facts = std::move(facts),
                          .expectation = std::move(draft.expectation)});
}

void Reader::read_capture(MapReader& map, const std::string& name, const std::string& capture) {
  CaptureTest test{
      .name = name, .span = map.span(), .capture = beside(capture), .alerts = {}, .counts = {}};
  if (const auto alerts = map.optional_text("alerts")) test.alerts = beside(alerts->str());
  const YamlNode* expect = map.optional_value("expect");
  if (expect != nullptr && expect->kind == YamlNode::Kind::MAP) {
    for (const auto& [rule, count] : expect->entries) {
      const auto number = rules::parse_unsigned(count->text.text());
      if (!number) {
        error(count->span, "how many alerts is not a number");
        continue;
      }
      test.counts.push_back({{rule->text.text(), rule->span}, *number});
    }
  }
  if (test.alerts.empty() == test.counts.empty()) {
    error(map.span(), fmt::format("`{}` says not which alerts its capture shall raise", name),
          "add `alerts: FILE.json`, or `expect:` with rules and how often each is raised");
    return;
  }
  suite_.captures.push_back(std::move(test));
}

void Reader::read_test(const YamlNode& node, const Draft& common) {
  if (node.kind != YamlNode::Kind::MAP) {
    error(node.span, "a test is a map that begins with `- test: NAME`");
    return;
  }
  MapReader map(node, "test", diagnostics_);
  map.check_keys(kTestKeys);
  const auto name = map.required_text("test");
  if (!name) return;
  const std::string title = name->str();
  if (const auto capture = map.optional_text("capture")) {
    read_capture(map, title, capture->str());
    return;
  }
  Draft draft = common;
  read_event(map, draft);
  // Steps happen one after the other: each goes on with what the one before it said.
  bool has_cases = false;
  for (const std::string_view key : {"cases", "steps"}) {
    const YamlNode* cases = map.optional_value(key);
    if (cases == nullptr) continue;
    has_cases = true;
    Draft carried = draft;
    size_t number = 0;
    for (const YamlNode* item : cases->items) {
      ++number;
      if (item->kind != YamlNode::Kind::MAP) {
        error(item->span, "a case is a map");
        continue;
      }
      MapReader part(*item, fmt::format("case {} of test '{}'", number, title), diagnostics_);
      part.check_keys(kCaseKeys);
      Draft own = key == "steps" ? carried : draft;
      if (key == "steps") own.expectation = draft.expectation;
      read_event(part, own);
      const auto label = part.optional_text("case");
      carried = own;
      add_case(fmt::format("{}: {}", title, label ? label->str() : std::to_string(number)),
               item->span, std::move(own));
    }
  }
  if (!has_cases) add_case(title, node.span, std::move(draft));
}

void Reader::read_file(const YamlNode& document) {
  if (document.kind != YamlNode::Kind::MAP) {
    error(document.span, "a file of tests is a map with `rules` and `tests`");
    return;
  }
  MapReader map(document, "file of tests", diagnostics_);
  map.check_keys(kFileKeys);
  if (const auto rules = strings(map, "rules")) {
    for (const std::string& path : *rules) suite_.rules.push_back(beside(path));
  }
  Draft common;
  read_facts(map, "facts", common.facts);
  const YamlNode* tests = map.required_value("tests");
  if (tests == nullptr) return;
  for (const YamlNode* test : tests->items) read_test(*test, common);
}

}  // namespace

Suite read_suite(const std::string& path, SourceMap& sources, Diagnostics& diagnostics,
                 bool& unreadable) {
  Suite suite{.file = path, .rules = {}, .cases = {}, .captures = {}};
  auto text = rules::read_file(path);
  if (!text) {
    unreadable = true;
    diagnostics.add(std::move(text.error()));
    return suite;
  }
  const FileId file = sources.add(rules::shown_path(path), std::move(*text));
  const auto stream = rules::read_yaml(file, sources.file(file));
  if (!stream) {
    diagnostics.add(stream.error());
    return suite;
  }
  Reader reader(suite, diagnostics);
  for (const YamlNode* document : stream->documents) reader.read_file(*document);
  return suite;
}

}  // namespace falcoc::cli
