// Which files of a folder are rule files, and in which order falcod would load them. Knows names
// and the first lines of files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::lsp {

/// Bounds of a search below a folder, so that one that holds a whole machine ends.
inline constexpr size_t kMaxRuleFiles = 2000;
inline constexpr size_t kMaxEntries = 50000;
inline constexpr int kMaxDepth = 12;

/// Whether the text looks like a rule file: some line begins an item.
bool looks_like_rules(std::string_view text);
bool is_test_file(std::string_view path);

/// The rule files below `root`: `falco_rules.yaml` first, then the other files of the folder by
/// name, then those of `rules.d`, then those of other folders by path. Hidden folders and those of
/// packages are left out.
std::vector<std::string> find_rule_files(const std::string& root);

/// Files of tests below `root`.
std::vector<std::string> find_test_files(const std::string& root);

/// The files that the globs stand for, in their order, each once; relative ones begin at `root`. A
/// directory stands for its .yaml and .yml files, `**` for any folders.
std::vector<std::string> expand_globs(const std::vector<std::string>& globs,
                                      const std::string& root);

}  // namespace falcoc::lsp
