// What programs see.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "compiler/source/diagnostic.h"

using namespace falcoc;
using Json = nlohmann::json;

TEST_CASE("a diagnostic is an object with code, texts and place") {
  SourceMap sources;
  const FileId file = sources.add("r.yaml", "one\ntwo\n");
  Diagnostic diagnostic = Diagnostic::at(Code::UNKNOWN_KEY, {file, 4, 7}, "wrong", "do this");
  diagnostic.label = "here";
  diagnostic.related.push_back({.span = {file, 0, 3}, .text = "because"});
  CHECK(Json::parse(render_json(diagnostic, sources)) == Json::parse(R"({
    "code": "W0011", "severity": "warning", "falco_code": "LOAD_UNKNOWN_KEY",
    "title": "unknown key", "message": "wrong", "label": "here", "hint": "do this",
    "file": "r.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 4,
    "offset": 4, "length": 3,
    "related": [{"message": "because", "file": "r.yaml", "line": 1, "column": 1, "end_line": 1,
                 "end_column": 4, "offset": 0, "length": 3}]})"));
}

TEST_CASE("what a diagnostic has not is absent") {
  const Json json = Json::parse(render_json(Diagnostic::global(Code::DUPLICATE_KEY, "m"), {}));
  for (const char* const key : {"falco_code", "file", "line", "label", "hint", "related"}) {
    CHECK_FALSE(json.contains(key));
  }
}

TEST_CASE("text that is not UTF-8 stays valid JSON on one line") {
  const std::string text = render_json(Diagnostic::global(Code::VALUE_TYPE, "a\xFF\n\"b"), {});
  CHECK(text.find('\n') == std::string::npos);
  CHECK(Json::parse(text)["message"] == "a\uFFFD\n\"b");
}
