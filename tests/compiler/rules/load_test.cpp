// Items of rule files: what is defined, changed, warned about and refused, and where.
#include <doctest/doctest.h>

#include "compiler/rules/map_reader.h"
#include "tests/compiler/rules/loading.h"

using namespace falcoc;
using namespace falcoc::rules;

TEST_CASE("a rule is read with all its keys") {
  Loading loading(
      "- rule: My rule\n  desc: what\n  condition: evt.type=open\n  output: ' x %proc.name '\n"
      "  priority: error\n  tags: [b, a, b]\n  enabled: no\n  warn_evttypes: OFF\n"
      "  skip-if-unknown-filter: True\n  capture: yes\n  capture_duration: 0x10\n  source: "
      "syscall\n");
  CHECK(loading.codes().empty());
  const Rule& rule = loading.rule("My rule");
  CHECK(rule.description.text() == "what");
  CHECK(rule.output.text() == "x %proc.name");
  CHECK(loading.written(rule.output.whole()) == "x %proc.name");
  CHECK(rule.priority == Priority::ERROR);
  CHECK(rule.tags == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(rule.enabled);
  CHECK_FALSE(rule.warn_evttypes);
  CHECK(rule.skip_if_unknown_filter);
  CHECK(rule.capture);
  CHECK(rule.capture_duration_ms == 16);
}

TEST_CASE("one error does not hide those of other items, nor of the same item") {
  Loading loading("- rule: A\n  condition: x\n- list: L\n- " + rule_text("B", "ok").substr(2) +
                  "- rule: C\n  desc: d\n  condition: x\n  output: o\n  priority: HIGH\n"
                  "  enabled: maybe\n- 5\n");
  CHECK_FALSE(loading.loaded);
  CHECK(loading.diagnostics.count(Severity::ERROR) == 7);  // A lacks three keys, L one, C two, 5
  REQUIRE(loading.set.rules.size() == 1);
  CHECK(loading.set.rules[0].name.str() == "B");
  CHECK(loading.place(Code::PRIORITY_UNKNOWN) == "HIGH");
}

TEST_CASE("documents may be empty and several, but must be sequences") {
  CHECK(Loading("").codes().empty());
  CHECK(Loading("# nothing\n---\n---\n- \n").codes().empty());
  Loading several("---\n- list: a\n  items: []\n---\n- list: b\n  items: []\n");
  CHECK(several.set.lists.size() == 2);
  CHECK(Loading("rule: x\n").found(Code::YAML_STRUCTURE));
  CHECK(Loading("text\n").found(Code::YAML_STRUCTURE));
}

TEST_CASE("items of unknown kinds and unknown keys are warnings with a likely name") {
  Loading loading("- thing: x\n- list: a\n  items: []\n  itmes: []\n");
  CHECK(loading.loaded);
  CHECK(loading.place(Code::UNKNOWN_ITEM) == "thing");
  CHECK(loading.place(Code::UNKNOWN_KEY) == "itmes");
  CHECK(loading.diagnostics.items().back().hint == "did you mean `items`?");
}

TEST_CASE("the kind of an item follows the fixed order of keys") {
  Loading loading("- rule: Q\n  macro: m\n  condition: x\n");
  CHECK(loading.set.macros.size() == 1);
  CHECK(loading.place(Code::UNKNOWN_KEY) == "rule");
}

TEST_CASE("of a key given twice the first counts, and merge keys are not applied") {
  Loading twice("- macro: m\n  condition: first\n  condition: second\n");
  CHECK(twice.set.macros.at(0).condition.text() == "first");
  CHECK(twice.found(Code::DUPLICATE_KEY));
  Loading merge("- macro: m\n  <<: {condition: x}\n");
  CHECK(merge.found(Code::MERGE_KEY));
  CHECK(merge.found(Code::VALUE_MISSING));
}

TEST_CASE("values of the wrong type are errors where they stand") {
  struct Case {
    const char* text;
    Code code;
    const char* place;
  };
  for (const Case& c : {
           Case{"- list: a\n  items: x\n", Code::VALUE_TYPE, "x"},
           Case{"- list: a\n  items: [x, [y]]\n", Code::VALUE_TYPE, "[y]"},
           Case{"- list: a\n  items: [x, ~]\n", Code::VALUE_TYPE, ""},
           Case{"- list: a\n", Code::VALUE_MISSING, "list"},
           Case{"- list:\n  items: []\n", Code::VALUE_MISSING, "list"},
           Case{"- macro: m\n  condition: [a]\n", Code::VALUE_TYPE, "[a]"},
           Case{"- macro: m\n  condition: ''\n", Code::VALUE_MISSING, "''"},
           Case{"- macro: m\n  condition:\n", Code::VALUE_MISSING, "condition"},
           Case{"- macro: m\n  condition: x\n  append: 1\n", Code::VALUE_TYPE, "1"},
       }) {
    CAPTURE(c.text);
    Loading loading(c.text);
    CHECK_FALSE(loading.loaded);
    CHECK(loading.place(c.code) == c.place);
  }
  CHECK(Loading(rule_text("R", "x") + "  tags: a\n").place(Code::VALUE_TYPE) == "a");
  CHECK(Loading(rule_text("R", "x") + "  exceptions: abc\n").place(Code::VALUE_TYPE) == "abc");
  CHECK(Loading(rule_text("R", "x") + "  capture_duration: -5\n").place(Code::VALUE_TYPE) == "-5");
  CHECK(Loading(rule_text("R", "x") + "  source: ''\n").place(Code::VALUE_MISSING) == "''");
}

TEST_CASE("an optional key without a value is ignored with a warning") {
  Loading loading(rule_text("R", "x") + "  tags:\n  enabled: ~\n  exceptions:\n");
  CHECK(loading.loaded);
  CHECK(loading.codes().size() == 2);  // exceptions may be null
  CHECK(loading.found(Code::VALUE_EMPTY));
}

TEST_CASE("booleans have the spellings of YAML 1.1") {
  for (const char* const text : {"y", "Yes", "TRUE", "on"}) CHECK(parse_bool(text) == true);
  for (const char* const text : {"n", "No", "FALSE", "off", "N"}) CHECK(parse_bool(text) == false);
  for (const char* const text : {"", "tRue", "1", "yess", "oN"}) {
    CHECK_FALSE(parse_bool(text).has_value());
  }
}

TEST_CASE("unsigned numbers are decimal, hexadecimal or octal and fit 32 bits") {
  CHECK(parse_unsigned("10") == 10);
  CHECK(parse_unsigned("+10") == 10);
  CHECK(parse_unsigned("0x1F") == 31);
  CHECK(parse_unsigned("063") == 51);
  CHECK(parse_unsigned("0") == 0);
  CHECK(parse_unsigned("4294967295") == 4294967295U);
  for (const char* const text : {"", "+", "-1", "08", "0x", "4294967296", "1.0", "1 ", "+-1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_unsigned(text).has_value());
  }
}

TEST_CASE("a redefinition replaces everything but keeps its position") {
  Loading loading(rule_text("A", "x") + "  tags: [t]\n" + rule_text("B", "y") +
                  rule_text("A", "z"));
  CHECK(loading.loaded);
  REQUIRE(loading.set.rules.size() == 2);
  const Rule& a = loading.set.rules[0];
  CHECK(a.condition.text() == "z");
  CHECK(a.tags.empty());
  CHECK(a.order.index == 0);
  CHECK(a.order.visibility == 2);
}

TEST_CASE("running numbers go on over kinds and files") {
  Loading loading("- list: l\n  items: [a]\n- macro: m\n  condition: x\n");
  loading.load("b.yaml",
               "- list: l\n  items: [b]\n  override: {items: append}\n" + rule_text("R", "m"));
  CHECK(loading.set.lists[0].order.index == 0);
  CHECK(loading.set.lists[0].order.visibility == 2);
  CHECK(loading.set.macros[0].order.index == 1);
  CHECK(loading.set.rules[0].order.index == 3);
  REQUIRE(loading.set.lists[0].items.size() == 2);
  CHECK(loading.set.lists[0].items[1].str() == "b");
}

TEST_CASE("appended conditions join with one blank and keep the places of both parts") {
  Loading loading("- macro: m\n  condition: proc.name=a\n");
  loading.load("b.yaml",
               "- macro: m\n  condition: >\n    or\n    proc.name=b\n"
               "  override: {condition: append}\n");
  const MappedText& condition = loading.set.macros[0].condition;
  CHECK(condition.text() == "proc.name=a or proc.name=b\n");
  const auto part = [&](std::string_view text) {
    const auto at = static_cast<uint32_t>(condition.text().find(text));
    return condition.span(at, at + static_cast<uint32_t>(text.size()));
  };
  CHECK(part("name=a").file == FileId{0});
  CHECK(loading.written(part("name=a")) == "name=a");
  CHECK(part("name=b").file == FileId{1});
  CHECK(loading.written(part("name=b")) == "name=b");
}

TEST_CASE("append and override reach every key they may") {
  Loading loading(
      rule_text("R", "x") +
      "- rule: R\n  condition: and y\n  output: more\n  desc: more\n  tags: [t]\n"
      "  override: {condition: append, output: append, desc: append, tags: append}\n"
      "- rule: R\n  priority: alert\n  capture: true\n  capture_duration: 7\n  enabled: false\n"
      "  warn_evttypes: false\n  skip-if-unknown-filter: true\n"
      "  override: {priority: replace, capture: replace, capture_duration: replace,\n"
      "    enabled: replace, warn_evttypes: replace, skip-if-unknown-filter: replace}\n");
  CHECK(loading.codes().empty());
  const Rule& rule = loading.rule("R");
  CHECK(rule.condition.text() == "x and y");
  CHECK(rule.output.text() == "o more");
  CHECK(rule.description.text() == "d more");
  CHECK(rule.tags == std::vector<std::string>{"t"});
  CHECK(rule.priority == Priority::ALERT);
  CHECK(rule.capture);
  CHECK(rule.capture_duration_ms == 7);
  CHECK_FALSE(rule.enabled);
  CHECK_FALSE(rule.warn_evttypes);
  CHECK(rule.skip_if_unknown_filter);
}

TEST_CASE("an override must fit the keys of its item") {
  const std::string base = rule_text("R", "x");
  struct Case {
    const char* item;
    Code code;
  };
  for (const Case& c : {
           Case{"condition: y\n  override: {condition: prepend}", Code::OVERRIDE_INVALID},
           Case{"condition: y\n  override: {conditions: append}", Code::OVERRIDE_INVALID},
           Case{"source: syscall\n  override: {source: replace}", Code::OVERRIDE_INVALID},
           Case{"priority: INFO\n  override: {priority: append}", Code::OVERRIDE_INVALID},
           Case{"condition: y\n  override: [append]", Code::OVERRIDE_INVALID},
           Case{"override: {condition: replace}", Code::VALUE_MISSING},
           Case{"condition: y\n  output: z\n  override: {condition: append}",
                Code::OVERRIDE_INCOMPLETE},
           Case{"condition: y\n  append: true\n  override: {condition: append}",
                Code::OVERRIDE_INCOMPLETE},
       }) {
    CAPTURE(c.item);
    Loading loading(base + "- rule: R\n  " + c.item + "\n");
    CHECK_FALSE(loading.loaded);
    CHECK(loading.found(c.code));
    CHECK(loading.rule("R").condition.text() == "x");
  }
}

TEST_CASE("an empty override is as none") {
  for (const char* const value : {"", "{}", "append"}) {
    CAPTURE(value);
    Loading loading(rule_text("R", "x") + "- rule: R\n  enabled: false\n  override: " + value +
                    "\n");
    CHECK(loading.loaded);
    CHECK_FALSE(loading.rule("R").enabled);
    CHECK(loading.found(Code::DEPRECATED_ITEM));
  }
}

TEST_CASE("a change of something undefined is an error, unless its definition failed already") {
  for (const char* const text :
       {"- list: q\n  items: []\n  append: true\n", "- macro: q\n  condition: x\n  append: true\n",
        "- rule: q\n  condition: x\n  append: true\n", "- rule: q\n  enabled: true\n",
        "- rule: q\n  condition: x\n  override: {condition: append}\n"}) {
    CAPTURE(text);
    Loading loading(text);
    CHECK_FALSE(loading.loaded);
    CHECK(loading.place(Code::NOTHING_TO_CHANGE) == "q");
  }
  Loading broken("- rule: q\n  condition: x\n- rule: q\n  enabled: true\n");
  CHECK_FALSE(broken.found(Code::NOTHING_TO_CHANGE));
}

TEST_CASE("an append needs a condition or exceptions") {
  CHECK(Loading(rule_text("R", "x") + "- rule: R\n  append: true\n  output: z\n")
            .found(Code::APPEND_EMPTY));
}

TEST_CASE("a list or macro replacement without a definition defines it") {
  Loading loading(
      "- list: l\n  items: [a]\n  override: {items: replace}\n"
      "- macro: m\n  condition: x\n  override: {condition: replace}\n");
  CHECK(loading.codes().empty());
  CHECK(loading.set.lists.size() == 1);
  CHECK(loading.set.macros.size() == 1);
}

TEST_CASE("the source of a rule cannot change, and one that is unknown is kept") {
  const std::string base = rule_text("R", "x");
  CHECK(Loading(base + rule_text("R", "y") + "  source: other\n").found(Code::SOURCE_CHANGED));
  CHECK(Loading(base + "- rule: R\n  append: true\n  condition: and y\n  source: other\n")
            .found(Code::SOURCE_CHANGED));
  CHECK(Loading(base + "- rule: R\n  append: true\n  condition: and y\n  source:\n").loaded);
  Loading other(rule_text("A", "x") + "  source: k8s_audit\n");
  CHECK(other.loaded);
  CHECK(other.codes().empty());
  CHECK(other.rule("A").source == "k8s_audit");
}

TEST_CASE("names that no condition can use are warned about, but defined") {
  Loading loading(
      "- macro: my-mac\n  condition: x\n- list: my list\n  items: []\n"
      "- list: my-list.2\n  items: []\n");
  CHECK(loading.loaded);
  CHECK(loading.place(Code::INVALID_MACRO_NAME) == "my-mac");
  CHECK(loading.place(Code::INVALID_LIST_NAME) == "my list");
  CHECK(loading.codes().size() == 2);
  CHECK(loading.set.lists.size() == 2);
}

TEST_CASE("anchored lists are shared and numbers are text as written") {
  Loading loading("- list: a\n  items: &it [x, 0x10, 5, true, '']\n- list: b\n  items: *it\n");
  REQUIRE(loading.set.lists.size() == 2);
  REQUIRE(loading.set.lists[1].items.size() == 5);
  CHECK(loading.set.lists[1].items[1].str() == "0x10");
  CHECK(loading.set.lists[1].items[4].str().empty());
}

TEST_CASE("a malformed file adds nothing and is one error") {
  Loading loading("- list: a\n  items: []\n- rule: [\n");
  CHECK_FALSE(loading.loaded);
  CHECK(loading.codes() == std::vector<std::string_view>{"E0002"});
  CHECK(loading.set.lists.empty());
}

TEST_CASE("an append that changes the meaning of the earlier condition is pointed out") {
  const auto warns = [](const std::string& earlier, const std::string& appended) {
    Loading loading;
    loading.load("f.yaml", "- macro: m\n  condition: " + earlier +
                               "\n- macro: m\n  override: {condition: append}\n  condition: " +
                               appended + "\n");
    CHECK_FALSE(loading.diagnostics.has_errors());
    return std::ranges::any_of(loading.diagnostics.items(), [](const Diagnostic& finding) {
      return finding.code == Code::APPEND_PRECEDENCE;
    });
  };
  CHECK(warns("proc.name=a and proc.pid=1", "or proc.pid=2"));
  CHECK(warns("proc.name=a or proc.pid=1", "and proc.pid=2"));
  CHECK(warns("proc.name=a", "and proc.pid=2 or proc.pid=3"));
  CHECK_FALSE(warns("proc.name=a and proc.pid=1", "and proc.pid=2"));
  CHECK_FALSE(warns("proc.name=a or proc.pid=1", "or proc.pid=2"));
  CHECK_FALSE(warns("(proc.name=a or proc.pid=1)", "and proc.pid=2"));
  CHECK_FALSE(warns("proc.name='a or b'", "and (proc.pid=2 or proc.pid=3)"));
}
