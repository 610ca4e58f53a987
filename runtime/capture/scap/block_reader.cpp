#include "runtime/capture/scap/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace falcod::scap {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// No block of a real capture comes near; a file that claims more is not worth the memory.
constexpr uint32_t kMaxBlockBytes = 256u << 20;
/// Blocks are read in pieces of this size, so that a false length costs no more memory than the
/// file has bytes.
constexpr size_t kPieceBytes = 1u << 20;

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

std::expected<std::optional<Block>, Diagnostic> BlockReader::next() {
  const uint64_t offset = stream_.offset();
  std::array<std::byte, kBlockHeaderBytes> header{};
  const size_t header_got = stream_.read(header);
  if (header_got == 0 && stream_.damage().empty()) return std::nullopt;
  if (header_got < header.size()) {
    return std::unexpected(truncated(offset, header.size(), header_got));
  }
  Reader fields(header);
  const auto type = fields.number<uint32_t>();
  const auto length = fields.number<uint32_t>();
  if (length < kBlockOverheadBytes) {
    return std::unexpected(damaged(offset, fmt::format("a block of {} bytes", length)));
  }
  if (length > kMaxBlockBytes) {
    return std::unexpected(
        damaged(offset, fmt::format("a block of {} bytes, more than {}", length, kMaxBlockBytes)));
  }
  const size_t wanted = length - kBlockHeaderBytes;
  size_t got = 0;
  while (got < wanted) {
    const size_t piece = std::min(wanted - got, kPieceBytes);
    if (buffer_.size() < got + piece) buffer_.resize(got + piece);
    const size_t count = stream_.read({buffer_.data() + got, piece});
    got += count;
    if (count < piece) {
      return std::unexpected(truncated(offset + kBlockHeaderBytes, wanted, got));
    }
  }
  const std::span<const std::byte> bytes(buffer_.data(), wanted);
  const auto trailer = Reader(bytes.last(4)).number<uint32_t>();
  // Event and section blocks of real files are not always right here, and nobody minds.
  if (is_metadata(type) && trailer != length) {
    return std::unexpected(
        damaged(offset, fmt::format("a block of {} bytes whose end says {}", length, trailer)));
  }
  return Block{type, offset, bytes.first(wanted - 4)};
}

}  // namespace falcod::scap
