// Every style of YAML scalar: which bytes of the file gave which bytes of the value.
#include "compiler/rules/scalar_map.h"

#include <doctest/doctest.h>

#include "compiler/rules/yaml.h"

using namespace falcoc;
using namespace falcoc::rules;

namespace {

/// The value of key `k` of a file.
struct Value {
  SourceMap sources;
  MappedScalar scalar;

  explicit Value(const std::string& file_text) {
    const FileId file = sources.add("f.yaml", file_text);
    const auto stream = read_yaml(file, sources.file(file));
    REQUIRE(stream.has_value());
    REQUIRE(stream->documents.size() == 1);
    const YamlNode* node = stream->documents[0]->find("k");
    REQUIRE(node != nullptr);
    REQUIRE(node->is_scalar());
    scalar = map_scalar(file, file_text, node->span.begin, node->text.text());
    CHECK(scalar.text.text() == node->text.text());
    CHECK(scalar.span == node->span);
  }
  std::string_view file() const { return sources.file(FileId{0}).text(); }
  std::string_view written(Span span) const {
    return file().substr(span.begin, span.end - span.begin);
  }
  /// What was written for the first occurrence of `part` in the value.
  std::string_view written_for(std::string_view part) const {
    const size_t at = scalar.text.text().find(part);
    REQUIRE(at != std::string::npos);
    return written(
        scalar.text.span(static_cast<uint32_t>(at), static_cast<uint32_t>(at + part.size())));
  }
};

void check_words(const Value& value, std::initializer_list<std::string_view> words) {
  CHECK(value.scalar.exact);
  for (const std::string_view word : words) {
    CAPTURE(word);
    CHECK(value.written_for(word) == word);
  }
}

}  // namespace

TEST_CASE("a plain scalar maps byte for byte and ends where its text ends") {
  const Value value("k: evt.type = open # comment\n");
  check_words(value, {"evt.type", "=", "open"});
  CHECK(value.written(value.scalar.span) == "evt.type = open");
}

TEST_CASE("a plain scalar over several lines maps words to their lines") {
  const Value value("k: one\n   two  \n\n   three\nz: 1\n");
  CHECK(value.scalar.text.text() == "one two\nthree");
  check_words(value, {"one", "two", "three"});
  CHECK(value.written(value.scalar.span) == "one\n   two  \n\n   three");
}

TEST_CASE("a plain scalar in a flow collection stops at its bracket") {
  const Value value("{k: a b, z: [c]}\n");
  check_words(value, {"a", "b"});
  CHECK(value.written(value.scalar.span) == "a b");
}

TEST_CASE("a single-quoted scalar maps doubled quotes and folded lines") {
  const Value value("k: 'it''s a\n   long  one' # c\n");
  CHECK(value.scalar.text.text() == "it's a long  one");
  check_words(value, {"it", "s a", "long  one"});
  CHECK(value.written_for("'") == "''");
  CHECK(value.written(value.scalar.span) == "'it''s a\n   long  one'");
}

TEST_CASE("a double-quoted scalar maps escapes of every length") {
  const Value value("k: \"a\\tb\\x41\\u00e9\\U0001F600 c\\\"d \\\n    e\\_f\"\n");
  CHECK(value.scalar.text.text() ==
        "a\tbA\u00e9\U0001F600 c\"d e\xA0"
        "f");
  CHECK(value.scalar.exact);
  CHECK(value.written_for("\t") == "\\t");
  CHECK(value.written_for("A") == "\\x41");
  CHECK(value.written_for("\u00e9") == "\\u00e9");
  CHECK(value.written_for("\U0001F600") == "\\U0001F600");
  CHECK(value.written_for("\"") == "\\\"");
  CHECK(value.written_for("\xA0") == "\\_");
  CHECK(value.written_for("e") == "e");
  CHECK(value.written_for("f") == "f");
}

TEST_CASE("an empty quoted scalar has a place") {
  const Value value("k: ''\n");
  CHECK(value.scalar.exact);
  CHECK(value.written(value.scalar.span) == "''");
  CHECK(value.scalar.text.whole().begin == 3);
}

TEST_CASE("literal blocks map lines without their indentation, with every chomping") {
  for (const std::string header : {"|", "|-", "|+", "| # comment", "|2", "|2-", "|-2"}) {
    CAPTURE(header);
    const Value value("k: " + header + "\n  one\n    two\n\n  three\n\nz: 1\n");
    check_words(value, {"one", "  two", "three"});
    const std::string_view written = value.written(value.scalar.span);
    CHECK(written.starts_with(header));
    CHECK(written.find("z:") == std::string_view::npos);
  }
}

TEST_CASE("folded blocks map words over folds, blank lines and more indented lines") {
  for (const std::string header : {">", ">-", ">+", "> # comment", ">2", ">2-"}) {
    CAPTURE(header);
    const Value value(
        "k: " + header +
        "\n  one\n  two\n\n  three\n\n\n  four\n    five\n    six\n  seven\n\nz: 1\n");
    check_words(value, {"one", "two", "three", "four", "five", "six", "seven"});
    CHECK(value.written_for("one two") == "one\n  two");
  }
}

TEST_CASE("a block with leading blank lines maps its first word") {
  for (const std::string header : {">", "|"}) {
    const Value value("k: " + header + "\n\n\n  one\n  two\n");
    check_words(value, {"one", "two"});
  }
}

TEST_CASE("a block at the end of the file without a line end is followed") {
  for (const std::string header : {">", "|", "|-", ">+"}) {
    const Value value("k: " + header + "\n  one\n  two");
    check_words(value, {"one", "two"});
    CHECK(value.written(value.scalar.span).ends_with("two"));
  }
}

TEST_CASE("a block whose lines begin with blanks keeps them") {
  const Value value("k: |1\n   one\n  two\n");
  CHECK(value.scalar.text.text() == "  one\n two\n");
  check_words(value, {"  one", " two"});
}

TEST_CASE("line ends of CR LF are followed in every style") {
  for (const std::string text :
       {"k: one\r\n   two\r\n", "k: 'one\r\n   two'\r\n", "k: \"one\r\n   two\"\r\n",
        "k: >\r\n  one\r\n  two\r\n", "k: |\r\n  one\r\n  two\r\n"}) {
    CAPTURE(text);
    check_words(Value(text), {"one", "two"});
  }
}

TEST_CASE("tags and anchors before a scalar are not part of it") {
  for (const std::string before : {"&a ", "!!str ", "&a !!str ", "!t\n  ", "&a # c\n  "}) {
    CAPTURE(before);
    const Value value("k: " + before + "one two\n");
    check_words(value, {"one", "two"});
    CHECK(value.written(value.scalar.span) == "one two");
  }
}

TEST_CASE("a byte order mark does not shift places") {
  check_words(Value("\xEF\xBB\xBFk: one two\n"), {"one", "two"});
}

TEST_CASE("bytes of UTF-8 text map one by one") {
  const Value value("k: gr\u00fc\u00df dich\n");
  check_words(value, {"gr\u00fc\u00df", "\u00df", "dich"});
}

TEST_CASE("a source that does not give the value maps as a whole") {
  const std::string source = "k: something else\n";
  const MappedScalar scalar = map_scalar(FileId{0}, source, 3, "other");
  CHECK_FALSE(scalar.exact);
  CHECK(scalar.text.text() == "other");
  CHECK(scalar.span == Span{FileId{0}, 3, 17});
  CHECK(scalar.text.span(1, 2) == scalar.span);
}

TEST_CASE("an offset beyond the file is harmless") {
  const MappedScalar scalar = map_scalar(FileId{0}, "k: 1", 1000, "x");
  CHECK_FALSE(scalar.exact);
  CHECK(scalar.span.begin == 4);
}
