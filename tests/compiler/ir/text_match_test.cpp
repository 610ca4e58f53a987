// The text functions behind operators and transformers, globs against the C library's fnmatch().
#include "compiler/ir/text_match.h"

#include <doctest/doctest.h>
#include <fnmatch.h>

#include <random>

namespace falcoc::ir {
namespace {

/// `length` characters drawn from `alphabet`.
std::string random_text(std::mt19937& random, std::string_view alphabet, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
  return text;
}

size_t differences_from_fnmatch(std::string_view pattern_alphabet, std::string_view text_alphabet,
                                size_t rounds) {
  std::mt19937 random(20240607);  // fixed, so that a failure can be repeated
  size_t differences = 0;
  for (size_t i = 0; i < rounds; ++i) {
    const std::string pattern = random_text(random, pattern_alphabet, random() % 12);
    const std::string text = random_text(random, text_alphabet, random() % 8);
    for (const bool fold_case : {false, true}) {
      const bool expected =
          fnmatch(pattern.c_str(), text.c_str(), fold_case ? FNM_CASEFOLD : 0) == 0;
      if (glob_match(pattern, text, fold_case) == expected) continue;
      if (++differences <= 5) {
        MESSAGE("pattern '", pattern, "' text '", text, "' fnmatch says ", expected, " fold ",
                fold_case);
      }
    }
  }
  return differences;
}

std::string joined_options(const std::vector<std::string_view>& arguments,
                           std::string_view options) {
  std::string out;
  for (const ParsedOption& option : parse_options(arguments, options)) {
    out += option.letter;
    if (option.argument) out += "=" + std::string(*option.argument);
    out += ' ';
  }
  return out;
}

bool regex_matches(std::string_view pattern, std::string_view text) {
  return compile_regex(pattern).value().matches(text);
}

TEST_CASE("a glob matches the whole text, slashes and leading dots included") {
  CHECK(glob_match("/data/*", "/data/a/b", false));
  CHECK(glob_match("*", ".hidden", false));
  CHECK(glob_match("*", "", false));
  CHECK(glob_match("", "", false));
  CHECK_FALSE(glob_match("", "a", false));
  CHECK_FALSE(glob_match("/data", "/data/a", false));
  CHECK(glob_match("a?c", "a/c", false));
  CHECK_FALSE(glob_match("a?", "a", false));
  CHECK(glob_match("a**b", "ab", false));
}

TEST_CASE("a glob knows brackets, classes and backslashes, not braces") {
  CHECK(glob_match("[abc]", "b", false));
  CHECK(glob_match("[a-c]x", "bx", false));
  CHECK(glob_match("[!a-c]", "d", false));
  CHECK_FALSE(glob_match("[^a-c]", "b", false));
  CHECK(glob_match("[]]", "]", false));
  CHECK(glob_match("[[:digit:]]*", "7up", false));
  CHECK(glob_match("[a", "[a", false));
  CHECK(glob_match("\\*", "*", false));
  CHECK_FALSE(glob_match("\\*", "x", false));
  CHECK_FALSE(glob_match("{a,b}", "a", false));
  CHECK(glob_match("{a,b}", "{a,b}", false));
}

TEST_CASE("iglob folds ASCII case only") {
  CHECK(glob_match("/DATA/*", "/data/z", true));
  CHECK(glob_match("[A-C]", "b", true));
  CHECK_FALSE(glob_match("\xC3\x84", "\xC3\xA4", true));
}

TEST_CASE("globs agree with fnmatch() on random patterns") {
  CHECK(differences_from_fnmatch("ab*?", "ab", 200'000) == 0);
  CHECK(differences_from_fnmatch("aB[]-!^*?\\", "abAB-]![^", 400'000) == 0);
  CHECK(differences_from_fnmatch("a[].=-\\", "a.=-[]\\", 400'000) == 0);
  CHECK(differences_from_fnmatch("az[]-*\\\x80\xFF/.", "az-\x80\xFF/.", 200'000) == 0);
}

TEST_CASE("character classes agree with fnmatch() on every byte") {
  for (const std::string name : {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower",
                                 "print", "punct", "space", "upper", "xdigit", "nosuch"}) {
    for (int byte = 1; byte < 256; ++byte) {
      for (const int flags : {0, FNM_CASEFOLD}) {
        const std::string pattern = "[x[:" + name + ":]]";
        const std::string text(1, static_cast<char>(byte));
        INFO(name, " ", byte, " ", flags);
        CHECK(glob_match(pattern, text, flags != 0) ==
              (fnmatch(pattern.c_str(), text.c_str(), flags) == 0));
      }
    }
  }
}

TEST_CASE("a glob of many stars takes no exponential time") {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  CHECK_FALSE(glob_match(pattern + "b", std::string(20'000, 'a'), false));
}

TEST_CASE("pmatch compares whole components, and empty ones do not count") {
  CHECK(path_has_prefix("/opt/app/bin/run", "/opt/app"));
  CHECK_FALSE(path_has_prefix("/opt/apps/run", "/opt/app"));
  CHECK(path_has_prefix("//opt//app//x", "opt/app/"));
  CHECK(path_has_prefix("rel/path", "/"));
  CHECK(path_has_prefix("", ""));
  CHECK_FALSE(path_has_prefix("/opt", "/opt/app"));
}

TEST_CASE("a pmatch component with a wildcard is a glob for one component") {
  CHECK(path_has_prefix("/opt/app/bin/run", "/opt/*/bin"));
  CHECK_FALSE(path_has_prefix("/opt/a/b/bin", "/opt/*/bin"));
  CHECK(path_has_prefix("/opt/app", "/opt/ap?"));
  CHECK(path_has_prefix("/opt/app", "/opt/[ab]pp"));
  CHECK_FALSE(path_has_prefix("/opt", "/opt/*"));
}

TEST_CASE("icontains folds ASCII case and finds the empty needle everywhere") {
  CHECK(contains_ignoring_case("/etc/MyKey.pem", "KEY"));
  CHECK_FALSE(contains_ignoring_case("/etc/My.pem", "KEY"));
  CHECK(contains_ignoring_case("", ""));
}

TEST_CASE("a regex matches whole values in POSIX syntax") {
  CHECK(regex_matches("/d.*", "/data"));
  CHECK_FALSE(regex_matches("d", "/data"));
  CHECK(regex_matches("^/data$", "/data"));
  CHECK_FALSE(regex_matches("/x.y", "/x\ny"));
  CHECK(regex_matches("[^a]", "\n"));
  CHECK(regex_matches("[[:digit:]]+", "42"));
  CHECK(regex_matches("a|ab", "ab"));
  for (const std::string pattern : {"(", "\\d+", "(?i)a", "(?:a)", "(a)\\1", "\xFF"}) {
    INFO(pattern);
    CHECK_FALSE(compile_regex(pattern).has_value());
  }
  CHECK(compile_regex("(").error().find("missing") != std::string::npos);
}

TEST_CASE("a pattern that needs too much memory is an error") {
  CHECK_FALSE(compile_regex("((((a{1,100}){1,100}){1,100}){1,100})").has_value());
}

TEST_CASE("a regex sees invalid UTF-8 as U+FFFD") {
  CHECK(regex_matches("a.b",
                      "a\xFF"
                      "b"));
  CHECK(
      regex_matches("a\xEF\xBF\xBD"
                    "b",
                    "a\xFF"
                    "b"));
  CHECK(regex_matches("\xC3\xA4", "\xC3\xA4"));
}

TEST_CASE("one U+FFFD stands for each ill-formed sequence") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(replace_invalid_utf8("plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(replace_invalid_utf8("\xE2\x82") == bad);
  CHECK(replace_invalid_utf8("\xE2\x82z") == bad + "z");
  CHECK(replace_invalid_utf8("\xC0\x80") == bad + bad);
  CHECK(replace_invalid_utf8("\xED\xA0\x80") == bad + bad + bad);
  CHECK(replace_invalid_utf8("\xF5") == bad);
  CHECK(replace_invalid_utf8("\x80") == bad);
}

TEST_CASE("hex text has an even number of digits of any case") {
  CHECK(decode_hex("6b6579") == "key");
  CHECK(decode_hex("6B") == "k");
  CHECK(decode_hex("") == "");
  CHECK(decode_hex("00") == std::string(1, '\0'));
  CHECK(decode_hex("6") == std::nullopt);
  CHECK(decode_hex("0x6b") == std::nullopt);
  CHECK(decode_hex("6b 6") == std::nullopt);
}

TEST_CASE("base64 decodes strictly, padding or not") {
  CHECK(decode_base64("aGkgdGhlcmU") == "hi there");
  CHECK(decode_base64("aGkgdGhlcmU=") == "hi there");
  CHECK(decode_base64("YQ") == "a");
  CHECK(decode_base64("YQ==") == "a");
  CHECK(decode_base64("") == "");
  for (const std::string text :
       {"not base64!", "YQ=", "YQ===", "Y", "YR", "YWJ=a", "YWJj=", "=", "===="}) {
    INFO(text);
    CHECK(decode_base64(text) == std::nullopt);
  }
}

TEST_CASE("the base name is what follows the last slash") {
  CHECK(base_name("/usr/libexec/run.sh") == "run.sh");
  CHECK(base_name("run.sh") == "run.sh");
  CHECK(base_name("/usr/libexec/") == "");
  CHECK(base_name("") == "");
}

TEST_CASE("text ends at its first NUL, set members lose trailing NULs only") {
  using namespace std::string_view_literals;
  CHECK(until_nul("ab\0c"sv) == "ab");
  CHECK(without_trailing_nuls("ab\0c\0\0"sv) == "ab\0c"sv);
  CHECK(without_trailing_nuls("\0"sv) == "");
}

TEST_CASE("options are scanned as POSIX getopt does") {
  CHECK(joined_options({"-v", "-o", "out.bin"}, "vo:") == "v o=out.bin ");
  CHECK(joined_options({"-vofile"}, "vo:") == "v o=file ");
  CHECK(joined_options({"-o"}, "o:") == "o= ");
  CHECK(joined_options({"x", "-v"}, "v") == "");
  CHECK(joined_options({"-v", "-", "-v"}, "v") == "v ");
  CHECK(joined_options({"-v", "", "-v"}, "v") == "v ");
  CHECK(joined_options({"-v", "--", "-v"}, "v") == "v ");
  CHECK(joined_options({"--long", "-v"}, "v") == "v ");
  CHECK(joined_options({"-x", "-v"}, "v") == "? v ");
  CHECK(joined_options({"-o", "--", "-v"}, "vo:") == "o=-- v ");
  CHECK(joined_options({"-v"}, ":v") == "v ");
  CHECK(joined_options({"-:"}, "v:") == "? ");
}

}  // namespace
}  // namespace falcoc::ir
