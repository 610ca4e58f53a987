// Output formats from text to operands (RULE-LANGUAGE 6.1, 6.4).
#pragma once

#include <expected>

#include "compiler/ir/lower.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::ir {

/// The text that is formatted: `output` without what Falco removes.
MappedText output_text(const MappedText& output, Diagnostics& warnings);

/// Formats print `<NA>` for absent fields: Falco puts the `*` that says so in front of every
/// output, so a `*` that the author wrote is plain text.
std::expected<OutputFormat, Diagnostic> lower_output(const MappedText& text, Lowering& lowering,
                                                     Diagnostics& warnings);

}  // namespace falcoc::ir
