// An alert as sinks send it: Falco's JSON with what `customfields`, `templatedfields`,
// `customtags`, `bracketreplacer` and `outputfieldformat` make of it.
#pragma once

#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/output/sink.h"
#include "runtime/route/settings.h"
#include "runtime/route/template.h"

namespace falcod::route {

struct SinkAlert {
  std::string id;  ///< uuid; the same however often it is sent
  std::string output;
  std::string priority;  ///< "Warning"
  falcoc::Priority level{};
  std::string rule;
  std::string source;
  std::string hostname;
  std::string time;  ///< ISO 8601, UTC
  uint64_t time_ns = 0;
  std::vector<std::string> tags;
  nlohmann::json fields;  ///< an object

  /// Falcosidekick's form of it.
  nlohmann::json json() const;
  /// A value of `fields` as text, empty if it is not there.
  std::string field(std::string_view name) const;
  /// What templates are over: Rule, Priority, Output, Source, Hostname, Time, UUID, Tags and
  /// OutputFields.
  nlohmann::json template_data() const;
};

/// A JSON value without quotes around texts.
std::string plain(const nlohmann::json& value);

/// What all sinks do to an alert.
class AlertShape {
 public:
  /// The error says which key is malformed.
  static std::expected<AlertShape, std::string> read(const Settings& settings,
                                                     const config::Environment& environment);
  SinkAlert shape(const Message& message) const;

 private:
  std::map<std::string, std::string> custom_fields_;
  std::vector<std::pair<std::string, Template>> templated_fields_;
  std::vector<std::string> custom_tags_;
  std::string bracket_replacer_;
  std::string output_format_;
};

}  // namespace falcod::route
