// Diagnostics as SARIF 2.1.0 (OASIS), the exchange format of static analysis.
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "compiler/source/report.h"

namespace falcoc {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A path as a URI reference (RFC 3986): absolute ones with a scheme, everything else escaped.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kUnreserved = "-._~/";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') ||
                       kUnreserved.find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    }
  }
  return uri;
}

Json location(Span span, const SourceMap& sources) {
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = position_in_characters(file, span.begin);
  const LineColumn end = position_in_characters(file, span.end);
  Json region;
  region["startLine"] = begin.line;
  region["startColumn"] = begin.column;
  region["endLine"] = end.line;
  region["endColumn"] = end.column;  // behind the last character
  region["byteOffset"] = span.begin;
  region["byteLength"] = span.end - span.begin;
  Json physical;
  physical["artifactLocation"]["uri"] = uri_of(file.name());
  physical["artifactLocation"]["index"] = static_cast<size_t>(span.file);
  physical["region"] = std::move(region);
  return {{"physicalLocation", std::move(physical)}};
}

Json related_locations(const Diagnostic& diagnostic, const SourceMap& sources) {
  Json related = Json::array();
  for (const Label& label : diagnostic.related) {
    if (static_cast<size_t>(label.span.file) >= sources.size()) continue;
    Json place = location(label.span, sources);
    place["id"] = related.size();
    place["message"]["text"] = label.text;
    related.push_back(std::move(place));
  }
  return related;
}

Json rule_of(const CodeInfo& info) {
  Json rule;
  rule["id"] = info.id;
  rule["shortDescription"]["text"] = info.title;
  rule["defaultConfiguration"]["level"] = severity_name(info.severity);  // SARIF has our words
  if (!info.falco_code.empty()) rule["properties"]["falcoCode"] = info.falco_code;
  return rule;
}

}  // namespace

std::string render_sarif(const Report& report) {
  Json rules = Json::array();
  Json results = Json::array();
  std::vector<int> places(static_cast<size_t>(Code::COUNT), -1);  // of a code in `rules`
  for (const Diagnostic* diagnostic : in_file_order(report.diagnostics)) {
    const CodeInfo& info = code_info(diagnostic->code);
    int& place = places[static_cast<size_t>(diagnostic->code)];
    if (place < 0) {
      place = static_cast<int>(rules.size());
      rules.push_back(rule_of(info));
    }
    Json result;
    result["ruleId"] = info.id;
    result["ruleIndex"] = place;
    result["level"] = severity_name(info.severity);
    result["message"]["text"] = one_line(*diagnostic);
    if (has_place(*diagnostic, report.sources)) {
      result["locations"] = Json::array({location(diagnostic->span, report.sources)});
    }
    Json related = related_locations(*diagnostic, report.sources);
    if (!related.empty()) result["relatedLocations"] = std::move(related);
    results.push_back(std::move(result));
  }
  Json artifacts = Json::array();
  for (size_t i = 0; i < report.sources.size(); ++i) {
    artifacts.push_back({{"location", {{"uri", uri_of(report.sources.file(FileId(i)).name())}}}});
  }
  Json run;
  run["tool"]["driver"] = {{"name", "falcoc"}, {"version", report.tool_version}};
  run["tool"]["driver"]["rules"] = std::move(rules);
  run["columnKind"] = "unicodeCodePoints";
  run["artifacts"] = std::move(artifacts);
  run["results"] = std::move(results);
  Json log;
  log["$schema"] = kSchema;
  log["version"] = "2.1.0";
  log["runs"] = Json::array({std::move(run)});
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace falcoc
