// See load.h.
#include "runtime/daemon/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>

#include "compiler/bundle/bundle.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/ruleset.h"

namespace falcod {

namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::Diagnostics;

/// Far above any ruleset (Falco's own are 0.1 MB); keeps a mistaken path from filling the memory.
constexpr uintmax_t kMaxFileBytes = 64u << 20;

Diagnostic unreadable(const std::string& path, std::string_view why) {
  return Diagnostic::global(Code::FILE_UNREADABLE, fmt::format("{}: {}", path, why),
                            "check the path and its permissions");
}

std::expected<std::string, Diagnostic> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(unreadable(path, std::strerror(errno)));
  std::string text;
  std::array<char, 64 * 1024> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    text.append(buffer.data(), static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) {
      return std::unexpected(unreadable(path, "larger than 64 MiB, which no rule file is"));
    }
  }
  if (file.bad()) return std::unexpected(unreadable(path, std::strerror(errno)));
  return text;
}

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

void expand_directory(const std::string& path, std::vector<std::string>& files,
                      Diagnostics& diagnostics) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (is_rule_file(it->path()) && it->is_regular_file(ignored)) {
      found.push_back(it->path().string());
    }
  }
  if (error) {
    diagnostics.add(unreadable(path, error.message()));
    return;
  }
  if (found.empty()) {
    diagnostics.add(Diagnostic::global(Code::NO_RULES,
                                       fmt::format("{}: no .yaml or .yml file in it", path),
                                       "name rule files or a directory that holds some"));
  }
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

}  // namespace

std::vector<std::string> expand_rule_paths(const std::vector<std::string>& paths,
                                           Diagnostics& diagnostics) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      expand_directory(path, files, diagnostics);
    } else {
      files.push_back(path);
    }
  }
  return files;
}

std::optional<std::string> standard_rules() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const std::array candidates{
      program.parent_path().parent_path() / "share" / "falcoc" / "stdlib-rules",
      fs::path(FALCOD_INSTALLED_RULES),
  };
  for (const fs::path& candidate : candidates) {
    if (fs::is_directory(candidate, error)) return candidate.string();
  }
  return std::nullopt;
}

std::optional<falcoc::ir::Program> load_program(const std::vector<std::string>& paths,
                                                const std::string& extra_output,
                                                falcoc::SourceMap& sources,
                                                Diagnostics& diagnostics) {
  const std::vector<std::string> files = expand_rule_paths(paths, diagnostics);
  falcoc::rules::RuleSet rules;
  for (const std::string& path : files) {
    auto text = read_file(path);
    if (!text) {
      diagnostics.add(std::move(text.error()));
      continue;
    }
    if (!falcoc::bundle::is_bundle(*text)) {
      const falcoc::FileId file = sources.add(path, std::move(*text));
      falcoc::rules::load_rules(file, sources, rules, diagnostics);
      continue;
    }
    if (files.size() != 1) {
      diagnostics.add(Diagnostic::global(
          Code::RULE_INPUT_MIXED, fmt::format("{} is a bundle and has to be the only -r", path),
          "compile all rule files into one bundle, or name the rule files"));
      continue;
    }
    if (!extra_output.empty()) {
      diagnostics.add(
          Diagnostic::global(Code::RULE_INPUT_MIXED,
                             fmt::format("-p cannot change the outputs of the bundle {}", path),
                             "name the rule files instead"));
      continue;
    }
    auto program = falcoc::bundle::read(*text, path);
    if (program) return std::move(*program);
    diagnostics.add(std::move(program.error()));
  }
  if (diagnostics.has_errors()) return std::nullopt;
  falcoc::ir::Program program = falcoc::ir::compile(rules, {extra_output}, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return program;
}

}  // namespace falcod
