// The grammar of conditions: RULE-LANGUAGE 1.1 to 1.4.
#include <doctest/doctest.h>

#include "tests/compiler/parse/parsing.h"

using falcoc::test::parse;
using falcoc::test::parses;

TEST_CASE("not binds tighter than and, and tighter than or") {
  CHECK(parse("a and b or c") == "(or (and a b) c)");
  CHECK(parse("a or b and not c") == "(or a (and b (not c)))");
  CHECK(parse("not (a or b) and c") == "(and (not (or a b)) c)");
}

TEST_CASE("chains of and and or are one node") {
  CHECK(parse("a and b and c and d") == "(and a b c d)");
  CHECK(parse("a or b or c") == "(or a b c)");
  CHECK(parse("(a and b) and c") == "(and (and a b) c)");
}

TEST_CASE("an even chain of not vanishes, an odd one is a single not") {
  CHECK(parse("not a") == "(not a)");
  CHECK(parse("not not a") == "a");
  CHECK(parse("not not not a") == "(not a)");
  CHECK(parse("not not(a)") == "a");
  CHECK(parse("not(a)") == "(not a)");
  CHECK(parse("not\v\fa") == "(not a)");
}

TEST_CASE("no word is reserved") {
  CHECK(parse("proc.name = not") == "<proc.name = not>");
  CHECK(parse("proc.name = and and x") == "(and <proc.name = and> x)");
  CHECK(parse("and") == "and");
  CHECK(parse("exists and not") == "(and exists not)");
  CHECK(parse("or or and") == "(or or and)");
  CHECK(parse("proc.name in (and, or, not, in)") == "<proc.name in (and,or,not,in)>");
  CHECK(parse("len.x = 1") == "<len.x = 1>");
  CHECK_FALSE(parses("not and and"));
}

TEST_CASE("connectives need a blank or a parenthesis behind them and nothing before") {
  CHECK(parse("proc.name='a'and x") == "(and <proc.name = \"a\"> x)");
  CHECK(parse("(a)or(b)") == "(or a b)");
  CHECK(parse("a and(b)and c") == "(and a b c)");
  CHECK(parse("proc.pid > 5and x") == "(and <proc.pid > 5> x)");
  CHECK(parse("a or(b)") == "(or a b)");
  CHECK_FALSE(parses("a or(b) and c"));
  CHECK(parse("a or (b) and c") == "(or a (and b c))");
  CHECK_FALSE(parses("(a) andb"));
  CHECK_FALSE(parses("(a) and\vb"));
  CHECK_FALSE(parses("a AND b"));
}

TEST_CASE("exists, in, intersects, pmatch and symbols need no boundary, words need a blank") {
  CHECK(parse("a.b existsand c") == "(and <a.b exists> c)");
  CHECK(parse("a.b in(c)") == "<a.b in (c)>");
  CHECK(parse("a.b inlist") == "<a.b in list>");
  CHECK(parse("a.b intersects(c)") == "<a.b intersects (c)>");
  CHECK(parse("a.b pmatch(/c)") == "<a.b pmatch (/c)>");
  CHECK(parse("a.b=c") == "<a.b = c>");
  CHECK(parse("a.b==c") == "<a.b = c>");
  CHECK(parse("a.b[1]!=c") == "<a.b[1] != c>");
  CHECK_FALSE(parses("a.b contains'x'"));
  CHECK_FALSE(parses("a.b glob(x)"));
  CHECK_FALSE(parses("a.b === c"));
  for (const char* word : {"glob", "iglob", "contains", "icontains", "bcontains", "startswith",
                           "bstartswith", "endswith", "regex"}) {
    CAPTURE(word);
    CHECK(parse(std::string("a.b ") + word + "\tx") == std::string("<a.b ") + word + " x>");
    CHECK(parse(std::string("a.b ") + word + " anyof (x)") ==
          std::string("<a.b ") + word + " anyof (x)>");
  }
}

TEST_CASE("a modifier stands between blanks and before a list or a name") {
  CHECK(parse("a.b = anyof (x, y)") == "<a.b = anyof (x,y)>");
  CHECK(parse("a.b  !=  allof  names") == "<a.b != allof names>");
  CHECK(parse("a.b = oneof\t()") == "<a.b = oneof ()>");
  CHECK(parse("a.b = anyof and x") == "(and <a.b = anyof> x)");
  CHECK(parse("a.b = anyof or x") == "(or <a.b = anyof> x)");
  CHECK(parse("a.b = anyof") == "<a.b = anyof>");
  CHECK(parse("(a.b = anyof )") == "<a.b = anyof>");
  CHECK(parse("a.b = anyofx") == "<a.b = anyofx>");
  CHECK_FALSE(parses("a.b =anyof (x)"));
  CHECK_FALSE(parses("a.b = anyof(x)"));
  CHECK_FALSE(parses("a.b in anyof (x)"));
  CHECK_FALSE(parses("a.b > anyof (1)"));
}

TEST_CASE("a list whose name begins with a connective can follow a modifier") {
  CHECK(parse("a.b = anyof and_paths") == "<a.b = anyof and_paths>");
  CHECK(parse("a.b startswith allof not_these or x") == "(or <a.b startswith allof not_these> x)");
  CHECK(parse("a.b = anyof android") == "<a.b = anyof android>");
  CHECK(parse("a.b = anyof or(x)") == "(or <a.b = anyof> x)");
}

TEST_CASE("ordering operators take number tokens, val() and transformers only") {
  CHECK(parse("a.b < -5") == "<a.b < -5>");
  CHECK(parse("a.b <= 0x1F") == "<a.b <= 0x1F>");
  CHECK(parse("a.b > 1.5e+3") == "<a.b > 1.5e+3>");
  CHECK(parse("a.b >= val(c.d)") == "<a.b >= val(c.d)>");
  CHECK(parse("a.b > len(c.d)") == "<a.b > len(c.d)>");
  CHECK(parse("a.b > 5.and x") == "(and <a.b > 5.> x)");
  CHECK_FALSE(parses("a.b < abc"));
  CHECK_FALSE(parses("a.b > '5'"));
  CHECK_FALSE(parses("a.b > 5s"));
  CHECK_FALSE(parses("a.b > 1e5"));
  CHECK_FALSE(parses("a.b > 0xg"));
}

TEST_CASE("list operators take a literal list, a name, val() or a transformer") {
  CHECK(parse("a.b in ()") == "<a.b in ()>");
  CHECK(parse("a.b in ( x , 'y z' ,\nw )") == "<a.b in (x,\"y z\",w)>");
  CHECK(parse("a.b intersects names") == "<a.b intersects names>");
  CHECK(parse("a.b in val(c.d)") == "<a.b in val(c.d)>");
  CHECK(parse("a.b in toupper(c.d)") == "<a.b in toupper(c.d)>");
  CHECK_FALSE(parses("a.b in 'x'"));
  CHECK_FALSE(parses("a.b in 5"));
  CHECK_FALSE(parses("a.b in (x y)"));
  CHECK_FALSE(parses("a.b in (x,)"));
  CHECK_FALSE(parses("a.b in (,x)"));
  CHECK_FALSE(parses("a.b in (x,,y)"));
  CHECK_FALSE(parses("a.b in ((x))"));
  CHECK_FALSE(parses("a.b not in (x)"));
  CHECK_FALSE(parses("a.b = (x)"));
}

TEST_CASE("bare values take everything but blanks, parentheses, quotes, = and ,") {
  CHECK(parse("a.b = a;{b}[c]#%*\\<>!|&~") == "<a.b = a;{b}[c]#%*\\<>!|&~>");
  CHECK(parse("a.b = #x") == "<a.b = #x>");
  CHECK(parse("a.b = <") == "<a.b = <>");
  CHECK(parse("a.b = \xff\xc3\xa9") == "<a.b = \xff\xc3\xa9>");
  CHECK(parse("a.b=val") == "<a.b = val>");
  CHECK_FALSE(parses("a.b = a=b"));
  CHECK_FALSE(parses("a.b = \fx"));
}

TEST_CASE("field arguments stand in brackets, bare or quoted") {
  CHECK(parse("a.b[1] = c") == "<a.b[1] = c>");
  CHECK(parse("a.b[x=(y),/z.w] = c") == "<a.b[x=(y),/z.w] = c>");
  CHECK(parse("a.b['x y'] exists") == "<a.b[x y] exists>");
  CHECK(parse("a.b[\"x]y\"] exists") == "<a.b[x]y] exists>");
  CHECK(parse("a.b[\"\"] exists") == "<a.b[] exists>");
  CHECK_FALSE(parses("a.b [1] = c"));
  CHECK_FALSE(parses("a.b[ 1] = c"));
  CHECK_FALSE(parses("a.b[] = c"));
  CHECK_FALSE(parses("a.b[1 = c"));
}

TEST_CASE("transformers nest and take lists, numbers and quoted text") {
  CHECK(parse("toupper(a.b) = X") == "<toupper(a.b) = X>");
  CHECK(parse("len(b64( a.b[1] )) > 3") == "<len(b64(a.b[1])) > 3>");
  CHECK(parse("join('+' ,(a.b, 'x', 5,tolower(c.d))) = y") ==
        "<join(\"+\",(a.b,\"x\",\"5\",tolower(c.d))) = y>");
  CHECK(parse("join('+', ()) = ''") == "<join(\"+\",()) = \"\">");
  CHECK(parse("getopt(('-o', 'x'), 'o:')[o] = x") == "<getopt((\"-o\",\"x\"),\"o:\")[o] = x>");
  CHECK(parse("toupper('abc') = ABC") == "<toupper(\"abc\") = ABC>");
  CHECK(parse("a.b = val( c.d[2] )and x") == "(and <a.b = val(c.d[2])> x)");
  CHECK_FALSE(parses("toupper (a.b) = X"));
  CHECK_FALSE(parses("toupper() = X"));
  CHECK_FALSE(parses("toupper(word) = X"));
  CHECK_FALSE(parses("val(a.b) = x"));
  CHECK_FALSE(parses("a.b = val(val(c.d))"));
  CHECK_FALSE(parses("a.b = val(toupper(c.d))"));
  CHECK_FALSE(parses("join('+', (('x'))) = y"));
}

TEST_CASE("quoted strings process escapes") {
  CHECK(parse(R"(a.b = 'it\'s')") == "<a.b = \"it's\">");
  CHECK(parse(R"(a.b = "a\"b'c")") == "<a.b = \"a\"b'c\">");
  CHECK(parse(R"(a.b = 'a\x41b\x7e\\\/')") == "<a.b = \"aAb~\\/\">");
  CHECK(parse(R"(a.b = '\b\f\n\r\t')") == "<a.b = \"\b\f\n\r\t\">");
  CHECK(parse("a.b = 'two\nlines'") == "<a.b = \"two\nlines\">");
  CHECK(parse(R"(a.b = 'dir\ x')") == "<a.b = \"dir\\x\">");
  CHECK_FALSE(parses(R"(a.b = 'a\u0041')"));
  CHECK_FALSE(parses(R"(a.b = 'a\x4')"));
  CHECK_FALSE(parses(R"(a.b = 'a\"')"));
  CHECK_FALSE(parses(R"(a.b = "a\'")"));
}

TEST_CASE("a quoted string may end with an escaped backslash") {
  CHECK(parse(R"(a.b = 'dir\\')") == "<a.b = \"dir\\\">");
  CHECK(parse(R"(a.b in ('c:\\', x))") == "<a.b in (\"c:\\\",x)>");
  CHECK_FALSE(parses(R"(a.b = 'dir\')"));
}

TEST_CASE("a bad escape is an error in the first item of a list as in any other") {
  CHECK_FALSE(parses(R"(a.b in ("\q"))"));
  CHECK_FALSE(parses(R"(a.b in (x, "\q"))"));
}

TEST_CASE("surprising but accepted text is reported as warnings") {
  using namespace falcoc;
  const auto warned = [](std::string_view text) {
    Diagnostics warnings;
    REQUIRE(ir::parse_condition(test::mapped(text), &warnings).has_value());
    std::string ids;
    for (const Diagnostic& warning : warnings.items()) {
      ids +=
          std::string(code_info(warning.code).id) + '@' + std::to_string(warning.span.begin) + ' ';
    }
    return ids;
  };
  CHECK(warned("a.b inlist") == "W0214@4 ");
  CHECK(warned("a.b existsand c") == "W0214@4 ");
  CHECK(warned("a.b in(c) and a.b exists") == "");
  CHECK(warned(R"(a.b = 'x\ y')") == "W0215@8 ");
}
