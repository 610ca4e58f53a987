// A configuration from its files and the command line, checked: what falcod --config-check does.
#pragma once

#include "runtime/config/config.h"
#include "runtime/config/files.h"

namespace falcod::config {

/// What is wrong goes to `diagnostics`; the result counts only if there is no error among it.
/// Unknown and earlier keys are warnings, keys without a meaning here notes.
Config load(const Request& request, const Environment& environment, falcoc::SourceMap& sources,
            falcoc::Diagnostics& diagnostics);

/// All keys, by name, for `--config-schema`: a JSON schema (draft 2020-12).
std::string json_schema();

}  // namespace falcod::config
