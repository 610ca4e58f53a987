// The bytes of a capture file, plain or gzip (several members in a row count as one stream), read
// forwards only.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "compiler/source/diagnostic.h"

namespace falcod::scap {

class ByteStream {
 public:
  /// `-` is standard input. E0720 if the file cannot be opened.
  static std::expected<ByteStream, falcoc::Diagnostic> open(const std::string& path);
  /// The bytes of a test; borrowed.
  static ByteStream of_bytes(std::span<const std::byte> bytes);

  /// Fills `out` as far as there are bytes; fewer than asked for means that the stream ends there.
  /// Compressed data that is damaged or cut off ends the stream too, and damage() tells.
  size_t read(std::span<std::byte> out);
  /// Why the stream ended before its time, empty if it did not.
  const std::string& damage() const { return damage_; }

  /// Bytes read so far, after decompression: where messages say that something is wrong.
  uint64_t offset() const { return offset_; }
  /// How far the reading is in the file itself, and its size; 0 if unknown (a pipe). For progress.
  uint64_t file_position() const;
  uint64_t file_size() const { return file_size_; }

 private:
  struct CloseFile {
    void operator()(void* file) const;
  };

  std::unique_ptr<void, CloseFile> file_;  ///< gzFile; null: bytes_
  std::span<const std::byte> bytes_;
  uint64_t offset_ = 0;
  uint64_t file_size_ = 0;
  std::string damage_;
};

}  // namespace falcod::scap
