// Indentation, blanks at line ends and empty lines of a rule file; its values stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "compiler/rules/yaml.h"

namespace falcoc::format {

/// `text` has LF line ends only and is what `stream` was read from. Without `indent` the lines
/// keep their indentation.
std::string lay_out_lines(std::string_view text, const rules::YamlStream& stream, bool indent);

}  // namespace falcoc::format
