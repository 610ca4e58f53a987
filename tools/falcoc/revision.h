// Rule files as they were in a revision of git.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "compiler/check/rule_input.h"

namespace falcoc::cli {

/// The texts of the files that `paths` stand for in the revision, in load order. A file that was
/// not there yet is left out. The error says what git said.
std::expected<std::vector<check::NamedText>, std::string> files_of_revision(
    const std::string& revision, const std::vector<std::string>& paths);

}  // namespace falcoc::cli
