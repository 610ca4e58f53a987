// Layout of single conditions.
#include "compiler/format/condition_layout.h"

#include <doctest/doctest.h>

using namespace falcoc;

namespace {

/// In one line; "-" if it is not laid out.
std::string flat(std::string_view text, bool appended = false) {
  const auto condition = format::read_condition(text, appended);
  return condition ? format::one_line(*condition) : "-";
}

/// Lines where only what is at most `width` wide fits.
std::string broken(std::string_view text, size_t width, bool appended = false) {
  const auto condition = format::read_condition(text, appended);
  REQUIRE(condition);
  std::string out;
  for (const std::string& line : format::broken_lines(*condition, format::kColumns - width)) {
    out += line + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("words of a condition have one blank between them") {
  CHECK(flat("evt.type=open   and\n  proc.name  !=\tcat") ==
        "evt.type = open and proc.name != cat");
  CHECK(flat("evt.type in(open,openat , creat)") == "evt.type in (open, openat, creat)");
  CHECK(flat("evt.rawres>=0") == "evt.rawres >= 0");
  CHECK(flat("proc.name in ( )") == "proc.name in ()");
  CHECK(flat("proc.aname[ 2 ] = a") == "-");
  CHECK(flat("proc.aname[2]=a and fd.name  exists") == "proc.aname[2] = a and fd.name exists");
  CHECK(flat("proc.cmdline contains   anyof ( a,b )") == "proc.cmdline contains anyof (a, b)");
}

TEST_CASE("not and parentheses keep their place, with a blank between them") {
  CHECK(flat("not(a)and(b or(not not c))") == "not (a) and (b or (not not c))");
  CHECK(flat("not  a and ( ( b ) )") == "not a and ((b))");
}

TEST_CASE("literals stay as they were written") {
  CHECK(flat(R"(proc.cmdline = "a  'b' \" c" and x = y)") == "-");
  CHECK(flat(R"(proc.cmdline = "a  'b' \" c"or fd.name='')") ==
        R"(proc.cmdline = "a  'b' \" c" or fd.name = '')");
  CHECK(flat("proc.name in ('a b',\"c\", d)") == "proc.name in ('a b', \"c\", d)");
}

TEST_CASE("operands of transformers have no blanks at their parentheses") {
  CHECK(flat("toupper( proc.name )=A") == "toupper(proc.name) = A");
  CHECK(flat("proc.name=val( proc.pname )") == "proc.name = val(proc.pname)");
  CHECK(flat("concat( proc.name,'-' , proc.pname ) = x") ==
        "concat(proc.name, '-', proc.pname) = x");
}

TEST_CASE("an operator that touches the word behind it gets a blank") {
  CHECK(flat("proc.name inshells") == "proc.name in shells");
}

TEST_CASE("a conjunct has a line of its own where not all fit in one") {
  CHECK(broken("evt.type = open and proc.name = cat and not expected", 30) ==
        "evt.type = open\n"
        "and proc.name = cat\n"
        "and not expected\n");
}

TEST_CASE("disjuncts of a disjunction are broken only if they do not fit") {
  CHECK(broken("a and b or proc.name = cat and proc.pname = dog or c", 30) ==
        "a and b\n"
        "or proc.name = cat\n"
        "  and proc.pname = dog\n"
        "or c\n");
}

TEST_CASE("a group goes on behind its parenthesis") {
  CHECK(broken("opened and not (proc.name = cat or proc.name = dog)", 40) ==
        "opened\n"
        "and not (proc.name = cat\n"
        "         or proc.name = dog)\n");
}

TEST_CASE("closing parentheses count") {
  CHECK(broken("opened and (proc.name = cat or a)", 25) ==
        "opened\n"
        "and (proc.name = cat\n"
        "     or a)\n");
  CHECK(broken("opened and (proc.name = cat or a)", 26) ==
        "opened\n"
        "and (proc.name = cat or a)\n");
}

TEST_CASE("a long list is filled, behind its parenthesis") {
  CHECK(broken("proc.name in (alpha, beta, gamma, delta, epsilon)", 28) ==
        "proc.name in (alpha, beta,\n"
        "              gamma, delta,\n"
        "              epsilon)\n");
}

TEST_CASE("what is appended begins with its connective") {
  CHECK(flat(" and  proc.name=cat or b", true) == "and proc.name = cat or b");
  CHECK(flat("or b", true) == "or b");
  CHECK(flat("and b", false) == "-");
  CHECK(broken("and proc.name = cat and not proc.pname = dog", 20, true) ==
        "and proc.name = cat\n"
        "and not proc.pname = dog\n");
}

TEST_CASE("literals over several lines, and what does not parse, are left alone") {
  CHECK(flat("proc.name = 'a\nb'") == "-");
  CHECK(flat("proc.name = ") == "-");
  CHECK(flat("(a", true) == "-");
}

TEST_CASE("deep nesting has a rightmost column") {
  std::string text = "a";
  for (int i = 0; i < 150; ++i) text = "(b or " + text + ")";
  size_t widest = 0;
  const auto condition = format::read_condition(text, false);
  REQUIRE(condition);
  for (const std::string& line : format::broken_lines(*condition, 4)) {
    widest = std::max(widest, line.find_first_not_of(' '));
  }
  CHECK(widest == 60);
}
