// The shape of exceptions, their defaults, and appending to them.
#include <doctest/doctest.h>

#include "tests/compiler/rules/loading.h"

using namespace falcoc;
using namespace falcoc::rules;

namespace {

std::string with_exceptions(const std::string& exceptions) {
  return rule_text("R", "evt.type=open") + "  exceptions:\n" + exceptions;
}

const std::string& scalar(const ExceptionValue& value) { return std::get<Text>(value.value).str(); }

}  // namespace

TEST_CASE("comps default to `in` for one field and to `=` for each field of a list") {
  Loading loading(
      with_exceptions("    - {name: one, fields: fd.name, values: [/a, /b]}\n"
                      "    - {name: two, fields: [fd.name, proc.name], values: [[/a, x]]}\n"));
  REQUIRE(loading.loaded);
  const auto& exceptions = loading.rule("R").exceptions;
  REQUIRE(exceptions.size() == 2);
  CHECK_FALSE(exceptions[0].fields_is_list);
  REQUIRE(exceptions[0].comps.size() == 1);
  CHECK(exceptions[0].comps[0].str() == "in");
  REQUIRE(exceptions[0].rows.size() == 2);
  CHECK(scalar(exceptions[0].rows[1].elements.at(0)) == "/b");
  CHECK(exceptions[1].fields_is_list);
  REQUIRE(exceptions[1].comps.size() == 2);
  CHECK(exceptions[1].comps[1].str() == "=");
  CHECK(loading.written(exceptions[1].rows.at(0).span) == "[/a, x]");
}

TEST_CASE("blanks in a comp are tidied") {
  Loading loading(with_exceptions(
      "    - {name: e, fields: [proc.name], comps: ['  startswith   oneof '], values: [[a]]}\n"));
  REQUIRE(loading.loaded);
  CHECK(loading.rule("R").exceptions.at(0).comps.at(0).str() == "startswith oneof");
}

TEST_CASE("a list element of a row is kept as a list") {
  Loading loading(with_exceptions(
      "    - {name: e, fields: [proc.name, fd.name], comps: [in, =], values: [[[a, b], /c]]}\n"));
  REQUIRE(loading.loaded);
  const auto& row = loading.rule("R").exceptions.at(0).rows.at(0);
  CHECK(std::get<std::vector<Text>>(row.elements.at(0).value).size() == 2);
  CHECK(scalar(row.elements.at(1)) == "/c");
}

TEST_CASE("an exception without values is kept, to be appended to") {
  Loading loading(with_exceptions("    - {name: e, fields: [proc.name]}\n"));
  CHECK(loading.codes().empty());
  CHECK(loading.rule("R").exceptions.at(0).rows.empty());
}

TEST_CASE("an operator that an exception cannot use comes with the one that was meant") {
  for (const auto& [comps, hint] : std::initializer_list<std::pair<const char*, const char*>>{
           {"[startwith]", "did you mean `startswith`?"},
           {"[pmatc]", "did you mean `pmatch`?"},
           {"[startwith anyof]", "did you mean `startswith anyof`?"},
           {"[in anyof]", "a modifier (oneof, anyof, allof) goes with"},
       }) {
    CAPTURE(comps);
    const Loading loading(
        with_exceptions(std::string("    - {name: e, fields: [a.b], comps: ") + comps + "}\n"));
    REQUIRE(loading.diagnostics.items().size() == 1);
    CHECK(loading.diagnostics.items().front().hint.find(hint) != std::string::npos);
  }
}

TEST_CASE("parts that do not fit together are errors where they stand") {
  struct Case {
    const char* exception;
    Code code;
    const char* place;
  };
  for (const Case& c : {
           Case{"{name: e, fields: [a.b, c.d], values: [[x]]}", Code::EXCEPTION_SHAPE, "[x]"},
           Case{"{name: e, fields: [a.b], values: [x]}", Code::EXCEPTION_SHAPE, "x"},
           Case{"{name: e, fields: a.b, values: [[x]]}", Code::EXCEPTION_SHAPE, "[x]"},
           Case{"{name: e, fields: [a.b, c.d], comps: in}", Code::EXCEPTION_SHAPE, "in"},
           Case{"{name: e, fields: a.b, comps: [in]}", Code::EXCEPTION_SHAPE, "[in]"},
           Case{"{name: e, fields: [a.b], comps: [in, =]}", Code::EXCEPTION_SHAPE, "[in, =]"},
           Case{"{name: e, fields: a.b, comps: '='}", Code::EXCEPTION_OPERATOR, "'='"},
           Case{"{name: e, fields: [a.b], comps: [like]}", Code::EXCEPTION_OPERATOR, "like"},
           Case{"{name: e, fields: [a.b], comps: [in anyof]}", Code::EXCEPTION_OPERATOR,
                "in anyof"},
           Case{"{name: e, fields: [a.b], comps: [exists], values: [[x]]}",
                Code::EXCEPTION_OPERATOR, "exists"},
           Case{"{name: e, fields: [a.b], comps: [in], values: [[[x, [y]]]]}",
                Code::EXCEPTION_NESTED, "[y]"},
           Case{"{name: e, fields: [a.b], values: }", Code::VALUE_MISSING, "values"},
           Case{"{name: e, fields: [a.b], values: [['']]}", Code::VALUE_MISSING, "''"},
           Case{"{name: e, fields: [a.b], values: [{x: y}]}", Code::VALUE_TYPE, "{x: y}"},
           Case{"{name: e, values: [[x]]}", Code::VALUE_MISSING, "name"},
           Case{"{fields: [a.b]}", Code::VALUE_MISSING, "fields"},
           Case{"text", Code::VALUE_TYPE, "text"},
       }) {
    CAPTURE(c.exception);
    Loading loading(with_exceptions(std::string("    - ") + c.exception + "\n"));
    CHECK_FALSE(loading.loaded);
    CHECK(loading.place(c.code) == c.place);
    CHECK(loading.set.rules.empty());
  }
}

TEST_CASE("an unknown key in an exception is warned about") {
  Loading loading(with_exceptions("    - {name: e, fields: [a.b], value: [[x]]}\n"));
  CHECK(loading.loaded);
  CHECK(loading.place(Code::EXCEPTION_UNKNOWN_KEY) == "value");
}

TEST_CASE("an append adds values to a known exception and whole new exceptions") {
  Loading loading(with_exceptions("    - {name: e, fields: [a.b], values: [[x]]}\n") +
                  "- rule: R\n  exceptions:\n    - {name: e, values: [[y]]}\n"
                  "    - {name: f, fields: c.d, values: [z]}\n  override: {exceptions: append}\n");
  REQUIRE(loading.loaded);
  const auto& exceptions = loading.rule("R").exceptions;
  REQUIRE(exceptions.size() == 2);
  CHECK(exceptions[0].rows.size() == 2);
  CHECK(exceptions[1].comps.at(0).str() == "in");
}

TEST_CASE("an append cannot change the fields of a known exception, nor bring an incomplete one") {
  const std::string base = with_exceptions("    - {name: e, fields: [a.b], values: [[x]]}\n");
  const auto append = [&](const std::string& exception) {
    return base + "- rule: R\n  append: true\n  exceptions:\n    - " + exception + "\n";
  };
  CHECK(Loading(append("{name: e, fields: [a.b], values: [[y]]}")).found(Code::EXCEPTION_APPEND));
  CHECK(Loading(append("{name: e, comps: [in], values: [[y]]}")).found(Code::EXCEPTION_APPEND));
  CHECK(Loading(append("{name: g, values: [[y]]}")).found(Code::EXCEPTION_APPEND));
  CHECK(Loading(append("{name: e, values: [[y, z]]}")).found(Code::EXCEPTION_SHAPE));
  Loading no_values(append("{name: e}"));
  CHECK(no_values.loaded);
  CHECK(no_values.found(Code::APPEND_NO_VALUES));
}

TEST_CASE("a failed append leaves the rule as it was") {
  Loading loading(with_exceptions("    - {name: e, fields: [a.b], values: [[x]]}\n") +
                  "- rule: R\n  append: true\n  condition: and c=d\n  exceptions:\n"
                  "    - {name: e, values: [[y], [z, z]]}\n");
  CHECK_FALSE(loading.loaded);
  CHECK(loading.rule("R").condition.text() == "evt.type=open");
  CHECK(loading.rule("R").exceptions.at(0).rows.size() == 1);
}

TEST_CASE("a replacement of exceptions is validated and gets default comps") {
  const std::string base = with_exceptions("    - {name: e, fields: [a.b], values: [[x]]}\n");
  Loading good(base +
               "- rule: R\n  exceptions: [{name: f, fields: c.d, values: [z]}]\n"
               "  override: {exceptions: replace}\n");
  REQUIRE(good.loaded);
  REQUIRE(good.rule("R").exceptions.size() == 1);
  CHECK(good.rule("R").exceptions[0].comps.at(0).str() == "in");
  CHECK_FALSE(Loading(base +
                      "- rule: R\n  exceptions: [{name: f, fields: [c.d], values: [[z, z]]}]\n"
                      "  override: {exceptions: replace}\n")
                  .loaded);
}
