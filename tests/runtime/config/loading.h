// Configurations from text, with what was said about them.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "runtime/config/read.h"

namespace falcod::config {

/// A folder for one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "falcod-config-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct Loaded {
  Config config;
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;

  size_t count(falcoc::Code code) const {
    size_t sum = 0;
    for (const auto& each : diagnostics.items()) sum += each.code == code ? 1 : 0;
    return sum;
  }
  /// All that was said, as a user sees it.
  std::string text() const {
    std::string all;
    for (const auto& each : diagnostics.items()) {
      all += falcoc::render_text(each, sources, false);
    }
    return all;
  }
};

inline Loaded load_files(const std::string& path, const std::vector<std::string>& settings = {},
                         const std::map<std::string, std::string>& variables = {}) {
  Loaded loaded;
  Request request{.default_path = "/nonexistent", .settings = settings};
  if (!path.empty()) request.path = path;
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  loaded.config = load(request, environment, loaded.sources, loaded.diagnostics);
  return loaded;
}

/// Without a file: the built-in configuration and settings.
inline Loaded load_settings(const std::vector<std::string>& settings) {
  return load_files("", settings);
}

/// One file of this text.
inline Loaded load_text(const std::string& text,
                        const std::map<std::string, std::string>& variables = {}) {
  const Folder folder;
  return load_files(folder.write("falco.yaml", text), {}, variables);
}

}  // namespace falcod::config
