// Hostile and huge conditions: bounded stack, no byte misread.
#include <doctest/doctest.h>

#include "tests/compiler/parse/parsing.h"

using namespace falcoc;

namespace {

std::string repeated(std::string_view piece, size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (size_t i = 0; i < count; ++i) text += piece;
  return text;
}

Code error_code(std::string_view text) {
  const auto result = ir::parse_condition(test::mapped(text));
  REQUIRE_FALSE(result.has_value());
  return result.error().code;
}

}  // namespace

TEST_CASE("nesting up to the limit parses, one more level is refused, whatever nests") {
  struct Nesting {
    const char* open;
    const char* core;
    const char* close;
  };
  for (const Nesting& form : {Nesting{"(", "a", ")"}, Nesting{"not(", "a", ")"},
                              Nesting{"x and(", "a", ")"}, Nesting{"x or(", "a", ")"},
                              Nesting{"x and (y or ", "a", ")"}, Nesting{"(", "a.b = c", ")"}}) {
    CAPTURE(form.open);
    const auto nested = [&](size_t depth) {
      return repeated(form.open, depth) + form.core + repeated(form.close, depth);
    };
    CHECK(test::parses(nested(ir::kMaxNesting)));
    CHECK(error_code(nested(ir::kMaxNesting + 1)) == Code::NESTING_TOO_DEEP);
    CHECK(error_code(repeated(form.open, 200'000)) == Code::NESTING_TOO_DEEP);
  }
  const auto calls = [](size_t depth) {
    return repeated("toupper(", depth) + "a.b" + repeated(")", depth);
  };
  CHECK(test::parses(calls(ir::kMaxNesting) + " = x"));
  CHECK(test::parses("a.b = " + calls(ir::kMaxNesting)));
  CHECK(error_code(calls(ir::kMaxNesting + 1) + " = x") == Code::NESTING_TOO_DEEP);
  CHECK(error_code("a.b = " + calls(200'000)) == Code::NESTING_TOO_DEEP);
}

TEST_CASE("the error of too deep nesting points at the parenthesis that is too much") {
  const auto result = ir::parse_condition(test::mapped(repeated("(", 1000)));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().span.begin == ir::kMaxNesting);
  CHECK(result.error().span.end == ir::kMaxNesting + 1);
}

TEST_CASE("parentheses side by side do not count as nesting") {
  CHECK(test::parses("(a)" + repeated(" or (a and (b))", 5'000)));
}

TEST_CASE("chains of 100,000 terms parse, without recursion per term") {
  constexpr size_t kTerms = 100'000;
  CHECK(test::parse(repeated("not ", kTerms) + "a") == "a");
  const auto conjunction = ir::parse_condition(test::mapped(repeated("a and ", kTerms) + "a"));
  REQUIRE(conjunction.has_value());
  CHECK(conjunction->children.size() == kTerms + 1);
  const auto disjunction = ir::parse_condition(test::mapped(repeated("a.b = c or ", kTerms) + "d"));
  REQUIRE(disjunction.has_value());
  CHECK(disjunction->children.size() == kTerms + 1);
  const auto list = ir::parse_condition(test::mapped("a.b in (x" + repeated(", x", kTerms) + ")"));
  REQUIRE(list.has_value());
  CHECK(list->right.items.size() == kTerms + 1);
}

TEST_CASE("bytes that are not UTF-8 pass through values and keep offsets exact") {
  const std::string text = "a.b = \xc3\x28\xff and c.d = '\xe2\x82'";
  const auto bare = ir::parse_condition(test::mapped("a.b = \xff\xfe and x"));
  REQUIRE(bare.has_value());
  CHECK(bare->children[0].right.items[0].text == "\xff\xfe");
  CHECK(bare->children[1].span.begin == 13);
  const auto quoted = ir::parse_condition(test::mapped("a.b = '\xe2\x82(\xff'"));
  REQUIRE(quoted.has_value());
  CHECK(quoted->right.items[0].text == "\xe2\x82(\xff");
  CHECK_FALSE(test::parses(text));  // ( ends a bare value
}

TEST_CASE("a NUL byte is refused wherever it stands") {
  using namespace std::string_view_literals;
  for (std::string_view text :
       {"a\0"sv, "\0"sv, "a.b = 'x\0y'"sv, "a.b = x\0y"sv, "a \0 and b"sv}) {
    CHECK(error_code(text) == Code::NUL_BYTE);
  }
}

TEST_CASE("any single byte and any truncation of a condition gives a tree or an error in bounds") {
  const std::string condition =
      "not (a.b[\"x\\\"y\"] in ('c', d) and(e)) or toupper(f.g)= anyof (h) or i.j>=val(k.l)";
  REQUIRE(test::parses(condition));
  const auto check_bounds = [](const std::string& text) {
    const auto result = ir::parse_condition(test::mapped(text));
    const Span span = result ? result->span : result.error().span;
    CHECK(span.begin <= span.end);
    CHECK(span.end <= text.size());
  };
  for (size_t size = 0; size < condition.size(); ++size) check_bounds(condition.substr(0, size));
  for (size_t at = 0; at < condition.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = condition;
      changed[at] = static_cast<char>(byte);
      check_bounds(changed);
    }
  }
}
