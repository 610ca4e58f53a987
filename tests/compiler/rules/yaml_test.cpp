// YAML trees: places of collections, and files made to do harm.
#include "compiler/rules/yaml.h"

#include <doctest/doctest.h>

using namespace falcoc;
using namespace falcoc::rules;

namespace {

struct Yaml {
  SourceMap sources;
  std::expected<YamlStream, Diagnostic> stream;

  explicit Yaml(std::string text) {
    const FileId file = sources.add("f.yaml", std::move(text));
    stream = read_yaml(file, sources.file(file));
  }
  std::string_view written(Span span) const {
    return sources.file(FileId{0}).text().substr(span.begin, span.end - span.begin);
  }
  Code error() const {
    REQUIRE_FALSE(stream.has_value());
    return stream.error().code;
  }
};

}  // namespace

TEST_CASE("collections span their first to their last byte, brackets included") {
  const Yaml yaml("a: [x, 'y' ]\nb: {c: d, }\ne:\n  - f\n  - g\nh: []\ni: {}\n");
  REQUIRE(yaml.stream.has_value());
  const YamlNode& map = *yaml.stream->documents[0];
  CHECK(yaml.written(map.find("a")->span) == "[x, 'y' ]");
  CHECK(yaml.written(map.find("b")->span) == "{c: d, }");
  CHECK(yaml.written(map.find("e")->span) == "- f\n  - g");
  CHECK(yaml.written(map.find("h")->span) == "[]");
  CHECK(yaml.written(map.find("i")->span) == "{}");
}

TEST_CASE("a key without a value lends it its place") {
  const Yaml yaml("a:\nb: 1\n");
  const YamlNode* value = yaml.stream->documents[0]->find("a");
  CHECK(value->kind == YamlNode::Kind::EMPTY);
  CHECK(yaml.written(value->span) == "a");
}

TEST_CASE("an alias is the anchored node, at the place where that was written") {
  const Yaml yaml("a: &x [1, 2]\nb: *x\n");
  const YamlNode& map = *yaml.stream->documents[0];
  CHECK(map.find("a") == map.find("b"));
}

TEST_CASE("a syntax error is reported where it is") {
  const Yaml yaml("- rule: [\n");
  CHECK(yaml.error() == Code::YAML_SYNTAX);
  CHECK(yaml.stream.error().has_span);
  CHECK(Yaml("a: *nowhere\n").error() == Code::YAML_SYNTAX);
  CHECK(Yaml("a: b: c\n").error() == Code::YAML_SYNTAX);
}

TEST_CASE("a field with an argument in a flow sequence is the likely mistake") {
  const auto hint = [](const char* text) {
    SourceMap sources;
    const FileId file = sources.add("f", text);
    const auto stream = read_yaml(file, sources.file(file));
    REQUIRE_FALSE(stream.has_value());
    CHECK(stream.error().code == Code::YAML_SYNTAX);
    return stream.error().hint;
  };
  const std::string quote = "between brackets, quote what holds brackets: \"proc.aname[2]\"";
  CHECK(hint("- fields: [fd.name, proc.aname[2], user.name]\n") == quote);
  CHECK(hint("- fields: [proc.aname[2]]\n  b: c\n") == quote);
  CHECK(hint("- fields: [fd.name, user.name\n").empty());
  CHECK(hint("- [a] ]\n").empty());
}

TEST_CASE("a quote that is never closed is reported where it opens") {
  for (const char* const text : {"- a: b\n  c: \"d\n", "- a: b\n  c: 'd''\n  e: f\n",
                                 "- [x, \"y]\n- z\n", "- a: b\n  c: \"d\\\"\n"}) {
    CAPTURE(text);
    SourceMap sources;
    const FileId file = sources.add("f", text);
    const auto stream = read_yaml(file, sources.file(file));
    REQUIRE_FALSE(stream.has_value());
    CHECK(stream.error().code == Code::YAML_SYNTAX);
    CHECK(stream.error().message == "the quoted text that begins here is never closed");
    CHECK(stream.error().span.begin == std::string_view(text).find_first_of("\"'"));
  }
  for (const char* const text : {"- \"a\"", "- 'a'\n", "- 'a''b'\n\n", "- \"a\\\"\"\n", "- ''"}) {
    CAPTURE(text);
    SourceMap sources;
    const FileId file = sources.add("f", text);
    CHECK(read_yaml(file, sources.file(file)).has_value());
  }
}

TEST_CASE("text that is not UTF-8 is refused at its first bad byte") {
  const Yaml yaml("a: b\xFF\n");
  CHECK(yaml.error() == Code::TEXT_NOT_UTF8);
  CHECK(yaml.stream.error().span.begin == 4);
  CHECK(Yaml("a: \xC0\x80\n").error() == Code::TEXT_NOT_UTF8);                   // overlong
  CHECK(Yaml("a: \xED\xA0\x80\n").error() == Code::TEXT_NOT_UTF8);               // surrogate
  CHECK(Yaml("a: \xE2\x82").error() == Code::TEXT_NOT_UTF8);                     // cut short
  CHECK(Yaml(std::string("\xFF\xFE-\0 \0", 6)).error() == Code::TEXT_NOT_UTF8);  // UTF-16
}

TEST_CASE("bytes that would end the text early are refused") {
  CHECK(Yaml(std::string("a: b\0c\n", 7)).error() == Code::TEXT_CONTROL_CHARACTER);
  CHECK(Yaml("a: b\x04\nc: d\n").error() == Code::TEXT_CONTROL_CHARACTER);
}

TEST_CASE("nesting is limited in every way of writing it") {
  const auto repeat = [](std::string_view text, size_t count) {
    std::string result;
    for (size_t i = 0; i < count; ++i) result += text;
    return result;
  };
  CHECK(Yaml(repeat("[", kMaxYamlDepth) + repeat("]", kMaxYamlDepth)).stream.has_value());
  for (const std::string_view nest : {"[", "{a: ", "- ", "? ", "[a: "}) {
    CAPTURE(nest);
    CHECK(Yaml(repeat(nest, 100'000)).error() == Code::YAML_LIMIT);
  }
}

TEST_CASE("aliases that expand beyond all bounds are refused before they are expanded") {
  std::string bomb = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1) + " ";
    bomb += "- &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j == 0 ? "" : ", ") + alias;
    bomb += "]\n";
  }
  CHECK(Yaml(bomb).error() == Code::YAML_LIMIT);
}

TEST_CASE("what can start no document is refused, not read for ever") {
  for (const std::string_view text : {",", "]", "}", "[a],", "- a\n---\n,", "x: [a, b],c]\n"}) {
    CAPTURE(text);
    CHECK(Yaml(std::string(text)).error() == Code::YAML_SYNTAX);
  }
  for (const std::string_view text :
       {"", "---\n---\n", "---\n...\n---\na\n", "? a\n? b\n", "{a,b}"}) {
    CAPTURE(text);
    CHECK(Yaml(std::string(text)).stream.has_value());
  }
}

TEST_CASE("a list of a million items is within all bounds") {
  std::string text = "[";
  for (int i = 0; i < 1000000; ++i) text += "item" + std::to_string(i) + ",";
  SourceMap sources;
  const FileId file = sources.add("f", text + "]");
  const auto stream = read_yaml(file, sources.file(file));
  REQUIRE(stream.has_value());
  CHECK(stream->documents.front()->items.size() == 1000000);
}

TEST_CASE("an alias inside the node it names is refused") {
  CHECK(Yaml("&a [b, *a]\n").error() == Code::YAML_LIMIT);
}

TEST_CASE("a file beyond the size limit is refused unread") {
  CHECK(Yaml(std::string(kMaxFileBytes + 1, '#')).error() == Code::FILE_TOO_LARGE);
}

TEST_CASE("fifty thousand quoted items are read") {
  std::string text = "- list: l\n  items:\n";
  for (int i = 0; i < 50'000; ++i) text += "    - 'value number " + std::to_string(i) + "'\n";
  CHECK(Yaml(text).stream.has_value());
}
