// Spans and details of the tree.
#include <doctest/doctest.h>

#include "tests/compiler/parse/parsing.h"

using namespace falcoc;

namespace {

constexpr std::string_view kText =
    "  not (a.b[1] startswith  anyof ('x', y) and m) or len(c.d) > val(e.f)";

std::string_view at(Span span) { return kText.substr(span.begin, span.end - span.begin); }

ast::Expr tree() { return ir::parse_condition(test::mapped(kText)).value(); }

}  // namespace

TEST_CASE("spans of logic cover first to last term") {
  const ast::Expr expr = tree();
  REQUIRE(expr.kind == ast::Expr::Kind::OR);
  CHECK(at(expr.span) == kText.substr(2));
  REQUIRE(expr.children.size() == 2);
  const ast::Expr& negation = expr.children[0];
  CHECK(at(negation.span) == "not (a.b[1] startswith  anyof ('x', y) and m)");
  CHECK(at(negation.children[0].span) == "a.b[1] startswith  anyof ('x', y) and m");
  CHECK(at(negation.children[0].children[1].span) == "m");
}

TEST_CASE("spans of a check are those of its parts, without surrounding blanks") {
  const ast::Expr expr = tree();
  const ast::Expr& check = expr.children[0].children[0].children[0];
  CHECK(at(check.span) == "a.b[1] startswith  anyof ('x', y)");
  CHECK(at(check.left.span) == "a.b[1]");
  CHECK(at(check.op_span) == "startswith");
  CHECK(at(check.right.span) == "('x', y)");
  CHECK(at(check.right.items[0].span) == "'x'");
  CHECK(at(check.right.items[1].span) == "y");
  const ast::Expr& comparison = expr.children[1];
  CHECK(at(comparison.left.span) == "len(c.d)");
  CHECK(at(comparison.left.arguments[0].span) == "c.d");
  CHECK(at(comparison.right_operand->span) == "val(e.f)");
  CHECK(at(comparison.right_operand->arguments[0].span) == "e.f");
}

TEST_CASE("literals know whether they were quoted and lists whether they were written out") {
  const auto quoted = ir::parse_condition(test::mapped("a.b in ('x', y)")).value();
  CHECK(quoted.right.parenthesised);
  CHECK(quoted.right.items[0].quoted);
  CHECK_FALSE(quoted.right.items[1].quoted);
  const auto name = ir::parse_condition(test::mapped("a.b in names")).value();
  CHECK_FALSE(name.right.parenthesised);
  CHECK(name.right.items.size() == 1);
  const auto scalar = ir::parse_condition(test::mapped("a.b = x")).value();
  CHECK_FALSE(scalar.right.parenthesised);
}

TEST_CASE("spans lead into the file the text came from") {
  MappedText text;
  text.append("a.b = x", Span{.file = FileId{3}, .begin = 100, .end = 107});
  text.append(" and ", Span{.file = FileId{3}, .begin = 107, .end = 107});
  text.append("c", Span{.file = FileId{3}, .begin = 250, .end = 251});
  const auto expr = ir::parse_condition(text).value();
  CHECK(expr.children[0].span == Span{.file = FileId{3}, .begin = 100, .end = 107});
  CHECK(expr.children[1].span == Span{.file = FileId{3}, .begin = 250, .end = 251});
}

TEST_CASE("an operand can be read alone") {
  const auto parse = [](std::string_view text) {
    const auto result = ir::parse_operand(test::mapped(text));
    return result ? test::spelt(*result) : "error: " + result.error().message;
  };
  CHECK(parse("proc.name") == "proc.name");
  CHECK(parse(" proc.aname[2] ") == "proc.aname[2]");
  CHECK(parse("tolower(proc.name)") == "tolower(proc.name)");
  CHECK(parse("proc.name exists") == "error: expected nothing behind the field, found `exists`");
  CHECK(parse("proc.name proc.pname") ==
        "error: expected nothing behind the field, found `proc.pname`");
  CHECK(parse("name") == "error: expected a field or a transformer, found `name`");
  CHECK(parse("val(proc.name)") == "error: expected a field or a transformer, found `val`");
  CHECK(parse("") == "error: the field is empty");
}
