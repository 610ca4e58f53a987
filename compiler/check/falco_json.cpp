// See falco_json.h. Findings that Falco does not have go under its two codes for extensions, which
// it never uses itself.
#include "compiler/check/falco_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/rules/falco_context.h"
#include "compiler/rules/falco_schema.h"
#include "compiler/rules/yaml.h"
#include "compiler/source/report.h"

namespace falcoc::check {

namespace {

using Json = nlohmann::json;  // sorted keys, as Falco's own

/// What Falco's codes stand for; of errors it repeats the title (quirk Q39).
struct Description {
  std::string_view code;
  std::string_view text;
};
constexpr std::string_view kErrorExtension = "LOAD_ERR_EXTENSION";
constexpr std::string_view kWarningExtension = "LOAD_WARNING_EXTENSION";
constexpr Description kDescriptions[] = {
    {"LOAD_ERR_FILE_READ", "File read error"},
    {"LOAD_ERR_YAML_PARSE", "YAML parse error"},
    {"LOAD_ERR_YAML_VALIDATE", "Error validating internal structure of YAML file"},
    {"LOAD_ERR_COMPILE_CONDITION", "Error compiling condition"},
    {"LOAD_ERR_COMPILE_OUTPUT", "Error compiling output"},
    {"LOAD_ERR_VALIDATE", "Error validating rule/macro/list/exception objects"},
    {kErrorExtension, "Error in extension item"},
    {"LOAD_UNKNOWN_SOURCE",
     "The rule is for an event source that is not known, so it never sees an event."},
    {"LOAD_NO_EVTTYPE",
     "The condition does not say which event types it is about, so it is evaluated for nearly all "
     "of them, which costs time."},
    {"LOAD_UNKNOWN_FILTER",
     "The rule names a field or event type that is not known. It asks to be skipped in that case."},
    {"LOAD_UNUSED_MACRO", "No rule and no other macro refers to the macro."},
    {"LOAD_UNUSED_LIST", "No rule, macro or other list refers to the list."},
    {"LOAD_UNKNOWN_ITEM", "The item has none of the keys that say what it is; it is ignored."},
    {"LOAD_DEPRECATED_ITEM", "What is written here still works, but may not in a later version."},
    {"LOAD_APPEND_NO_VALUES", "The appended exception has no values, so it changes nothing."},
    {"LOAD_EXCEPTION_NAME_NOT_UNIQUE",
     "Several exceptions of the rule have one name, so values cannot be appended to each of them."},
    {"LOAD_INVALID_MACRO_NAME", "Conditions cannot refer to a macro with such a name."},
    {"LOAD_INVALID_LIST_NAME", "Conditions cannot refer to a list with such a name."},
    {"LOAD_COMPILE_CONDITION", "The condition compiles, but may not mean what it seems to."},
    {"LOAD_UNKNOWN_KEY", "The key is not known for this kind of item and is ignored."},
    {kWarningExtension, "A finding of falcoc that Falco does not have."},
};

/// Falco's code of a finding, or the one for extensions.
std::string_view code_of(const CodeInfo& info) {
  if (!info.falco_code.empty()) return info.falco_code;
  return info.severity == Severity::ERROR ? kErrorExtension : kWarningExtension;
}

std::string_view description_of(std::string_view code) {
  const auto* const row = std::ranges::find(kDescriptions, code, &Description::code);
  return row == std::end(kDescriptions) ? code : row->text;
}

Json location_json(const rules::FalcoLocation& location) {
  return {{"item_type", location.item_type},
          {"item_name", location.item_name},
          {"position",
           {{"name", location.position_name},
            {"line", location.line},
            {"column", location.column},
            {"offset", location.offset}}}};
}

/// One file with what was found in it.
class FileResult {
 public:
  FileResult(const InputFile& input, const SourceMap& sources) {
    result_["name"] = input.name;
    result_["errors"] = Json::array();
    result_["warnings"] = Json::array();
    if (!input.source) {
      for (const Diagnostic& problem : input.problems.items()) {
        add(problem, {{"locations", Json::array({whole_file(input.name)})},
                      {"snippet", rules::falco_snippet({}, 0)}});
      }
      return;
    }
    file_ = &sources.file(*input.source);
    if (auto yaml = rules::read_yaml(*input.source, *file_)) yaml_ = std::move(*yaml);
    if (!yaml_ || yaml_->documents.empty()) return;  // Falco validates what it could parse
    const auto warnings = rules::falco_schema_warnings(*yaml_);
    result_["schema_valid"] = warnings.empty();
    result_["schema_warnings"] = warnings;
  }

  void add(const Diagnostic& diagnostic) {
    Json locations = Json::array();
    for (const auto& location :
         rules::falco_locations(diagnostic, *file_, yaml_ ? &*yaml_ : nullptr)) {
      locations.push_back(location_json(location));
    }
    add(diagnostic, {{"locations", std::move(locations)},
                     {"snippet", rules::falco_snippet(file_->text(), diagnostic.span.begin)}});
  }

  Json finish() && {
    result_["successful"] = result_["errors"].empty();
    return std::move(result_);
  }

 private:
  static Json whole_file(const std::string& name) {
    return location_json({.item_type = "rules content", .item_name = {}, .position_name = name});
  }

  void add(const Diagnostic& diagnostic, Json context) {
    const CodeInfo& info = code_info(diagnostic.code);
    if (info.severity == Severity::NOTE) return;  // Falco has none
    const std::string_view code = code_of(info);
    Json entry;
    entry["code"] = code;
    entry["codedesc"] = description_of(code);
    entry["message"] = info.falco_code.empty()
                           ? fmt::format("{}: {}", info.id, one_line(diagnostic))
                           : one_line(diagnostic);
    entry["context"] = std::move(context);
    if (diagnostic.code == Code::FIELD_DEPRECATED && file_ != nullptr) {
      const Span span = diagnostic.span;
      entry["deprecated_field"] = file_->text().substr(span.begin, span.end - span.begin);
    }
    result_[info.severity == Severity::ERROR ? "errors" : "warnings"].push_back(std::move(entry));
  }

  const SourceFile* file_ = nullptr;
  std::optional<rules::YamlStream> yaml_;
  Json result_;
};

}  // namespace

nlohmann::json falco_json(const RuleInput& input) {
  Json results = Json::array();
  for (const InputFile& file : input.files) {
    FileResult result(file, input.sources);
    for (const Diagnostic* diagnostic : in_file_order(input.diagnostics)) {
      const bool here = file.source && has_place(*diagnostic, input.sources) &&
                        diagnostic->span.file == *file.source;
      if (here) result.add(*diagnostic);
    }
    results.push_back(std::move(result).finish());
  }
  return {{"falco_load_results", std::move(results)}};
}

}  // namespace falcoc::check
