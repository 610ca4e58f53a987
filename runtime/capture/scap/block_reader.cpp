#include "runtime/capture/scap/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace falcod::scap {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// No block of a real capture comes near; a file that claims more is not worth the memory.
constexpr uint32_t kMaxBlockBytes = 256u << 20;
/// The stream is read in pieces of this size, many blocks at once; a larger block grows the buffer
/// only as far as there are bytes, so that a false length costs no more memory than the file has.
constexpr size_t kPieceBytes = 256u << 10;

bool is_metadata(uint32_t type) {
  switch (type) {
    case SECTION_HEADER:
    case EVENT_V1:
    case EVENT_OLD:
    case EVENT_V2:
    case EVENT_V2_LARGE:
    case EVENT_FLAGS_V1:
    case EVENT_FLAGS_V2:
    case EVENT_FLAGS_V2_LARGE:
      return false;
    default:
      return true;
  }
}

}  // namespace

BlockReader::BlockReader(ByteStream stream, std::string name)
    : stream_(std::move(stream)), name_(std::move(name)) {}

Diagnostic BlockReader::damaged(uint64_t offset, std::string what) const {
  return Diagnostic::global(
      Code::CAPTURE_DAMAGED,
      fmt::format("capture file '{}' is damaged at byte {}: {}", name_, offset, what),
      "everything before was used; record the file again, or take an intact copy");
}

Diagnostic BlockReader::truncated(uint64_t offset, size_t expected, size_t got) const {
  const std::string why = stream_.damage().empty() ? "" : fmt::format(" ({})", stream_.damage());
  return Diagnostic::global(
      Code::CAPTURE_TRUNCATED,
      fmt::format("capture file '{}' ends in the middle: expecting {} bytes at byte {}, read {}{}",
                  name_, expected, offset, got, why),
      "everything before was used; the recording was stopped hard, or the copy is incomplete");
}

size_t BlockReader::fill(size_t wanted) {
  while (end_ - begin_ < wanted) {
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() < end_ + kPieceBytes) buffer_.resize(end_ + kPieceBytes);
    const size_t count = stream_.read({buffer_.data() + end_, buffer_.size() - end_});
    end_ += count;
    if (count == 0) break;
  }
  return std::min(end_ - begin_, wanted);
}

std::expected<std::optional<Block>, Diagnostic> BlockReader::next() {
  if (const Block* block = take()) return *block;
  if (auto error = take_error()) return std::unexpected(std::move(*error));
  return std::nullopt;
}

const Block* BlockReader::take() {
  const auto fail = [this](Diagnostic error) -> const Block* {
    error_ = std::move(error);
    return nullptr;
  };
  const uint64_t at = offset();
  const size_t header_got = fill(kBlockHeaderBytes);
  if (header_got == 0 && stream_.damage().empty()) return nullptr;
  if (header_got < kBlockHeaderBytes) {
    return fail(truncated(at, kBlockHeaderBytes, header_got));
  }
  const std::span<const std::byte> header(buffer_.data() + begin_, kBlockHeaderBytes);
  Reader fields(header);
  const auto type = fields.number<uint32_t>();
  const auto length = fields.number<uint32_t>();
  if (length < kBlockOverheadBytes) {
    return fail(damaged(at, fmt::format("a block of {} bytes", length)));
  }
  if (length > kMaxBlockBytes) {
    return fail(
        damaged(at, fmt::format("a block of {} bytes, more than {}", length, kMaxBlockBytes)));
  }
  const size_t got = fill(length);
  if (got < length) {
    return fail(
        truncated(at + kBlockHeaderBytes, length - kBlockHeaderBytes, got - kBlockHeaderBytes));
  }
  const std::span<const std::byte> bytes(buffer_.data() + begin_, length);
  begin_ += length;
  const auto trailer = Reader(bytes.last(4)).number<uint32_t>();
  // Event and section blocks of real files are not always right here, and nobody minds.
  if (is_metadata(type) && trailer != length) {
    return fail(damaged(at, fmt::format("a block of {} bytes whose end says {}", length, trailer)));
  }
  block_ = {type, at, bytes.subspan(kBlockHeaderBytes, length - kBlockOverheadBytes)};
  return &block_;
}

}  // namespace falcod::scap
