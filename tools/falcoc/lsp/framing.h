// Messages in a stream of bytes, as the base protocol of LSP has them: a header with their length,
// an empty line, JSON. Knows nothing of what they say.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace falcoc::lsp {

/// Longest message that is read: a rule file of the greatest size, every character escaped. Longer
/// ones are skipped.
inline constexpr size_t kMaxMessageBytes = size_t{256} << 20;
/// Longest header; the protocol's own are below 100 bytes.
inline constexpr size_t kMaxHeaderBytes = 4096;

struct Frame {
  std::string body;
  std::string problem;  ///< why there is no body; the stream goes on behind it
};

class FrameReader {
 public:
  void feed(std::string_view bytes);
  /// The next message that is complete.
  std::optional<Frame> next();

 private:
  std::optional<Frame> read_header();

  std::string buffer_;
  size_t begin_ = 0;            ///< of what is not read yet, in the buffer
  std::optional<size_t> body_;  ///< length of the message whose header is read
  size_t skip_ = 0;             ///< bytes of a message that is too long
};

/// The message with its header.
std::string framed(std::string_view body);

}  // namespace falcoc::lsp
