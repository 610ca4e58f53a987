// A capture file being written, plain or compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace falcod::scap {

class OutputFile {
 public:
  /// Replaces a file of this name. Null, with errno set, if it cannot be created.
  static std::unique_ptr<OutputFile> create(const std::string& path, bool compress);
  virtual ~OutputFile() = default;

  /// Whole blocks. False, with errno set, if they are not in the file: a plain file then ends after
  /// the last block that is, and nothing may be written any more.
  virtual bool write(std::string_view blocks) = 0;
  /// False, with errno set, if what was written is not all in the file.
  virtual bool close() = 0;
};

}  // namespace falcod::scap
