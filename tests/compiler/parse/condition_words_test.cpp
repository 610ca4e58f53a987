#include "compiler/ir/condition_words.h"

#include <doctest/doctest.h>

#include <string>

namespace falcoc::ir {
namespace {

using Kind = ConditionWord::Kind;
using Place = ConditionPlace;

/// Words as `kind:text`, kinds by their first letter.
std::string words(std::string_view text) {
  constexpr std::string_view kLetters = "cfatmoMlbqnpu";
  std::string out;
  for (const ConditionWord& word : scan_condition(text).words) {
    out += out.empty() ? "" : " ";
    out += kLetters[static_cast<size_t>(word.kind)];
    out += ':';
    out += text.substr(word.begin, word.end - word.begin);
  }
  return out;
}

TEST_CASE("words are what the grammar takes them for, without brackets and blanks") {
  CHECK(words("evt.type = open and not m") == "f:evt.type o:= b:open c:and c:not m:m");
  CHECK(words("not(proc.aname[2] in (a,  'b c'))") ==
        "c:not f:proc.aname a:2 p:] o:in p:( b:a p:, q:'b c' p:) p:)");
  CHECK(words("proc.name in shells") == "f:proc.name o:in l:shells");
  CHECK(words("tolower(fd.name) startswith \"/X\"") ==
        "t:tolower f:fd.name p:) o:startswith q:\"/X\"");
  CHECK(words("fd.num >= 3 or proc.name = val(proc.pname)") ==
        "f:fd.num o:>= n:3 c:or f:proc.name o:= t:val f:proc.pname p:)");
  CHECK(words("proc.name contains oneof (a)") == "f:proc.name o:contains M:oneof p:( b:a p:)");
}

TEST_CASE("a text that is no condition has words all the same") {
  CHECK(words("").empty());
  CHECK(words("fd.name = = x") == "f:fd.name o:= u:= b:x");
  CHECK(words("and and and") == "c:and m:and u:a u:n u:d");
  CHECK(words("(((") == "p:( p:( p:(");
  CHECK(words("fd.name = \"open") == "f:fd.name o:= u:\" b:open");
}

TEST_CASE("what is appended goes on with a condition") {
  CHECK(words("and not m") == "c:and c:not m:m");
  CHECK(words("  or(m)") == "c:or m:m p:)");
  CHECK(words("order") == "m:order");
}

TEST_CASE("what may follow a text") {
  CHECK(scan_condition("").end == Place::CHECK);
  CHECK(scan_condition("m and ").end == Place::CHECK);
  CHECK(scan_condition("fd.name ").end == Place::RELATION);
  CHECK(scan_condition("fd.name = ").end == Place::STRING_VALUE);
  CHECK(scan_condition("fd.num < ").end == Place::NUMBER_VALUE);
  CHECK(scan_condition("fd.name in ").end == Place::LIST_VALUE);
  CHECK(scan_condition("fd.name in (a, ").end == Place::LIST);
  CHECK(scan_condition("fd.name in (a)").end == Place::CONNECTIVE);
  CHECK(scan_condition("len(").end == Place::OPERANDS);
  CHECK(scan_condition("proc.aname[").end == Place::ARGUMENT);
}

}  // namespace
}  // namespace falcoc::ir
