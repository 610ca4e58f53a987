// Diagnostics as JSON for programs. Text that is not UTF-8 becomes U+FFFD.
#include <nlohmann/json.hpp>

#include "compiler/source/diagnostic.h"

namespace falcoc {

namespace {

using Json = nlohmann::ordered_json;

void add_place(Json& object, Span span, const SourceMap& sources) {
  if (static_cast<size_t>(span.file) >= sources.size()) return;
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = file.position(span.begin);
  const LineColumn end = file.position(span.end);
  object["file"] = file.name();
  object["line"] = begin.line;
  object["column"] = begin.column;
  object["end_line"] = end.line;
  object["end_column"] = end.column;
  object["offset"] = span.begin;
  object["length"] = span.end - span.begin;
}

}  // namespace

std::string render_json(const Diagnostic& diagnostic, const SourceMap& sources) {
  const CodeInfo& info = code_info(diagnostic.code);
  Json object;
  object["code"] = info.id;
  object["severity"] = severity_name(info.severity);
  if (!info.falco_code.empty()) object["falco_code"] = info.falco_code;
  object["title"] = info.title;
  object["message"] = diagnostic.message;
  if (diagnostic.has_span) add_place(object, diagnostic.span, sources);
  if (!diagnostic.label.empty()) object["label"] = diagnostic.label;
  if (!diagnostic.hint.empty()) object["hint"] = diagnostic.hint;
  if (!diagnostic.related.empty()) {
    Json& related = object["related"] = Json::array();
    for (const Label& label : diagnostic.related) {
      Json place;
      place["message"] = label.text;
      add_place(place, label.span, sources);
      related.push_back(std::move(place));
    }
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace falcoc
