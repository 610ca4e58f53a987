// Where one check of a condition is decided: in the kernel, once per process, or in user space.
#pragma once

#include <span>
#include <string>

namespace falcoc::lsp {

/// One line for each group of events, as Markdown; empty if the check does not compile alone.
/// `events`: names of the types that the rule is about.
std::string placement_of(std::string check, std::span<const std::string> events);

}  // namespace falcoc::lsp
