// The lint about what the kernel cannot filter: it needs the split, which the others do without.
#pragma once

#include <span>
#include <vector>

#include "compiler/check/rule_input.h"
#include "compiler/lint/lint.h"
#include "tools/falcoc/explain.h"

namespace falcoc::cli {

/// Rules of which the kernel passes every event of some frequent type, with the check to blame.
/// `kinds` are those of the input's program.
void note_unfiltered(const check::RuleInput& input, std::span<const KindView> kinds,
                     std::vector<lint::Finding>& findings);

}  // namespace falcoc::cli
