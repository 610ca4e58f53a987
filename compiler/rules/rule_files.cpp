#include "compiler/rules/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace falcoc::rules {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStandardInput = "-";

Diagnostic unreadable(const std::string& path, std::string_view why) {
  return Diagnostic::global(Code::FILE_UNREADABLE, fmt::format("{}: {}", shown_path(path), why));
}

void expand_directory(const std::string& path, std::vector<std::string>& files,
                      Diagnostics& diagnostics) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code unknown;
    if (is_rule_file(it->path()) && !it->is_directory(unknown))
      found.push_back(it->path().string());
  }
  if (error) {
    diagnostics.add(unreadable(path, error.message()));
  } else if (found.empty()) {
    diagnostics.add(unreadable(path, "directory without a .yaml or .yml file"));
  }
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

std::expected<std::string, Diagnostic> read_stream(std::istream& in, const std::string& path) {
  std::string text;
  std::array<char, size_t{64} << 10> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxReadBytes) {
      return std::unexpected(
          unreadable(path, fmt::format("larger than {} MiB", kMaxReadBytes >> 20)));
    }
  }
  if (in.bad()) return std::unexpected(unreadable(path, std::strerror(errno)));
  return text;
}

}  // namespace

std::string shown_path(const std::string& path) {
  return path == kStandardInput ? "<stdin>" : path;
}

bool is_rule_file(const fs::path& path) {
  const fs::path extension = path.extension();
  return (extension == ".yaml" || extension == ".yml") && path.stem().extension() != ".test";
}

std::vector<std::string> expand_paths(const std::vector<std::string>& paths,
                                      Diagnostics& diagnostics) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != kStandardInput && fs::is_directory(path, error)) {
      expand_directory(path, files, diagnostics);
    } else {
      files.push_back(path);
    }
  }
  return files;
}

std::expected<std::string, Diagnostic> read_file(const std::string& path) {
  if (path == kStandardInput) return read_stream(std::cin, path);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(unreadable(path, std::strerror(errno)));
  return read_stream(file, path);
}

}  // namespace falcoc::rules
