// What people see: header, excerpt, carets, related places, help.
#include <doctest/doctest.h>

#include "compiler/source/diagnostic.h"

using namespace falcoc;

namespace {

/// Renders an UNKNOWN_KEY warning at the first `part` of `text`.
std::string rendered(const std::string& text, std::string_view part, std::string label = {}) {
  SourceMap sources;
  const FileId file = sources.add("r.yaml", text);
  const auto begin = static_cast<uint32_t>(text.find(part));
  Diagnostic diagnostic =
      Diagnostic::at(Code::UNKNOWN_KEY, {file, begin, begin + static_cast<uint32_t>(part.size())},
                     "what is wrong");
  diagnostic.label = std::move(label);
  return render_text(diagnostic, sources, false);
}

}  // namespace

TEST_CASE("the place is underlined, with its label") {
  CHECK(rendered("- rule: x\n  foo: 1\n", "foo", "here") ==
        "r.yaml:2:3: warning[W0011]: what is wrong\n"
        "   2 |   foo: 1\n"
        "     |   ^^^ here\n");
}

TEST_CASE("a place without extent gets one caret") {
  CHECK(rendered("ab\n", "") == "r.yaml:1:1: warning[W0011]: what is wrong\n   1 | ab\n     | ^\n");
  SourceMap sources;
  const FileId file = sources.add("r.yaml", "ab");
  CHECK(render_text(Diagnostic::at(Code::UNKNOWN_KEY, {file, 2, 2}, "m"), sources, false) ==
        "r.yaml:1:3: warning[W0011]: m\n   1 | ab\n     |   ^\n");
}

TEST_CASE("tabs are as wide in the excerpt as under it") {
  CHECK(rendered("\ta\tb\n", "b") ==
        "r.yaml:1:4: warning[W0011]: what is wrong\n   1 |     a   b\n     |         ^\n");
}

TEST_CASE("carets follow characters, not bytes, and wide characters take two") {
  CHECK(rendered("\u00fc\u00fc x\n", "x") ==
        "r.yaml:1:6: warning[W0011]: what is wrong\n   1 | \u00fc\u00fc x\n     |    ^\n");
  CHECK(rendered("\u6f22 x\n", "\u6f22") ==
        "r.yaml:1:1: warning[W0011]: what is wrong\n   1 | \u6f22 x\n     | ^^\n");
}

TEST_CASE("what would control the terminal is shown as a replacement character") {
  const std::string text = rendered("a\x1b[31mb\xFF\u202E\n", "a");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\xFF') == std::string::npos);
  CHECK(text.find("\u202E") == std::string::npos);
  CHECK(text.find("a\uFFFD[31mb\uFFFD\uFFFD") != std::string::npos);
  SourceMap none;
  CHECK(render_text(Diagnostic::global(Code::UNKNOWN_KEY, "a\x1b[1m\nb"), none, false) ==
        "warning[W0011]: a\uFFFD[1m b\n");
}

TEST_CASE("long lines are cut around the place") {
  const std::string text =
      rendered(std::string(500, 'a') + "TARGET" + std::string(500, 'b') + "\n", "TARGET");
  CHECK(text.find("…" + std::string(30, 'a') + "TARGET" + std::string(83, 'b') + "…") !=
        std::string::npos);
  CHECK(text.find("| " + std::string(31, ' ') + "^^^^^^\n") != std::string::npos);
}

TEST_CASE("a cut never splits a character") {
  std::string line;
  for (int i = 0; i < 100; ++i) line += "\u00fc";
  CHECK(rendered("x" + line + "TARGET\n", "TARGET").find("\uFFFD") == std::string::npos);
  CHECK(rendered(line + "TARGET\n", "TARGET").find("\uFFFD") == std::string::npos);
}

TEST_CASE("a place over several lines is underlined line by line, the middle left out") {
  CHECK(rendered("a: b\n  c\n\n  d e\n", "b\n  c\n\n  d") ==
        "r.yaml:1:4: warning[W0011]: what is wrong\n"
        "   1 | a: b\n     |    ^\n   2 |   c\n     |   ^\n   3 | \n   4 |   d e\n     |   ^\n");
  CHECK(rendered("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6") ==
        "r.yaml:1:1: warning[W0011]: what is wrong\n"
        "   1 | 1\n     | ^\n   2 | 2\n     | ^\n ... | \n   6 | 6\n     | ^\n");
  CHECK(rendered("ab\ncd\n", "ab\n") ==
        "r.yaml:1:1: warning[W0011]: what is wrong\n   1 | ab\n     | ^^\n");
}

TEST_CASE("related places and help follow the excerpt") {
  SourceMap sources;
  const FileId file = sources.add("r.yaml", "one\ntwo\n");
  Diagnostic diagnostic = Diagnostic::at(Code::VALUE_TYPE, {file, 4, 7}, "wrong", "do this");
  diagnostic.related.push_back({.span = {file, 0, 3}, .text = "because of this"});
  CHECK(render_text(diagnostic, sources, false) ==
        "r.yaml:2:1: error[E0009]: wrong\n"
        "   2 | two\n     | ^^^\n"
        "r.yaml:1:1: note: because of this\n"
        "   1 | one\n     | ^^^\n"
        "     = help: do this\n");
}

TEST_CASE("colours begin and end, and are left out when not wanted") {
  SourceMap sources;
  const FileId file = sources.add("r.yaml", "one\n");
  const Diagnostic diagnostic = Diagnostic::at(Code::VALUE_TYPE, {file, 0, 3}, "wrong", "do this");
  const std::string colored = render_text(diagnostic, sources, true);
  CHECK(colored.find("\x1b[1;31m") != std::string::npos);
  CHECK(colored.rfind("\x1b[0m") > colored.rfind("\x1b[1m"));
  CHECK(render_text(diagnostic, sources, false).find('\x1b') == std::string::npos);
}

TEST_CASE("places that no file has are left out") {
  SourceMap sources;
  CHECK(render_text(Diagnostic::at(Code::VALUE_TYPE, {FileId{3}, 0, 1}, "m"), sources, false) ==
        "error[E0009]: m\n");
  const FileId file = sources.add("r.yaml", "ab");
  const std::string beyond =
      render_text(Diagnostic::at(Code::VALUE_TYPE, {file, 1, 1000}, "m"), sources, false);
  CHECK(beyond == "r.yaml:1:2: error[E0009]: m\n   1 | ab\n     |  ^\n");
}
