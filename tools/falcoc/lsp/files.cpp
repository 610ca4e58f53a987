#include "tools/falcoc/lsp/files.h"

#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <set>
#include <tuple>

#include "compiler/rules/rule_files.h"

namespace falcoc::lsp {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kTestEnding = ".test.yaml";
constexpr std::array<std::string_view, 2> kForeignFolders = {"node_modules", "build"};
/// How far into a file an item is looked for: behind a long licence.
constexpr size_t kHeadBytes = 16384;

bool is_yaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

std::vector<std::string> yaml_files(const std::string& root) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                         error);
  const fs::recursive_directory_iterator end;
  size_t seen = 0;
  while (!error && entry != end && ++seen <= kMaxEntries) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory(error)) {
      const bool foreign = name.starts_with('.') ||
                           std::ranges::find(kForeignFolders, name) != kForeignFolders.end();
      if (foreign || entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
    } else if (is_yaml(name) && !name.starts_with('.') && entry->is_regular_file(error)) {
      files.push_back(entry->path().lexically_normal().string());
    }
    entry.increment(error);
  }
  return files;
}

std::string head_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(in.gcount()));
  return head;
}

/// What falcod loads by default: falco_rules.yaml, falco_rules.local.yaml, rules.d.
std::tuple<int, std::string> rank(const std::string& root, const std::string& path) {
  const std::string relative = fs::path(path).lexically_relative(root).string();
  int group = 3;
  if (relative.find('/') == relative.npos) group = relative == "falco_rules.yaml" ? 0 : 1;
  if (relative.starts_with("rules.d/")) group = 2;
  return {group, relative};
}

void add_glob(const std::string& pattern, const std::string& root, std::vector<std::string>& out) {
  if (pattern.find("**") != pattern.npos) {
    const size_t stars = pattern.find("**");
    const size_t slash = pattern.rfind('/', stars);
    const std::string below = slash == pattern.npos ? root : pattern.substr(0, slash);
    std::vector<std::string> files = yaml_files(below);
    std::ranges::sort(files);
    // `**/` also stands for no folder at all.
    std::string shorter = pattern;
    if (const size_t at = shorter.find("**/"); at != shorter.npos) shorter.erase(at, 3);
    for (const std::string& file : files) {
      const bool matches = fnmatch(pattern.c_str(), file.c_str(), 0) == 0 ||
                           fnmatch(shorter.c_str(), file.c_str(), 0) == 0;
      if (matches && !is_test_file(file)) out.push_back(file);
    }
    return;
  }
  glob_t found{};
  const std::unique_ptr<glob_t, decltype(&globfree)> owner(&found, &globfree);
  if (glob(pattern.c_str(), GLOB_NOSORT | GLOB_BRACE, nullptr, &found) != 0) return;
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  std::ranges::sort(paths);
  Diagnostics ignored;
  for (const std::string& path : rules::expand_paths(paths, ignored)) out.push_back(path);
}

}  // namespace

bool looks_like_rules(std::string_view text) {
  constexpr std::array<std::string_view, 5> kBeginnings = {
      "- rule:", "- macro:", "- list:", "- required_engine_version:",
      "- required_plugin_versions:"};
  for (size_t line = 0; line < text.size();) {
    const std::string_view rest = text.substr(line);
    for (const std::string_view beginning : kBeginnings) {
      if (rest.starts_with(beginning)) return true;
    }
    const size_t end = text.find('\n', line);
    line = end == text.npos ? text.size() : end + 1;
  }
  return false;
}

bool is_test_file(std::string_view path) { return path.ends_with(kTestEnding); }

std::vector<std::string> find_rule_files(const std::string& root) {
  std::vector<std::string> files = yaml_files(root);
  std::erase_if(files, [](const std::string& path) {
    return is_test_file(path) || !looks_like_rules(head_of(path));
  });
  std::ranges::sort(files, {}, [&](const std::string& path) { return rank(root, path); });
  if (files.size() > kMaxRuleFiles) files.resize(kMaxRuleFiles);
  return files;
}

std::vector<std::string> find_test_files(const std::string& root) {
  std::vector<std::string> files = yaml_files(root);
  std::erase_if(files, [](const std::string& path) { return !is_test_file(path); });
  std::ranges::sort(files);
  if (files.size() > kMaxRuleFiles) files.resize(kMaxRuleFiles);
  return files;
}

std::vector<std::string> expand_globs(const std::vector<std::string>& globs,
                                      const std::string& root) {
  std::vector<std::string> files;
  for (const std::string& glob : globs) {
    add_glob((fs::path(root) / glob).string(), root, files);  // an absolute one stays what it is
  }
  std::vector<std::string> once;
  std::set<std::string> seen;
  for (const std::string& file : files) {
    std::string normal = fs::path(file).lexically_normal().string();
    if (seen.insert(normal).second && once.size() < kMaxRuleFiles) once.push_back(normal);
  }
  return once;
}

}  // namespace falcoc::lsp
