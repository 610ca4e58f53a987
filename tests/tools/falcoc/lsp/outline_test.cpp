#include "tools/falcoc/lsp/outline.h"

#include <doctest/doctest.h>

namespace falcoc::lsp {
namespace {

std::string_view slice(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

TEST_CASE("items and the words of their conditions are where the file has them") {
  const std::string text =
      "# shells\n- list: shells\n  items: [sh, 'bash', other]\n"
      "- macro: m\n  condition: \"proc.name in (shells) and tolower(fd.name) = \\\"x\\\"\"\n"
      "- rule: \"R s\"\n  condition: >\n    m and\n    evt.type = open\n  output: \"%fd.name "
      "%10proc.name\"\n"
      "- rule: R s\n  enabled: false\n";
  OutlineReader reader;
  const Outline outline = reader.read(text);
  REQUIRE(outline.items.size() == 4);
  CHECK(outline.broken.empty());
  CHECK(slice(text, outline.items[0].name.range) == "shells");
  CHECK(outline.items[0].description == "shells");
  CHECK(slice(text, outline.items[0].items[1].range) == "bash");
  const Condition& condition = outline.items[1].conditions.at(0);
  CHECK(slice(text, condition.words.at(0).range) == "proc.name");
  CHECK(slice(text, condition.words.at(3).range) == "shells");
  CHECK(slice(text, outline.items[2].name.range) == "R s");
  CHECK(slice(text, outline.items[2].conditions.at(0).words.at(2).range) == "evt.type");
  CHECK(slice(text, outline.items[2].outputs.at(0).fields.at(1).range) == "proc.name");
  CHECK(outline.items[3].is_change);
}

TEST_CASE("an item that is malformed spoils no other") {
  const std::string text =
      "- list: a\n  items: [x]\n- rule: [\n  condition: m\n- macro: m\n  condition: a\n";
  OutlineReader reader;
  const Outline outline = reader.read(text);
  REQUIRE(outline.items.size() == 2);
  REQUIRE(outline.broken.size() == 1);
  CHECK(slice(text, outline.broken[0]).starts_with("- rule: ["));
  CHECK(outline.items[1].name.text == "m");
}

TEST_CASE("reading again after a change gives what reading at once gives") {
  const std::string before =
      "- list: a\n  items: [x]\n\n- macro: m\n  condition: proc.name in (a)\n";
  const std::string after =
      "- list: abc\n  items: [x]\n\n- macro: m\n  condition: proc.name in (a)\n";
  OutlineReader again;
  (void)again.read(before);
  const Outline one = again.read(after);
  const Outline other = OutlineReader().read(after);
  REQUIRE(one.items.size() == other.items.size());
  for (size_t i = 0; i < one.items.size(); ++i) {
    CHECK(one.items[i].name.range == other.items[i].name.range);
    CHECK(one.items[i].range == other.items[i].range);
  }
  CHECK(slice(after, one.items[1].conditions[0].words[3].range) == "a");
}

TEST_CASE("an item begins at its dash, with the comment right above") {
  const std::string text = "# file\n\n# of a\n- list: a\n  items: []\n# of b\n# too\n- list: b\n";
  const std::vector<Range> parts = parts_of(text);
  REQUIRE(parts.size() == 3);
  CHECK(slice(text, parts[1]) == "# of a\n- list: a\n  items: []\n");
  CHECK(slice(text, parts[2]) == "# of b\n# too\n- list: b\n");
  CHECK(parts_of("").empty());
}

}  // namespace
}  // namespace falcoc::lsp
