// The key `append_output` of falco.yaml.
#pragma once

#include <yaml-cpp/yaml.h>

#include <expected>
#include <vector>

#include "compiler/ir/output_additions.h"

namespace falcod {

/// Reads the list under the key. A key or a shape that is not known is an error: nothing is read
/// and ignored.
std::expected<std::vector<falcoc::ir::OutputAddition>, falcoc::Diagnostic> read_append_output(
    const YAML::Node& list);

}  // namespace falcod
