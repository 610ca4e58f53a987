// Output formats: RULE-LANGUAGE 6.1.
#include <doctest/doctest.h>

#include "tests/compiler/parse/parsing.h"

using namespace falcoc;

namespace {

/// `[text]` and `{width|operand|as written}`, or `error: MESSAGE`.
std::string split(std::string_view text) {
  const auto tokens = ir::parse_output(test::mapped(text));
  if (!tokens) return "error: " + tokens.error().message;
  std::string result;
  for (const ir::OutputToken& token : *tokens) {
    result += token.is_text ? '[' + token.text + ']'
                            : '{' + std::to_string(token.width) + '|' + test::spelt(token.operand) +
                                  '|' + token.text + '}';
  }
  return result;
}
bool refused(std::string_view text) { return !ir::parse_output(test::mapped(text)).has_value(); }

}  // namespace

TEST_CASE("outputs are text and tokens in order") {
  CHECK(split("Shell (user=%user.name cmd=%proc.cmdline)") ==
        "[Shell (user=]{0|user.name|user.name}[ cmd=]{0|proc.cmdline|proc.cmdline}[)]");
  CHECK(split("plain") == "[plain]");
  CHECK(split("%proc.name%proc.pid") == "{0|proc.name|proc.name}{0|proc.pid|proc.pid}");
}

TEST_CASE("a token is the longest text that names a known field") {
  CHECK(split("%proc.name.foo") == "{0|proc.name|proc.name}[.foo]");
  CHECK(split("%proc.nameand") == "{0|proc.name|proc.name}[and]");
  CHECK(split("%proc.name.") == "{0|proc.name|proc.name}[.]");
  CHECK(split("%evt.time.s %evt.time.sx") ==
        "{0|evt.time.s|evt.time.s}[ ]{0|evt.time.s|evt.time.s}[x]");
  CHECK(split("%evt.arg.path.") == "{0|evt.arg.path|evt.arg.path}[.]");
  CHECK(split("%proc.name_x") == "{0|proc.name|proc.name}[_x]");
}

TEST_CASE("brackets belong to the token if the field takes the argument") {
  CHECK(split("%proc.aname[2]!") == "{0|proc.aname[2]|proc.aname[2]}[!]");
  CHECK(split("%proc.env['A B'] x") == "{0|proc.env[A B]|proc.env['A B']}[ x]");
  CHECK(split("%evt.arg[0]") == "{0|evt.arg[0]|evt.arg[0]}");
  CHECK(split("%proc.name[1]") == "{0|proc.name|proc.name}[[1]]");
  CHECK(split("%proc.aname[x]") == "{0|proc.aname|proc.aname}[[x]]");
  CHECK(split("%proc.aname[1") == "{0|proc.aname|proc.aname}[[1]");
  CHECK(split("%proc.env[a b]") == "{0|proc.env|proc.env}[[a b]]");
}

TEST_CASE("transformers stand in outputs as in conditions") {
  CHECK(split("x=%toupper(proc.name).") == "[x=]{0|toupper(proc.name)|toupper(proc.name)}[.]");
  CHECK(split("%join(',', (proc.name, 'x'))") ==
        "{0|join(\",\",(proc.name,\"x\"))|join(',', (proc.name, 'x'))}");
  CHECK(split("%getopt(('-o'), 'o:')[o]!") ==
        "{0|getopt((\"-o\"),\"o:\")[o]|getopt(('-o'), 'o:')[o]}[!]");
  CHECK(split("%toupper(proc.name)[x]") == "{0|toupper(proc.name)|toupper(proc.name)}[[x]]");
  CHECK(refused("%toupper(proc.name"));
  CHECK(refused("%toupper(word)"));
  CHECK(refused("%val(proc.name)"));
}

TEST_CASE("a number behind % is the width") {
  CHECK(split("%20proc.name|") == "{20|proc.name|proc.name}[|]");
  CHECK(split("%0proc.name") == "{0|proc.name|proc.name}");
  CHECK(split("%8toupper(proc.name)") == "{8|toupper(proc.name)|toupper(proc.name)}");
  CHECK(refused("%99999999999999999999proc.name"));
}

TEST_CASE("% without a field is an error, there is no escape for it") {
  CHECK(refused(""));
  CHECK(refused("100%"));
  CHECK(refused("100% sure"));
  CHECK(refused("%%proc.name"));
  CHECK(refused("%5"));
  CHECK(refused("%no.such"));
  CHECK(refused("%evt.arg.bogus_name"));
  CHECK(refused("%evt.arg"));
  CHECK(refused("%[1]"));
}

TEST_CASE("a star is text: Falco puts its own in front of every output") {
  CHECK(split("*%proc.name*") == "[*]{0|proc.name|proc.name}[*]");
}

TEST_CASE("other bytes are text as they are") {
  CHECK(split("tab\t\\n \xff 'quoted' %proc.name\n") ==
        "[tab\t\\n \xff 'quoted' ]{0|proc.name|proc.name}[\n]");
}

TEST_CASE("spans of tokens include the % and those of operands do not") {
  const auto tokens = ir::parse_output(test::mapped("a %5proc.name.x")).value();
  REQUIRE(tokens.size() == 3);
  CHECK(tokens[1].span.begin == 2);
  CHECK(tokens[1].span.end == 13);
  CHECK(tokens[1].operand.span.begin == 4);
  CHECK(tokens[1].operand.span.end == 13);
  CHECK(tokens[2].span.begin == 13);
}

TEST_CASE("errors point at the token and suggest the field meant") {
  const auto error = ir::parse_output(test::mapped("x %proc.nmae y")).error();
  CHECK(error.span.begin == 3);
  CHECK(error.span.end == 12);
  CHECK(error.hint == "did you mean `%proc.name`?");
  const auto percent = ir::parse_output(test::mapped("100%")).error();
  CHECK(percent.span.begin == 3);
  CHECK(percent.span.end == 4);
}

TEST_CASE("errors tell a field without its argument from an unknown field") {
  CHECK(split("%evt.arg!") == "error: `evt.arg` needs an argument");
  CHECK(split("%evt.arg[x]") == "error: `evt.arg` needs an argument");
  CHECK(split("%evt.arg.bogus_name") == "error: `.bogus_name` is no argument of `evt.arg`");
  CHECK(split("%bogus.name") ==
        "error: `%` must be followed by a field or a transformer, and `bogus.name` is neither");
}

TEST_CASE("an output of many tokens parses in linear time") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "%proc.name[x ";
  const auto tokens = ir::parse_output(test::mapped(text));
  REQUIRE(tokens.has_value());
  CHECK(tokens->size() == 40'000);
}
