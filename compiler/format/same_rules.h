// Whether two texts of a rule file say the same.
#pragma once

#include <optional>
#include <string>

#include "compiler/source/source.h"

namespace falcoc::format {

/// What the second file says that the first does not, in words; nothing if they are equal: the
/// same values in the same order, and conditions with the same syntax tree, also after they were
/// appended to each other. Both files are YAML.
std::optional<std::string> difference(const SourceMap& sources, FileId before, FileId after);

}  // namespace falcoc::format
