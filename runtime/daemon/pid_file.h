// The file of -P: holds falcod's process id, and is locked as long as falcod runs, so that the same
// file starts no second one.
#pragma once

#include <expected>
#include <string>

#include "compiler/source/diagnostic.h"

namespace falcod {

class PidFile {
 public:
  static std::expected<PidFile, falcoc::Diagnostic> create(std::string path);
  /// Removes the file.
  ~PidFile();
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;

 private:
  PidFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

}  // namespace falcod
