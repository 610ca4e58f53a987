// The conditions of a rule file, each laid out anew in its place.
#pragma once

#include <string>
#include <string_view>

#include "compiler/rules/yaml.h"

namespace falcoc::format {

/// The `condition` of a rule or macro. Null if `item` is neither, or has none that is text.
const rules::YamlNode* condition_of(const rules::YamlNode& item);

/// Whether the item's condition may be the rest of an earlier one.
bool appends(const rules::YamlNode& item);

/// `text` has LF line ends only and is what `stream` was read from. Conditions in flow maps,
/// conditions that an alias gives another meaning, and those that do not parse stay as they are.
std::string lay_out_conditions(std::string_view text, const rules::YamlStream& stream);

}  // namespace falcoc::format
