// Rule files in their canonical layout: an edit of the text, so that comments, anchors, names and
// outputs stay as they were written. May know source/, rules/ and the syntax of conditions.
#pragma once

#include <optional>
#include <string>

#include "compiler/source/diagnostic.h"

namespace falcoc::format {

/// The file's new text, which says the same as the old one; that is looked at, not taken for
/// granted. Nothing if the file is no rule file or has a condition that does not parse, or if the
/// two texts differ; then `diagnostics` say why.
std::optional<std::string> format_rules(FileId file, const SourceMap& sources,
                                        Diagnostics& diagnostics);

}  // namespace falcoc::format
