// Files, positions and mapped text; the collector of diagnostics and the table of codes.
#include "compiler/source/source.h"

#include <doctest/doctest.h>

#include <set>

#include "compiler/source/diagnostic.h"
#include "compiler/source/display_text.h"

using namespace falcoc;

TEST_CASE("positions count lines and bytes from one, CR LF and lone CR as line ends") {
  const SourceFile file("f", "ab\ncd\r\ne\rf");
  CHECK(file.line_count() == 4);
  CHECK(file.position(0).column == 1);
  CHECK(file.position(4).line == 2);
  CHECK(file.position(4).column == 2);
  CHECK(file.position(7).line == 3);
  CHECK(file.position(9).line == 4);
  CHECK(file.line(2) == "cd");
  CHECK(file.line(4) == "f");
  CHECK(file.line(0).empty());
  CHECK(file.line(9).empty());
}

TEST_CASE("mapped text finds the way back over joined pieces") {
  MappedText text("abc", {FileId{0}, 10, 13});
  text.append(" ", {FileId{0}, 20, 20});
  text.append("de", {FileId{0}, 20, 22});
  CHECK(text.text() == "abc de");
  CHECK(text.span(1, 3) == Span{FileId{0}, 11, 13});
  CHECK(text.span(4, 5) == Span{FileId{0}, 20, 21});
  CHECK(text.span(2, 5) == Span{FileId{0}, 12, 21});
  CHECK(text.span(5, 5) == Span{FileId{0}, 21, 21});
}

TEST_CASE("a piece of another length than its source maps as a whole") {
  MappedText text;
  text.append("\t", {FileId{0}, 5, 7});  // written \t
  text.append("x", {FileId{0}, 7, 8});
  CHECK(text.span(0, 1) == Span{FileId{0}, 5, 7});
  CHECK(text.span(1, 2) == Span{FileId{0}, 7, 8});
}

TEST_CASE("a slice keeps its places") {
  MappedText text("abc", {FileId{0}, 10, 13});
  text.append("def", {FileId{0}, 20, 23});
  const MappedText slice = text.slice(2, 5);
  CHECK(slice.text() == "cde");
  CHECK(slice.span(0, 1) == Span{FileId{0}, 12, 13});
  CHECK(slice.span(1, 3) == Span{FileId{0}, 20, 22});
  CHECK(text.slice(3, 3).empty());
}

TEST_CASE("every code has its own id, of the severity that its letter says") {
  std::set<std::string_view> ids;
  for (size_t i = 0; i < static_cast<size_t>(Code::COUNT); ++i) {
    const CodeInfo& info = code_info(static_cast<Code>(i));
    CAPTURE(info.id);
    CHECK(ids.insert(info.id).second);
    REQUIRE(info.id.size() == 5);
    const char letter = info.severity == Severity::ERROR     ? 'E'
                        : info.severity == Severity::WARNING ? 'W'
                                                             : 'N';
    CHECK(info.id.front() == letter);
    CHECK_FALSE(info.title.empty());
    CHECK(find_code(info.id) == static_cast<Code>(i));
    if (!info.falco_code.empty()) CHECK(info.falco_code.starts_with("LOAD_"));
  }
  CHECK_FALSE(find_code("E9999").has_value());
}

TEST_CASE("diagnostics are counted by severity and sorted by file, then place, stably") {
  Diagnostics all;
  all.add(Diagnostic::at(Code::UNKNOWN_KEY, {FileId{1}, 0, 1}, "third"));
  all.add(Diagnostic::at(Code::VALUE_TYPE, {FileId{0}, 9, 9}, "first"));
  all.add(Diagnostic::at(Code::UNKNOWN_KEY, {FileId{0}, 9, 12}, "second"));
  CHECK(all.count(Severity::WARNING) == 2);
  CHECK(all.has_errors());
  all.add(Diagnostic::global(Code::FILE_UNREADABLE, "without a place"));
  std::string order;
  for (const Diagnostic* item : in_file_order(all)) order += item->message + "; ";
  CHECK(order == "without a place; first; second; third; ");
}

TEST_CASE("UTF-8 is decoded strictly") {
  char32_t c = 0;
  CHECK(decode_utf8("a", 0, c) == 1);
  CHECK(decode_utf8("\u00e9", 0, c) == 2);
  CHECK(c == 0xE9);
  CHECK(decode_utf8("\U0001F600", 0, c) == 4);
  CHECK(c == 0x1F600);
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xC3("}) {
    CHECK(decode_utf8(bad, 0, c) == 0);
  }
}
