// The format of the case files.
#include "tests/conformance/case_file.h"

#include <doctest/doctest.h>

namespace falcoc::conformance {
namespace {

TEST_CASE("a case file with an unknown verdict, set or value is refused with its line") {
  const auto error = [](std::string_view text) { return parse_case_file("f", text).error(); };
  CHECK(error("case a\n  maybe: x exists\n").starts_with("f:2: expected true"));
  CHECK(error("case a\n\n  given nothing\n").starts_with("f:3: no such set"));
  CHECK(error("case a\nwith x = \"\\q\"\n").starts_with("f:2: malformed value"));
  CHECK(error("true: x exists\n").starts_with("f:1: expected `case`"));
}

TEST_CASE("facts are text, bytes and lists, and sets of them can be reused") {
  const auto file = parse_case_file("f",
                                    "facts s\n  a.b = 1\n  c.d = [x, \"y\\x00\"]\n"
                                    "case t\n  given s\n  with a.b = \"\"\n  true: a.b = 1\n");
  REQUIRE(file.has_value());
  const testing::Facts& facts = file->cases.at(0).facts;
  CHECK(facts.find("a.b")->items.front().empty());
  CHECK(facts.find("c.d")->items == std::vector<std::string>{"x", std::string("y\0", 2)});
  CHECK(file->cases.at(0).expectations.at(0).condition == "a.b = 1");
}

}  // namespace
}  // namespace falcoc::conformance
