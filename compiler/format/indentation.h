// Two blanks for each level: which column each line of a rule file gets.
#pragma once

#include <optional>
#include <vector>

#include "compiler/format/edits.h"
#include "compiler/format/source_lines.h"

namespace falcoc::format {

struct Indentation {
  std::vector<long> shift;   ///< by line: how much further right it goes, comments apart
  std::vector<Edit> blanks;  ///< within lines: behind dashes and colons
};

/// Nothing if the file has something whose indentation cannot be told apart safely: anchors between
/// a dash and its item, empty items, and the like.
std::optional<Indentation> indentation(const SourceLines& lines, const rules::YamlStream& stream);

}  // namespace falcoc::format
