// Exceptions of rules: their shape, defaults and validation (RULE-LANGUAGE 5.8). What their fields
// mean is not known here.
#pragma once

#include <optional>
#include <vector>

#include "compiler/rules/map_reader.h"

namespace falcoc::rules {

/// An exception as one item gives it; an item that appends may leave out all but the name.
struct WrittenException {
  Text name;
  Span span;
  std::optional<Span> fields_span;
  std::optional<Span> comps_span;
  bool fields_is_list = false;
  bool comps_is_list = false;
  std::vector<Text> fields;
  std::vector<Text> comps;
  bool has_values = false;
  std::vector<const YamlNode*> values;  ///< elements of `values`; the shape depends on `fields`
};

/// Reads the `exceptions` of an item. `defining`: `fields` is required in each.
std::vector<WrittenException> read_exceptions(MapReader& item, const YamlNode& sequence,
                                              bool defining);

/// Exceptions as a definition or replacement gives them: defaults filled in, validated. Nothing if
/// there was an error.
std::optional<std::vector<Exception>> define_exceptions(
    MapReader& item, const std::vector<WrittenException>& written);

/// `existing` with the values and exceptions of an append. Nothing if there was an error.
std::optional<std::vector<Exception>> append_exceptions(
    MapReader& item, const std::vector<Exception>& existing,
    const std::vector<WrittenException>& written);

}  // namespace falcoc::rules
