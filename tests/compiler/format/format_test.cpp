// Layout of whole files: what changes, and above all what does not.
#include <doctest/doctest.h>

#include "compiler/format/same_rules.h"
#include "tests/compiler/format/formatting.h"

using namespace falcoc;

namespace {

/// The new text, which is the layout of itself; findings if there is none.
std::string formatted(std::string_view text) {
  const test::Formatted once = test::format_text(text);
  if (!once.text) return once.codes;
  const test::Formatted twice = test::format_text(*once.text);
  CHECK(twice.text.value_or(twice.codes) == *once.text);
  return *once.text;
}

/// Formatting leaves the text alone.
void check_kept(const std::string& text) { CHECK(formatted(text) == text); }

bool differ(std::string_view before, std::string_view after) {
  SourceMap sources;
  const FileId a = sources.add("a", std::string(before));
  const FileId b = sources.add("b", std::string(after));
  return format::difference(sources, a, b).has_value();
}

const std::string kLong =
    "evt.type in (open, openat, openat2, creat) and proc.name in (cat, dog) and "
    "fd.name startswith /etc/ and not expected";
const std::string kLongLines =
    "    evt.type in (open, openat, openat2, creat)\n"
    "    and proc.name in (cat, dog)\n"
    "    and fd.name startswith /etc/\n"
    "    and not expected\n";

}  // namespace

TEST_CASE("a short condition stands behind its key, a long one in a folded block") {
  CHECK(formatted("- macro: m\n  condition: >\n    a\n    and   b\n") ==
        "- macro: m\n  condition: a and b\n");
  CHECK(formatted("- macro: m\n  condition: " + kLong + "\n") ==
        "- macro: m\n  condition: >\n" + kLongLines);
}

TEST_CASE("every style of scalar becomes the same") {
  const std::string expected = "- macro: m\n  condition: a and b\n";
  for (const char* style : {"a and b", "'a and b'", "\"a and b\"", "|\n    a and\n    b",
                            ">-\n     a\n     and b\n\n", "a\n    and b", "\n    a and b"}) {
    CAPTURE(style);
    CHECK(formatted("- macro: m\n  condition: " + std::string(style) + "\n") == expected);
  }
}

TEST_CASE("a condition that YAML would misread behind a key is a block") {
  CHECK(formatted("- macro: m\n  condition: 'proc.cmdline contains \"a: b\"'\n") ==
        "- macro: m\n  condition: >\n    proc.cmdline contains \"a: b\"\n");
  CHECK(formatted("- macro: m\n  condition: 'proc.cmdline contains \"a #b\"'\n") ==
        "- macro: m\n  condition: >\n    proc.cmdline contains \"a #b\"\n");
  CHECK(formatted("- macro: m\n  condition: 'null'\n") == "- macro: m\n  condition: >\n    null\n");
}

TEST_CASE("comments stay, wherever they stand") {
  check_kept(
      "# file\n"
      "\n"
      "# item\n"
      "- macro: m  # name\n"
      "  # key\n"
      "  condition: a and b # condition\n"
      "  # last\n"
      "\n"
      "# of the end\n");
  CHECK(formatted("- macro: m\n  condition: > # why\n    a and\n    b\n  # behind\n") ==
        "- macro: m\n  condition: a and b # why\n  # behind\n");
  CHECK(formatted("- macro: m\n  condition: " + kLong + "   # why\n") ==
        "- macro: m\n  condition: > # why\n" + kLongLines);
  check_kept("- macro: m\n  condition: # why\n    a and b\n");
}

TEST_CASE("a comment behind a condition does not become text of it") {
  CHECK(formatted("- macro: m\n  condition: " + kLong + "\n      # about m\n\n    # as well\n") ==
        "- macro: m\n  condition: >\n" + kLongLines + "  # about m\n\n  # as well\n");
}

TEST_CASE("lines that only belonged to a condition go with it") {
  CHECK(formatted("- macro: m\n  condition: >+\n    a and b   \n\n\n") ==
        "- macro: m\n  condition: a and b\n");
}

TEST_CASE("one empty line between items") {
  CHECK(formatted("\n\n- list: a\n  items: [x]\n- list: b\n  items: [y]\n\n\n\n- list: c\n"
                  "  items: [z]\n\n\n") ==
        "- list: a\n  items: [x]\n\n- list: b\n  items: [y]\n\n- list: c\n  items: [z]\n");
  CHECK(formatted("- list: a\n  items: [x]\n# of b\n- list: b\n  items: [y]") ==
        "- list: a\n  items: [x]\n\n# of b\n- list: b\n  items: [y]\n");
  CHECK(formatted("- list: a\n  items: [x]\n  # of a\n- list: b\n  items: [y]\n") ==
        "- list: a\n  items: [x]\n  # of a\n\n- list: b\n  items: [y]\n");
  check_kept("---\n- list: a\n  items: [x]\n");
}

TEST_CASE("two blanks for each level") {
  CHECK(formatted("  -   list:    a\n      items:\n      -  x\n      # about y\n      -  y\n") ==
        "- list: a\n  items:\n    - x\n    # about y\n    - y\n");
  CHECK(formatted("-  rule: r\n   exceptions:\n   - name: e\n     fields: [proc.name,\n"
                  "              fd.name]\n     values:\n            - [a, b]\n"
                  "            - - c\n              - d\n   output: >\n        x\n          y\n") ==
        "- rule: r\n  exceptions:\n    - name: e\n      fields: [proc.name,\n"
        "               fd.name]\n      values:\n        - [a, b]\n"
        "        - - c\n          - d\n  output: >\n    x\n      y\n");
}

TEST_CASE("a comment keeps the column of the keys it stands below") {
  CHECK(formatted("    - macro: m\n      condition: |\n             a\n      # behind\n\n"
                  "    - list: l\n      # inner\n") ==
        "- macro: m\n  condition: a\n  # behind\n\n- list: l\n  # inner\n");
}

TEST_CASE("what indents in an unclear way keeps its columns") {
  check_kept("- &anchor\n    list: a\n    items: [x]\n");
  check_kept("- list: a\n  items:\n      -\n        x\n");
}

TEST_CASE("texts other than conditions keep every byte") {
  check_kept(
      "- rule: r\n"
      "  desc: |\n"
      "    two  blanks  \n"
      "\n"
      "\n"
      "    empty lines\n"
      "  output: \"a   b \\\n"
      "    c\"\n"
      "  priority: 'INFO'\n");
  check_kept("- rule: r\n  desc: |+\n    kept\n\n\n  output: >2\n      x\n");
}

TEST_CASE("blanks at line ends go") {
  CHECK(formatted("- list: a   \n  items: [x,  \n    y]\t\n  # c  \n") ==
        "- list: a\n  items: [x,\n    y]\n  # c\n");
}

TEST_CASE("anchors, aliases and tags stay") {
  CHECK(formatted("- macro: m\n  condition: &c a and   b\n\n- macro: n\n  condition: *c\n") ==
        "- macro: m\n  condition: &c a and b\n\n- macro: n\n  condition: *c\n");
  CHECK(formatted("- macro: m\n  condition: !!str a and   b\n") ==
        "- macro: m\n  condition: !!str a and b\n");
  // As a description it is a text.
  check_kept("- macro: m\n  condition: &c a and   b\n\n- rule: r\n  desc: *c\n");
}

TEST_CASE("items in braces and brackets are left alone") {
  check_kept("- {macro: m, condition: a  and b}\n");
  check_kept("[{macro: m,\n  condition: a  and b}]\n");
}

TEST_CASE("what is appended keeps its beginning") {
  CHECK(formatted("- macro: m\n  append: true\n  condition: 'or  b'\n") ==
        "- macro: m\n  append: true\n  condition: or b\n");
  CHECK(formatted("- macro: m\n  condition: (a\n\n- macro: m\n  condition: or b)\n") ==
        "E0206 E0205 ");
  check_kept("- macro: m\n  condition: and  (a\n  override:\n    condition: append\n");
}

TEST_CASE("CR LF line ends and byte order marks stay") {
  CHECK(formatted("\xEF\xBB\xBF- macro: m\r\n  condition: |\r\n    a\r\n    and b\r\n") ==
        "\xEF\xBB\xBF- macro: m\r\n  condition: a and b\r\n");
}

TEST_CASE("what is no rule file, or has a wrong condition, has findings and no layout") {
  CHECK(formatted("a: [\n") == "E0002 ");
  CHECK(formatted("a: b\n") == "E0003 ");
  CHECK(formatted("- macro: m\n  condition: a and\n") == "E0205 ");
}

TEST_CASE("findings that other files may answer do not matter") {
  CHECK(formatted("- macro: m\n  append: true\n  condition: and  b\n\n- rule: r\n  enabled: x\n") ==
        "- macro: m\n  append: true\n  condition: and b\n\n- rule: r\n  enabled: x\n");
}

TEST_CASE("an empty file stays empty") {
  check_kept("");
  check_kept("# nothing\n");
}

TEST_CASE("a difference of meaning is seen") {
  const char* const before = "- macro: m\n  condition: a and (b or c)\n";
  CHECK_FALSE(differ(before, "- macro: m\n  condition: a and(b  or c)\n"));
  CHECK(differ(before, "- macro: m\n  condition: a and b or c\n"));
  CHECK(differ(before, "- macro: n\n  condition: a and (b or c)\n"));
  CHECK(differ(before, "- macro: m\n  condition: a and (b or c)\n  x: y\n"));
  CHECK(differ(before, ""));
  CHECK(differ("- macro: m\n  condition: proc.name = 'a'\n",
               "- macro: m\n  condition: proc.name = 'b'\n"));
  CHECK(differ("- rule: r\n  output: a\n", "- rule: r\n  output: a \\\n"));
}
