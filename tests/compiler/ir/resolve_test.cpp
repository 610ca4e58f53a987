// Lists, macros, exceptions and what rules report about them, down to Falco's recorded results.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

const std::filesystem::path kShared = FALCOC_SHARED_DIR;

bool shared_is_missing() {
  if (std::filesystem::exists(kShared / "spec")) return false;
  MESSAGE("SKIPPED: no " << kShared.string());
  return true;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Compiled condition of `text`, for comparison.
std::string normal(const std::string& text) {
  const Lowered lowered(text);
  REQUIRE_MESSAGE(lowered.node, text, ": ", lowered.text());
  return lowered.text();
}

/// Records whose result is meant to differ, with the reason.
const std::map<std::string, std::string> kDeviations = {
    {"nested3", "Q33: lists are expanded in full depth"},
    {"list-in-quotes", "Q34: quoted text is never substituted"},
    {"list-special", "Q34: items are values, whatever characters they hold"},
    {"list-tab", "Q34: items are values, whatever characters they hold"},
    {"list-quote-space", "Q34: items are values, whatever characters they hold"},
    {"list-mod-bare", "Q34: a bare list name stands for the whole list"},
    {"macro-listname", "Q34: a list does not rewrite references to a macro of its name"},
    {"ex-quote-escape", "Q35: exception values are values, whatever characters they hold"},
    {"ex-val-starting-quote", "Q35: exception values are values, whatever characters they hold"},
    {"evt-dir-output", "Q48: only tokens of the output count, not text that looks alike"},
    {"multivalue-unknown", "Q21: an error instead of an uncaught exception"},
    {"evttype-rhs", "Q21: an error instead of an uncaught exception"},
    {"deep2", "nesting limit of our own, above Falco's"},
};

}  // namespace

TEST_CASE("a list name in parentheses, bare, or among literals becomes its items") {
  const std::string list = "- list: l\n  items: [a, 'b c']\n";
  for (const auto& [written, meant] : std::map<std::string, std::string>{
           {"proc.name in (l)", "proc.name in (a, 'b c')"},
           {"proc.name in l", "proc.name in (a, 'b c')"},
           {"proc.name in (x, l, y)", "proc.name in (x, a, 'b c', y)"},
           {"proc.name startswith anyof (l)", "proc.name startswith anyof (a, 'b c')"},
           {"proc.name in ('l')", "proc.name in (l)"},
           {"proc.name in (l-l, ll)", "proc.name in (l-l, ll)"},
           {"proc.cmdline contains 'a l b'", "proc.cmdline contains 'a l b'"}}) {
    CAPTURE(written);
    CHECK(Compilation(list + rule_yaml(written)).condition() == normal(meant));
  }
}

TEST_CASE("a list of one item stands for a scalar, a longer one does not") {
  CHECK(Compilation("- list: l\n  items: [a]\n" + rule_yaml("proc.name = l")).condition() ==
        normal("proc.name = a"));
  const Compilation two("- list: l\n  items: [a, b]\n" + rule_yaml("proc.name = l"));
  CHECK(two.found(Code::LIST_NOT_SCALAR));
  CHECK(two.place(Code::LIST_NOT_SCALAR) == "l");
  CHECK(two.program.rules.empty());
}

TEST_CASE("lists name lists in any depth and either order, and cycles are errors") {
  const std::string nested =
      "- list: a\n  items: [x, d]\n- list: b\n  items: [a, y]\n- list: c\n  items: [b, z]\n"
      "- list: d\n  items: [w]\n";
  CHECK(Compilation(nested + rule_yaml("proc.name in (c)")).condition() ==
        normal("proc.name in (x, w, y, z)"));
  const Compilation cycle("- list: a\n  items: [b]\n- list: b\n  items: [a]\n" +
                          rule_yaml("proc.name in (a)"));
  CHECK(cycle.found(Code::LIST_CYCLE));
  CHECK(cycle.program.rules.empty());
  CHECK(Compilation("- list: sh\n  items: [sh, bash]\n" + rule_yaml("proc.name in (sh)"))
            .condition() == normal("proc.name in (sh, bash)"));
}

TEST_CASE("lists that Falco leaves unexpanded in depth are pointed out") {
  const std::string nested =
      "- list: a\n  items: [x]\n- list: b\n  items: [a, y]\n- list: c\n  items: [b, z]\n";
  const Compilation deep(nested + rule_yaml("proc.name in (c)"));
  CHECK(deep.count(Code::LIST_NESTED_DEEPLY) == 1);
  CHECK(deep.place(Code::LIST_NESTED_DEEPLY) == "b");
  // Younger names are substituted in the condition after `c` is.
  CHECK(!Compilation("- list: c\n  items: [b]\n- list: b\n  items: [a]\n- list: a\n"
                     "  items: [x]\n" +
                     rule_yaml("proc.name in (c)"))
             .found(Code::LIST_NESTED_DEEPLY));
}

TEST_CASE("names of lists inside quoted text are pointed out, as Falco replaces them") {
  const std::string list = "- list: foo\n  items: [p, q]\n";
  CHECK(Compilation(list + rule_yaml("proc.cmdline contains 'a foo b'"))
            .found(Code::LIST_NAME_IN_TEXT));
  for (const char* condition : {"proc.cmdline contains 'a food b'", "proc.cmdline = 'foo b'",
                                "proc.cmdline = 'b foo'", "proc.cmdline = foo-bar"}) {
    CAPTURE(condition);
    CHECK(!Compilation(list + rule_yaml(condition)).found(Code::LIST_NAME_IN_TEXT));
  }
}

TEST_CASE("a list and a macro of one name are pointed out, and the macro stays a macro") {
  const Compilation same("- list: n\n  items: [p]\n- macro: n\n  condition: proc.pid=1\n" +
                         rule_yaml("n and proc.name in (n)"));
  CHECK(same.place(Code::LIST_NAMED_LIKE_MACRO) == "n");
  CHECK(same.condition() == normal("proc.pid=1 and proc.name in (p)"));
}

TEST_CASE("quotes inside a list item make it a quoted literal") {
  CHECK(
      Compilation("- list: l\n  items: ['\"127.0.0.1\"', '\"::1\"']\n" + rule_yaml("fd.sip in (l)"))
          .condition() == normal("fd.sip in (127.0.0.1, ::1)"));
  CHECK(Compilation("- list: l\n  items: ['\"a\\tb\"']\n" + rule_yaml("proc.name in (l)"))
            .condition() == normal("proc.name in ('a\\tb')"));
  CHECK(Compilation("- list: l\n  items: ['\"a\\qb\"']\n" + rule_yaml("proc.name in (l)"))
            .found(Code::LIST_ITEM_QUOTES));
  CHECK(Compilation("- list: sub\n  items: [q]\n- list: l\n  items: ['\"sub\"']\n" +
                    rule_yaml("proc.name in (l)"))
            .condition() == normal("proc.name in (sub)"));
}

TEST_CASE("one literal set serves all uses of a list") {
  const Compilation uses("- list: l\n  items: [a, b]\n" +
                         rule_yaml("proc.name in (l) or proc.pname in (l) or proc.aname in (l)"));
  CHECK(uses.program.literal_sets.size() == 1);
}

TEST_CASE("an undefined bare list name means the word, with a warning") {
  const Compilation undefined("- list: shell\n  items: [a]\n" +
                              rule_yaml("proc.name in shel or proc.name in (shell)"));
  CHECK(undefined.found(Code::LIST_UNDEFINED));
  CHECK(undefined.first(Code::LIST_UNDEFINED).hint.find("`shell`") != std::string::npos);
  CHECK(undefined.condition() == normal("proc.name in (shel) or proc.name in (a)"));
}

TEST_CASE("a macro keeps its own precedence and is one node for all its uses") {
  const std::string macro = "- macro: m\n  condition: proc.name=a or proc.name=b\n";
  CHECK(Compilation(macro + rule_yaml("m and proc.pid=1")).condition() ==
        normal("(proc.name=a or proc.name=b) and proc.pid=1"));
  const Compilation twice(macro + rule_yaml("evt.type=open and m") +
                          "- rule: S\n  desc: d\n  condition: evt.type=close and m\n  output: o\n"
                          "  priority: INFO\n");
  REQUIRE(twice.program.rules.size() == 2);
  const auto second_child = [&](const Rule& rule) {
    return twice.program.node(rule.condition).children[1];
  };
  CHECK(second_child(twice.program.rules[0]) == second_child(twice.program.rules[1]));
}

TEST_CASE("rules see all macros, macros only earlier ones") {
  CHECK(Compilation(rule_yaml("m") + "- macro: m\n  condition: proc.name=a\n").condition() ==
        normal("proc.name=a"));
  const Compilation late(
      "- macro: m\n  condition: later\n- macro: later\n  condition: proc.pid=1\n" + rule_yaml("m"));
  CHECK(late.place(Code::MACRO_UNDEFINED) == "later");
  CHECK(late.program.rules.empty());
}

TEST_CASE("an undefined macro is named with the closest one") {
  const Compilation typo("- macro: open_read\n  condition: proc.pid=1\n" +
                         rule_yaml("opn_read or open_read"));
  CHECK(typo.place(Code::MACRO_UNDEFINED) == "opn_read");
  CHECK(typo.first(Code::MACRO_UNDEFINED).hint.find("`open_read`") != std::string::npos);
}

TEST_CASE("a cycle of macros is one error and the rules that use it are left out") {
  const Compilation cycle(
      "- macro: m1\n  condition: proc.name=a\n- macro: m2\n  condition: m1\n"
      "- macro: m1\n  condition: m2\n" +
      rule_yaml("m1"));
  CHECK(cycle.count(Code::MACRO_CYCLE) == 1);
  CHECK(cycle.program.rules.empty());
}

TEST_CASE("an error in a macro is reported once, at the macro, with the rules that use it") {
  const Compilation wrong(
      "- macro: m\n  condition: proc.nam=a\n" + rule_yaml("m") +
      "- rule: S\n  desc: d\n  condition: m\n  output: o\n  priority: INFO\n" +
      "- rule: T\n  desc: d\n  condition: proc.pid=1\n  output: o\n  priority: INFO\n");
  CHECK(wrong.count(Code::FIELD_UNKNOWN) == 1);
  CHECK(wrong.place(Code::FIELD_UNKNOWN) == "proc.nam");
  CHECK(wrong.first(Code::FIELD_UNKNOWN).related.size() == 2);
  CHECK(wrong.written(wrong.first(Code::FIELD_UNKNOWN).related[1].span) == "S");
  CHECK(wrong.program.rules.size() == 1);
}

TEST_CASE("a mistyped macro that no rule uses is no error, a malformed one is") {
  CHECK(!Compilation("- macro: m\n  condition: proc.nam=a\n").diagnostics.has_errors());
  CHECK(Compilation("- macro: m\n  condition: proc.name=\n").diagnostics.has_errors());
}

TEST_CASE("a wrong rule hides neither other rules nor their errors") {
  const Compilation wrong(
      rule_yaml("proc.nam=a") +
      "- rule: S\n  desc: d\n  condition: proc.pid=x\n  output: '%nope'\n"
      "  priority: INFO\n"
      "- rule: T\n  desc: d\n  condition: proc.pid=1\n  output: o\n  priority: INFO\n");
  CHECK(wrong.found(Code::FIELD_UNKNOWN));
  CHECK(wrong.found(Code::LITERAL_INVALID));
  CHECK(wrong.found(Code::OUTPUT_TOKEN_INVALID));
  REQUIRE(wrong.program.rules.size() == 1);
  CHECK(wrong.program.rules[0].name == "T");
}

TEST_CASE("exceptions become negated checks") {
  const auto with = [](const std::string& exceptions) {
    return Compilation("- list: ll\n  items: [u, v]\n" +
                       rule_yaml("evt.type=open or proc.pid=1", "  exceptions:\n" + exceptions))
        .condition();
  };
  const std::string base = "(evt.type=open or proc.pid=1) and not ";
  CHECK(with("    - {name: e, fields: proc.name, values: [ll, w]}\n") ==
        normal(base + "proc.name in (u, v, w)"));
  CHECK(with("    - {name: e, fields: [proc.name, fd.name], values: [[a, b], [c, d]]}\n") ==
        normal(base + "((proc.name=a and fd.name=b) or (proc.name=c and fd.name=d))"));
  CHECK(with("    - {name: e, fields: [proc.name], comps: [startswith anyof], values: [[[a, "
             "b]]]}\n") == normal(base + "proc.name startswith anyof (a, b)"));
  CHECK(with("    - {name: e, fields: [toupper(proc.aname[1])], comps: ['='], values: [[A]]}\n") ==
        "(no rule)");
  CHECK(with("    - {name: e, fields: ['tolower(proc.name)'], comps: ['='], values: [[a]]}\n") ==
        normal(base + "tolower(proc.name) = a"));
}

TEST_CASE("exception values are values, not syntax") {
  const auto with = [](const std::string& value) {
    return Compilation(rule_yaml("proc.pid=1",
                                 "  exceptions:\n    - name: e\n      fields: [proc.cmdline]\n"
                                 "      values: [[" +
                                     value + "]]\n"))
        .condition();
  };
  CHECK(with(R"('a "b" c')") == normal(R"(proc.pid=1 and not proc.cmdline = 'a "b" c')"));
  CHECK(with("'x) or (evt.num>0'") ==
        normal("proc.pid=1 and not proc.cmdline = 'x) or (evt.num>0'"));
  CHECK(with("'\"quoted\"'") == normal("proc.pid=1 and not proc.cmdline = quoted"));
}

TEST_CASE("the fields of an exception are checked even without values") {
  const Compilation unknown(rule_yaml("proc.pid=1",
                                      "  skip-if-unknown-filter: true\n  exceptions:\n"
                                      "    - {name: e, fields: [proc.nope]}\n"));
  CHECK(unknown.place(Code::EXCEPTION_FIELD) == "proc.nope");
  CHECK(code_info(Code::EXCEPTION_FIELD).falco_code == "LOAD_ERR_VALIDATE");
  const Compilation misspelt(
      rule_yaml("proc.pid=1", "  exceptions:\n    - {name: e, fields: [proc.nmae]}\n"));
  REQUIRE(misspelt.found(Code::EXCEPTION_FIELD));
  CHECK(misspelt.first(Code::EXCEPTION_FIELD).hint == "did you mean `proc.name`?");
  CHECK(unknown.program.rules.empty());
}

TEST_CASE("skip-if-unknown-filter turns unknown names into a warning, and nothing else") {
  const std::string skip = "  skip-if-unknown-filter: true\n";
  for (const char* condition : {"proc.nope=1", "evt.type=nope", "m"}) {
    CAPTURE(condition);
    const Compilation skipped("- macro: m\n  condition: proc.nope=1\n" +
                              rule_yaml(condition, skip));
    CHECK(skipped.count(Code::UNKNOWN_FILTER) == 1);
    CHECK(!skipped.diagnostics.has_errors());
    CHECK(skipped.program.rules.empty());
  }
  for (const char* condition :
       {"evt.arg.nope=1", "proc.pid=x", "undefined_macro", "proc.pid contains 1"}) {
    CAPTURE(condition);
    CHECK(Compilation(rule_yaml(condition, skip)).diagnostics.has_errors());
  }
}

TEST_CASE("what nothing refers to is reported, unless some condition could not be read") {
  const std::string unused =
      "- macro: m1\n  condition: proc.name in (l1)\n- macro: m2\n  condition: m1\n"
      "- list: l1\n  items: [a]\n- list: l2\n  items: [l1]\n";
  const Compilation complete(unused);
  CHECK(complete.place(Code::UNUSED_MACRO) == "m2");
  CHECK(complete.place(Code::UNUSED_LIST) == "l2");
  CHECK(complete.diagnostics.items().size() == 2);
  CHECK(!Compilation(unused + rule_yaml("proc.pid=")).found(Code::UNUSED_MACRO));
}

TEST_CASE("rules of unknown sources are left out with a warning") {
  const Compilation other(rule_yaml("ka.verb=get", "  source: k8s_audit\n"));
  CHECK(other.count(Code::UNKNOWN_SOURCE) == 1);
  CHECK(!other.diagnostics.has_errors());
  CHECK(other.program.rules.empty());
}

TEST_CASE("rules keep their properties and their place") {
  const Compilation compiled(
      "# comment\n- rule: R\n  desc: text\n  condition: proc.pid=1\n"
      "  output: \" out \"\n  priority: error\n  tags: [b, a]\n  enabled: false\n"
      "  capture: true\n  capture_duration: 7\n");
  REQUIRE(compiled.program.rules.size() == 1);
  const Rule& rule = compiled.program.rules[0];
  CHECK(rule.description == "text");
  CHECK(rule.priority == Priority::ERROR);
  CHECK(rule.tags == std::vector<std::string>{"a", "b"});
  CHECK(!rule.enabled);
  CHECK(rule.capture);
  CHECK(rule.capture_duration_ms == 7);
  CHECK(rule.condition_text == "proc.pid=1");
  CHECK(rule.origin.file == "r0.yaml");
  CHECK(rule.origin.line == 2);
  CHECK(rule.origin.column == 9);
}

// Falco appends rules to its lists as they are enabled, in the order of their addresses (Q45).
TEST_CASE("a rule that is enabled later keeps its place") {
  std::string text;
  for (const char* name : {"first", "second", "third"}) {
    text += std::string("- rule: ") + name +
            "\n  desc: d\n  condition: evt.type=open\n  output: o\n  priority: INFO\n"
            "  enabled: false\n";
  }
  for (const char* name : {"third", "first", "second"}) {
    text += std::string("- rule: ") + name + "\n  enabled: true\n  override: {enabled: replace}\n";
  }
  const Compilation compiled(text);
  REQUIRE(compiled.program.rules.size() == 3);
  CHECK(compiled.program.rules[0].name == "first");
  CHECK(compiled.program.rules[1].name == "second");
  CHECK(compiled.program.rules[2].name == "third");
  for (const Rule& rule : compiled.program.rules) CHECK(rule.enabled);
}

TEST_CASE("long chains of macros compile, too deep nesting is an error") {
  std::string chain = "- macro: m0\n  condition: proc.pid=0\n";
  std::string deep = chain;
  for (int i = 1; i < 3000; ++i) {
    const std::string previous = "m" + std::to_string(i - 1), number = std::to_string(i);
    chain += "- macro: m" + number + "\n  condition: " + previous + "\n";
    deep += "- macro: m" + number + "\n  condition: proc.pid=" + number +
            (i % 2 ? " and " : " or ") + previous + "\n";
  }
  CHECK(Compilation(chain + rule_yaml("m2999")).condition() == normal("proc.pid=0"));
  CHECK(Compilation(deep + rule_yaml("m2999")).found(Code::OPERAND_NESTING));
}

TEST_CASE("Falco's own rules compile without errors") {
  if (shared_is_missing()) return;
  for (const char* name : {"falco_rules-stable.yaml", "tutorial_rules.yaml"}) {
    CAPTURE(name);
    const Compilation compiled(read(kShared / "corpus" / name));
    for (const Diagnostic& item : compiled.diagnostics.items()) {
      CHECK_MESSAGE(code_info(item.code).severity != Severity::ERROR, item.message);
    }
    CHECK(compiled.program.rules.size() == compiled.set.rules.size());
  }
}

TEST_CASE("Falco's recorded load results hold") {
  if (shared_is_missing()) return;
  std::ifstream records(kShared / "spec" / "rulefile-vectors.jsonl");
  size_t checked = 0;
  for (std::string line; std::getline(records, line);) {
    const auto record = nlohmann::json::parse(line);
    const auto id = record["id"].get<std::string>();
    CAPTURE(id);
    if (kDeviations.contains(id)) continue;
    if (record["expect"].back().contains("uncaught_exception")) continue;
    std::vector<std::string> texts;
    for (const auto& file : record["files"]) texts.push_back(file["content"]);
    const Compilation compiled(texts);
    const auto& expect = record["expect"].back();
    bool loaded = true;
    for (const auto& file : record["expect"]) loaded = loaded && file["loaded"].get<bool>();
    CHECK(!compiled.diagnostics.has_errors() == loaded);
    for (const auto& code : expect["errors"]) {
      const auto has_code = [&](const Diagnostic& item) {
        return code_info(item.code).falco_code == code.get<std::string>();
      };
      CHECK_MESSAGE(std::ranges::any_of(compiled.diagnostics.items(), has_code), code);
    }
    std::multiset<std::string_view> warnings;
    for (const Diagnostic& item : compiled.diagnostics.items()) {
      if (code_info(item.code).severity == Severity::WARNING &&
          !code_info(item.code).falco_code.empty()) {
        warnings.insert(code_info(item.code).falco_code);
      }
    }
    if (loaded) {
      std::multiset<std::string> expected;
      for (const auto& file : record["expect"]) {
        for (const auto& code : file["warnings"]) expected.insert(code.get<std::string>());
      }
      CHECK(std::multiset<std::string>(warnings.begin(), warnings.end()) == expected);
      if (record["rules"].is_object()) {
        CHECK(compiled.program.rules.size() == record["rules"].size());
        for (const auto& [name, rule] : record["rules"].items()) {
          CAPTURE(name);
          REQUIRE(compiled.rule(name));
          CHECK(print_condition(compiled.program, compiled.rule(name)->condition) ==
                normal(rule["condition"]));
          CHECK(compiled.rule(name)->output_text == rule["output"].get<std::string>());
          CHECK(compiled.rule(name)->enabled == rule["enabled"]);
        }
      }
    }
    ++checked;
  }
  CHECK(checked > 90);
}
