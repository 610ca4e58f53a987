// Walks the blocks of a capture file. Knows their framing, not their contents.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "runtime/capture/scap/byte_stream.h"
#include "runtime/capture/scap/format.h"

namespace falcod::scap {

struct Block {
  uint32_t type = 0;
  uint64_t offset = 0;  ///< of its first byte in the (decompressed) file
  std::span<const std::byte> body;
};

class BlockReader {
 public:
  BlockReader(ByteStream stream, std::string name);

  /// The next block, valid until the next call; nothing at the end of the file. A block that is cut
  /// off or frames itself wrongly is an error, and the end.
  std::expected<std::optional<Block>, falcoc::Diagnostic> next();
  /// The same for whoever takes millions: null at the end, and after an error, which take_error()
  /// tells.
  const Block* take();
  std::optional<falcoc::Diagnostic> take_error() { return std::exchange(error_, std::nullopt); }

  const std::string& name() const { return name_; }
  const ByteStream& stream() const { return stream_; }
  /// Bytes of the (decompressed) file that were taken so far.
  uint64_t offset() const { return stream_.offset() - (end_ - begin_); }

  /// An error about the byte at `offset`.
  falcoc::Diagnostic damaged(uint64_t offset, std::string what) const;

 private:
  falcoc::Diagnostic truncated(uint64_t offset, size_t expected, size_t got) const;
  /// Reads ahead until so many bytes are there, or the stream has ended; returns how many are.
  size_t fill(size_t wanted);

  ByteStream stream_;
  std::string name_;
  std::vector<std::byte> buffer_;  ///< read ahead: what is in [begin_, end_) was not taken yet
  size_t begin_ = 0, end_ = 0;
  Block block_;
  std::optional<falcoc::Diagnostic> error_;
};

}  // namespace falcod::scap
