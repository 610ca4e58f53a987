#include "tools/falcoc/lsp/position.h"

#include <doctest/doctest.h>

#include <string>

#include "tools/falcoc/lsp/document.h"
#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {
namespace {

// A letter of two bytes, one of three, and one that UTF-16 needs two units for.
const std::string kText = "aä€𝄞b\r\nsecond\n\nlast";

TEST_CASE("every place of a text becomes a position and comes back") {
  const LineIndex lines(kText);
  for (const Encoding encoding : {Encoding::UTF8, Encoding::UTF16, Encoding::UTF32}) {
    for (uint32_t offset = 0; offset <= kText.size(); ++offset) {
      const bool inside =
          offset < kText.size() && (static_cast<unsigned char>(kText[offset]) & 0xC0) == 0x80;
      const bool in_line_end = offset == 12;  // between CR and LF
      if (inside || in_line_end) continue;
      CAPTURE(offset);
      CHECK(lines.offset(kText, lines.position(kText, offset, encoding), encoding) == offset);
    }
  }
}

TEST_CASE("characters count as the encoding has them") {
  const LineIndex lines(kText);
  const auto column = [&](uint32_t offset, Encoding encoding) {
    return lines.position(kText, offset, encoding).character;
  };
  const auto behind = static_cast<uint32_t>(kText.find('b'));
  CHECK(column(behind, Encoding::UTF8) == 10);
  CHECK(column(behind, Encoding::UTF16) == 5);
  CHECK(column(behind, Encoding::UTF32) == 4);
}

TEST_CASE("a position that no text has is the nearest one before it") {
  const LineIndex lines(kText);
  const auto offset = [&](Position position, Encoding encoding) {
    return lines.offset(kText, position, encoding);
  };
  CHECK(offset({0, 100}, Encoding::UTF16) == kText.find('\r'));
  CHECK(offset({2, 5}, Encoding::UTF16) == kText.find("\nlast"));
  CHECK(offset({99, 0}, Encoding::UTF16) == kText.size());
  CHECK(offset({UINT32_MAX, UINT32_MAX}, Encoding::UTF8) == kText.size());
  // In the middle of a pair, of a character.
  CHECK(offset({0, 4}, Encoding::UTF16) == kText.find("𝄞"));
  CHECK(offset({0, 2}, Encoding::UTF8) == kText.find("ä"));
}

TEST_CASE("bytes that are no UTF-8 count one each") {
  const std::string text = "a\xFF\xFE z";
  const LineIndex lines(text);
  CHECK(lines.position(text, 4, Encoding::UTF16).character == 4);
  CHECK(lines.offset(text, {0, 4}, Encoding::UTF16) == 4);
}

TEST_CASE("edits of a document are those of its text") {
  Document document("file:///r.yaml", "/r.yaml", "");
  document.open("file:///r.yaml", 1, kText);
  const auto edit = [&](int line, int from, int to_line, int to, const char* text) {
    document.change({{"range",
                      {{"start", {{"line", line}, {"character", from}}},
                       {"end", {{"line", to_line}, {"character", to}}}}},
                     {"text", text}},
                    Encoding::UTF16);
  };
  edit(0, 3, 0, 5, "x");  // the pair
  CHECK(document.text() == "aä€xb\r\nsecond\n\nlast");
  edit(1, 3, 3, 1, "");
  CHECK(document.text() == "aä€xb\r\nsecast");
  edit(9, 9, 9, 9, "\n");  // behind the end
  CHECK(document.text() == "aä€xb\r\nsecast\n");
  edit(1, 3, 1, 1, "!");  // ends before it begins
  CHECK(document.text() == "aä€xb\r\nsec!ast\n");
  document.change({{"text", "all"}}, Encoding::UTF16);
  CHECK(document.text() == "all");
}

TEST_CASE("paths become URIs and come back") {
  for (const char* const path : {"/etc/falco/falco_rules.yaml", "/a b/ä%25#?.yaml", "/[x]/y:z"}) {
    CHECK(path_of(uri_of(path)) == path);
  }
  CHECK(uri_of("/a b") == "file:///a%20b");
  CHECK(path_of("file://localhost/a/../b") == "/b");
  CHECK(path_of("file:///a%zz") == "/a%zz");
  CHECK_FALSE(path_of("untitled:Untitled-1").has_value());
  CHECK_FALSE(path_of("file:///a%00b").has_value());
  CHECK_FALSE(path_of("https://example.org/rules.yaml").has_value());
}

}  // namespace
}  // namespace falcoc::lsp
