#include "tools/falcoc/lsp/cursor.h"

#include <doctest/doctest.h>

#include <string>

namespace falcoc::lsp {
namespace {

using Where = Cursor::Where;
using Place = ir::ConditionPlace;

/// The cursor where `text` has a `^`.
Cursor at_caret(std::string text) {
  const size_t caret = text.find('^');
  REQUIRE(caret != std::string::npos);
  text.erase(caret, 1);
  return cursor_at(text, LineIndex(text), static_cast<uint32_t>(caret));
}

Cursor in_condition(const std::string& condition) {
  return at_caret("- rule: R\n  desc: d\n  condition: >\n    " + condition + "\n  output: o\n");
}

struct Row {
  const char* condition;
  Place place;
  const char* field;
  size_t prefix;
};

TEST_CASE("in a condition, what may follow is what the lexer says") {
  const Row rows[] = {
      {"^", Place::CHECK, "", 0},
      {"proc.na^", Place::CHECK, "", 7},
      {"evt.type = open and fd.n^", Place::CHECK, "", 4},
      {"not (^", Place::CHECK, "", 0},
      {"proc.name ^", Place::RELATION, "proc.name", 0},
      {"proc.name starts^", Place::RELATION, "proc.name", 6},
      {"evt.type=op^", Place::STRING_VALUE, "evt.type", 2},
      {"evt.type = ^", Place::STRING_VALUE, "evt.type", 0},
      {"proc.aname[2] startswith ^", Place::STRING_VALUE, "proc.aname[2]", 0},
      {"fd.num > ^", Place::NUMBER_VALUE, "fd.num", 0},
      {"fd.num >1^", Place::NUMBER_VALUE, "fd.num", 1},
      {"proc.name in ^", Place::LIST_VALUE, "proc.name", 0},
      {"proc.name in (sshd, ba^", Place::LIST, "proc.name", 2},
      {"proc.name in (sshd) ^", Place::CONNECTIVE, "proc.name", 0},
      {"my_macro o^", Place::CONNECTIVE, "", 1},
      {"tolower(proc.^", Place::OPERANDS, "", 5},
      {"tolower(proc.name) ^", Place::RELATION, "proc.name", 0},
      {"fd.name = \"a b\" and proc.pname in (^", Place::LIST, "proc.pname", 0},
      {"evt.type = open\n    and user.na^", Place::CHECK, "", 7},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    const Cursor cursor = in_condition(row.condition);
    CHECK(cursor.where == Where::CONDITION);
    CHECK(cursor.place == row.place);
    CHECK(cursor.field == row.field);
    CHECK(cursor.prefix.end - cursor.prefix.begin == row.prefix);
    CHECK(cursor.item == "rule");
    CHECK(cursor.name == "R");
  }
}

TEST_CASE("conditions are found in every way to write them") {
  CHECK(at_caret("- macro: m\n  condition: proc.name in (^)\n").place == Place::LIST);
  CHECK(at_caret("- macro: m\n  condition: \"proc.name = \\\"x\\\" and ^\"\n").place ==
        Place::CHECK);
  CHECK(at_caret("- macro: m\n  condition: 'proc.name = ''x'' ^'\n").place == Place::CONNECTIVE);
  CHECK(at_caret("- macro: m\n  condition: |-\n    proc.name ^\n").place == Place::RELATION);
  CHECK(at_caret("- macro: m\n  condition:\n    proc.name\n    = ^").place == Place::STRING_VALUE);
  // What is appended goes on with what was there.
  CHECK(at_caret("- rule: R\n  condition: and proc.^\n").place == Place::CHECK);
}

TEST_CASE("other keys and values are told apart") {
  const auto where = [](const char* text) { return at_caret(text).where; };
  const auto key = [](const char* text) { return at_caret(text).key; };
  CHECK(where("^") == Where::ITEM);
  CHECK(where("- rule: R\n  desc: d\n\n^") == Where::ITEM);
  CHECK(where("- li^") == Where::ITEM);
  CHECK(where("- rule: R\n  con^") == Where::KEY);
  CHECK(where("- rule: R\n  con^dition: x\n") == Where::KEY);
  CHECK(where("- rule: R\n  condition: >\n    a\n  ^\n") == Where::KEY);
  CHECK(where("- rule: R\n  output: a %proc.na^") == Where::OUTPUT);
  CHECK(where("- rule: R\n  output: a proc.na^") == Where::NOTHING);
  CHECK(where("- rule: R\n  output: >\n    x\n    user=%^\n") == Where::OUTPUT);
  CHECK(where("# a comment ^\n") == Where::NOTHING);
  CHECK(where("- rule: R\n  desc: some ^") == Where::NOTHING);
  CHECK(key("- rule: R\n  priority: WA^") == "priority");
  CHECK(key("- rule: R\n  tags: [host, mitre_^]") == "tags");
  CHECK(key("- rule: R\n  tags:\n    - mitre_^") == "tags");
  CHECK(key("- list: l\n  items: [a, ^") == "items");
  CHECK(at_caret("- rule: R\n  tags: [host, mitre_^]").prefix.end -
            at_caret("- rule: R\n  tags: [host, mitre_^]").prefix.begin ==
        6);
  CHECK(where("- rule: R\n  exceptions:\n    - na^") == Where::EXCEPTION_KEY);
  CHECK(key("- rule: R\n  exceptions:\n    - name: e\n      fields: [proc.^") ==
        "exceptions.fields");
  CHECK(key("- rule: R\n  exceptions:\n    - name: e\n      comps: [^") == "exceptions.comps");
  CHECK(where("- rule: R\n  override:\n    cond^") == Where::OVERRIDE_KEY);
  CHECK(key("- rule: R\n  override:\n    condition: ap^") == "override");
}

TEST_CASE("no place of a text, whatever it says, has a prefix behind it") {
  const std::string texts[] = {"- rule: [\n  condition: >\n  \"((\n- x", "-\n - \n:\n%",
                               "\r\n\r- a", std::string(300, '('), "- rule: R\n  condition: \"a\\"};
  for (const std::string& text : texts) {
    const LineIndex lines(text);
    for (uint32_t offset = 0; offset <= text.size() + 1; ++offset) {
      const Cursor cursor = cursor_at(text, lines, offset);
      CHECK(cursor.prefix.begin <= cursor.prefix.end);
      CHECK(cursor.prefix.end <= text.size());
    }
  }
}

}  // namespace
}  // namespace falcoc::lsp
