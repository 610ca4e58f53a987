// Messages: what, where, and what to do instead.
#include <doctest/doctest.h>

#include "tests/compiler/parse/parsing.h"

using namespace falcoc;

namespace {

struct Row {
  std::string_view condition;
  Code code;
  std::string_view underlined;
  std::string_view hint;  ///< a part of it
};

const Row kRows[] = {
    {"", Code::CONDITION_EMPTY, "", ""},
    {" \n ", Code::CONDITION_EMPTY, " \n ", ""},
    {"a.b = c AND d", Code::CONNECTIVE_EXPECTED, "AND", "write `and`"},
    {"a.b = c && d", Code::CONNECTIVE_EXPECTED, "&&", "write `and`"},
    {"a.b = c || d", Code::CONNECTIVE_EXPECTED, "||", "write `or`"},
    {"NOT a", Code::CONNECTIVE_EXPECTED, "a", "write `not`"},
    {"!a.b = c", Code::CHECK_EXPECTED, "!a.b", "`not`"},
    {"a.b not in (c)", Code::OPERATOR_EXPECTED, "not", "`not a.b in (…)`"},
    {"a.b !in (c)", Code::OPERATOR_EXPECTED, "!in", "`not a.b in (…)`"},
    {"a.b[1] not contains c", Code::OPERATOR_EXPECTED, "not", "`not a.b[1] contains …`"},
    {"a.b =~ c", Code::CONNECTIVE_EXPECTED, "c", "no operator `=~`; use `regex`"},
    {"a.b => 5", Code::CONNECTIVE_EXPECTED, "5", "use `>=`"},
    {"a.b <> 5", Code::VALUE_EXPECTED, ">", "use `!=`"},
    {"a.b matches c", Code::OPERATOR_EXPECTED, "matches", "use `regex`"},
    {"a.b pmatc (c)", Code::OPERATOR_EXPECTED, "pmatc", "did you mean `pmatch`?"},
    {"a.b inn (c)", Code::CONNECTIVE_EXPECTED, "(", "write `in (…)`"},
    {"tolowr(a.b) = c", Code::CONNECTIVE_EXPECTED, "(", "did you mean the transformer `tolower`?"},
    {"a.b like c", Code::OPERATOR_EXPECTED, "like", "use `glob`"},
    {"a.b contains'x'", Code::OPERATOR_EXPECTED, "contains", "blank behind `contains`"},
    {"a.b", Code::OPERATOR_EXPECTED, "", "write `a.b exists`"},
    {"a.b and c", Code::OPERATOR_EXPECTED, "and", "write `a.b exists`"},
    {"a.b [1] = c", Code::OPERATOR_EXPECTED, "[", "`a.b[…]`"},
    {"a.b-c = d", Code::OPERATOR_EXPECTED, "-c", "dash"},
    {"a.b =", Code::VALUE_EXPECTED, "", "`''`"},
    {"a.b = (c, d)", Code::VALUE_EXPECTED, "(", "`a.b in (…)`"},
    {"a.b != (c, d)", Code::VALUE_EXPECTED, "(", "`not a.b in (…)`"},
    {"a.b startswith (c)", Code::VALUE_EXPECTED, "(", "`a.b startswith anyof (…)`"},
    {"a.b =anyof (c)", Code::CONNECTIVE_EXPECTED, "(", "blanks on both sides of `anyof`"},
    {"a.b = anyof(c)", Code::CONNECTIVE_EXPECTED, "(", "blanks on both sides of `anyof`"},
    {"a.b in anyof (c)", Code::CONNECTIVE_EXPECTED, "(", "not with `in`"},
    {"a.b > anyof (1)", Code::VALUE_EXPECTED, "anyof", "not with `>`"},
    {"a.b < numbers", Code::VALUE_EXPECTED, "numbers", "a list of one number cannot"},
    {"a.b < '5'", Code::VALUE_EXPECTED, "'", "an unquoted number"},
    {"a.b > '5'", Code::VALUE_EXPECTED, "'", "unquoted number"},
    {"a.b > 5s", Code::CONNECTIVE_EXPECTED, "s", "no units"},
    {"a.b = c=d", Code::CONNECTIVE_EXPECTED, "=", "quote a value that contains `=`"},
    {"a.b = c d", Code::CONNECTIVE_EXPECTED, "d", "'c d'"},
    {"a.b in 'c'", Code::VALUE_EXPECTED, "'", "in parentheses"},
    {"a.b in [c, d]", Code::VALUE_EXPECTED, "[", "`a.b in (a, b)`"},
    {"a.b in (c d)", Code::LIST_MALFORMED, "d", "comma"},
    {"a.b in (c,)", Code::LIST_MALFORMED, ")", "remove the comma"},
    {"a.b in (c", Code::LIST_MALFORMED, "", ""},
    {"a.b = 'c", Code::STRING_UNTERMINATED, "'", ""},
    {R"(a.b = 'c\')", Code::STRING_UNTERMINATED, "'", "escaped"},
    {"a.b in (\"c, d)", Code::STRING_UNTERMINATED, "\"", ""},
    {"a.b['c] = d", Code::STRING_UNTERMINATED, "'", ""},
    {R"(a.b in ("\q"))", Code::ESCAPE_INVALID, "\\q", "known are"},
    {R"(a.b = '\xg0')", Code::ESCAPE_INVALID, "\\x", "`\\\\x`"},
    {"(a and b", Code::PARENTHESIS_UNBALANCED, "", ""},
    {"a) and b", Code::PARENTHESIS_UNBALANCED, ")", ""},
    {"(a b)", Code::CONNECTIVE_EXPECTED, "b", "`and` or `or`"},
    {"a and", Code::CONNECTIVE_EXPECTED, "and", "a check must follow"},
    {"a and ", Code::CHECK_EXPECTED, "", "remove the last `and`"},
    {"a or(b) and c", Code::CONNECTIVE_EXPECTED, "and", "blank between `or`"},
    {"a and and b", Code::CONNECTIVE_EXPECTED, "b", ""},
    {"name = x", Code::CONNECTIVE_EXPECTED, "=", "have a dot"},
    {"toupper (a.b) = C", Code::CONNECTIVE_EXPECTED, "(", "`toupper(…)`"},
    {"val(a.b) = c", Code::CONNECTIVE_EXPECTED, "(", "right side"},
    {"toupper(b) = C", Code::TRANSFORMER_MALFORMED, "b", "`'b'`"},
    {"toupper(a.b = C", Code::TRANSFORMER_MALFORMED, "=", ""},
    {"a.b = val('c')", Code::TRANSFORMER_MALFORMED, "'", "one plain field"},
    {"a.b = val(c.d, e.f)", Code::TRANSFORMER_MALFORMED, ",", "one plain field"},
    {"a.b[ 1] = c", Code::ARGUMENT_MALFORMED, " ", "no blanks"},
    {"a.b[1", Code::ARGUMENT_MALFORMED, "", ""},
    {"'x' = a.b", Code::CHECK_EXPECTED, "'", "begins with a field"},
    {"%a.b = c", Code::CHECK_EXPECTED, "%a.b", "outputs"},
};

}  // namespace

TEST_CASE("errors say where they are and how to repair what authors commonly write") {
  for (const Row& row : kRows) {
    CAPTURE(row.condition);
    const auto result = ir::parse_condition(test::mapped(row.condition));
    REQUIRE_FALSE(result.has_value());
    const Diagnostic& error = result.error();
    CAPTURE(error.message);
    CHECK(code_info(error.code).id == code_info(row.code).id);
    CHECK(row.condition.substr(error.span.begin, error.span.end - error.span.begin) ==
          row.underlined);
    CAPTURE(error.hint);
    CHECK(error.hint.find(row.hint) != std::string::npos);
  }
}

TEST_CASE("messages name what was found and what could stand there") {
  const auto message = [](std::string_view text) {
    return ir::parse_condition(test::mapped(text)).error().message;
  };
  CHECK(message("a.b = ") == "expected a value, found the end of the condition");
  CHECK(message("a b") == "expected `and`, `or` or the end of the condition, found `b`");
  CHECK(message("a.b endswith") == "`endswith` must be followed by a blank and a value");
  CHECK(message("(a b") == "expected `and`, `or` or `)`, found `b`");
  CHECK(message("a.b in (x y)") == "expected a comma or the `)` of the list, found `y`");
  CHECK(message("a.b \x01") ==
        "expected an operator such as `=`, `in`, `startswith` or `exists`, found byte 0x01");
}

TEST_CASE("a missing parenthesis shows the one that is open") {
  const auto result = ir::parse_condition(test::mapped("(a) and (b and (c or d)"));
  REQUIRE_FALSE(result.has_value());
  REQUIRE(result.error().related.size() == 1);
  CHECK(result.error().related[0].span.begin == 8);
}
