// Compiled rules on disk: catalog version, IR, metadata, hash. Data only, never machine code
// (DESIGN section 9). The loader treats its input as hostile.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::bundle {

/// First bytes of every bundle; tells one from a rule file.
inline constexpr std::string_view kMagic = "FALCOCB1";

std::string write(const ir::Program& program);

/// Checks magic, hash, versions, bounds, types and limits, then rebuilds the program. `name` is for
/// messages.
std::expected<ir::Program, Diagnostic> read(std::string_view bytes, std::string_view name);

bool is_bundle(std::string_view bytes);

}  // namespace falcoc::bundle
