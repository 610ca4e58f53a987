// Typed access to the keys of one YAML map, with a diagnostic for everything that is not as it
// should be. Knows YAML trees, not what keys mean.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/rules/yaml.h"

namespace falcoc::rules {

Text text_of(const YamlNode& scalar);
/// YAML 1.1 spellings, as RULE-LANGUAGE 5.1 has them: y, yes, true, on and their opposites, in
/// lower case, upper case or capitalised.
std::optional<bool> parse_bool(std::string_view text);
/// Decimal, 0x hexadecimal or 0 octal; no sign but +.
std::optional<uint32_t> parse_unsigned(std::string_view text);

class MapReader {
 public:
  /// `what` names the map in messages: "rule 'X'".
  MapReader(const YamlNode& map, std::string what, Diagnostics& diagnostics)
      : map_(map), what_(std::move(what)), diagnostics_(diagnostics) {}

  /// Warns about keys that are not among `known`, keys given twice, and merge keys.
  void check_keys(std::span<const std::string_view> known, Code unknown_key = Code::UNKNOWN_KEY);

  const std::string& what() const { return what_; }
  void rename(std::string what) { what_ = std::move(what); }
  Span span() const { return map_.span; }
  /// Present, even without a value.
  bool has(std::string_view key) const { return map_.find(key) != nullptr; }
  Span key_span(std::string_view key) const;
  /// Value of an optional key; null if absent, or if it is empty, which is a warning.
  const YamlNode* optional_value(std::string_view key);
  /// Value of a required key; null and an error if it is missing or empty.
  const YamlNode* required_value(std::string_view key);

  /// Required text: not missing, a scalar, not empty.
  std::optional<Text> required_text(std::string_view key);
  std::optional<Text> optional_text(std::string_view key);
  std::optional<bool> optional_bool(std::string_view key);
  std::optional<uint32_t> optional_unsigned(std::string_view key);
  /// A sequence of scalars; `value` is what the key holds.
  std::optional<std::vector<Text>> texts(std::string_view key, const YamlNode& value,
                                         bool allow_empty_text);

  void error(Code code, Span span, std::string message, std::string hint = {});
  void warn(Code code, Span span, std::string message, std::string hint = {});
  bool failed() const { return failed_; }
  /// An error inside this map was reported by another reader.
  void fail() { failed_ = true; }

  /// A reader of a map inside this one, with the same diagnostics.
  MapReader nested(const YamlNode& map, std::string what) const {
    return {map, std::move(what), diagnostics_};
  }
  Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  const YamlNode& map_;
  std::string what_;
  Diagnostics& diagnostics_;
  bool failed_ = false;
};

}  // namespace falcoc::rules
