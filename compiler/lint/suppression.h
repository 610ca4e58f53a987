// Comments that silence lints: `# falcoc-disable W1001: why`. One above an item is for the whole
// item, one elsewhere for the next line that is no comment, or its own line if it stands behind
// something.
#pragma once

#include <vector>

#include "compiler/lint/lint.h"

namespace falcoc::lint {

/// Takes what comments silence out of `findings`, and adds what is wrong with the comments
/// themselves.
void suppress(const SourceMap& sources, const Policy& policy, std::vector<Finding>& findings);

}  // namespace falcoc::lint
