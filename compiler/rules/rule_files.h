// Rule files on disk: which files a path stands for, and their contents. Knows nothing of YAML.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"

namespace falcoc::rules {

/// Largest file that is read at all; rule files and bundles have their own, lower limits. Keeps a
/// mistaken path (a device, a log) from filling the memory.
inline constexpr size_t kMaxReadBytes = size_t{64} << 20;

/// Whether a file of a directory that is named for its rules is one of them, by its name: tests of
/// rules (.test.yaml) are not.
bool is_rule_file(const std::filesystem::path& path);

/// A directory stands for its rule files sorted by name, not for its subdirectories. Any other path
/// stands for itself. Findings (a directory that cannot be read or holds no rule file) are
/// FILE_UNREADABLE.
std::vector<std::string> expand_paths(const std::vector<std::string>& paths,
                                      Diagnostics& diagnostics);

/// The bytes of a file; `-` is standard input.
std::expected<std::string, Diagnostic> read_file(const std::string& path);

/// How messages name a path: standard input has no name of its own.
std::string shown_path(const std::string& path);

}  // namespace falcoc::rules
