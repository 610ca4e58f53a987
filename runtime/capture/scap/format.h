// Constants of the capture format and reading of its integers. Source: SCAP notes, sections 1 to 3.
// Files are in the byte order of the machine that wrote them; those of the other order are refused.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace falcod::scap {

static_assert(std::endian::native == std::endian::little, "captures are read in host byte order");

inline constexpr uint32_t kMagic = 0x1A2B3C4D;
inline constexpr uint32_t kSwappedMagic = 0x4D3C2B1A;
inline constexpr uint16_t kMajorVersion = 1;
inline constexpr uint16_t kMinorVersion = 2;

enum BlockType : uint32_t {
  SECTION_HEADER = 0x0A0D0D0A,
  MACHINE_INFO = 0x201,
  MACHINE_INFO_OLD = 0x8002ABCD,
  INTERFACES_V1 = 0x205,
  INTERFACES_OLD = 0x8011ABCD,
  INTERFACES_V2 = 0x219,
  USERS_V1 = 0x206,
  USERS_OLD = 0x8012ABCD,
  USERS_V2 = 0x220,
  FDS_V1 = 0x203,
  FDS_OLD = 0x8001ABCD,
  FDS_V2 = 0x218,
  EVENT_V1 = 0x204,
  EVENT_OLD = 0x8010ABCD,
  EVENT_V2 = 0x216,
  EVENT_V2_LARGE = 0x221,
  EVENT_FLAGS_V1 = 0x208,
  EVENT_FLAGS_V2 = 0x217,
  EVENT_FLAGS_V2_LARGE = 0x222,
  PROCESSES_V9 = 0x215,
};

inline constexpr uint32_t kBlockHeaderBytes = 8;     ///< type and length
inline constexpr uint32_t kBlockOverheadBytes = 12;  ///< these and the length again at the end
inline constexpr size_t kEventHeaderV1Bytes = 22;
inline constexpr size_t kEventHeaderV2Bytes = 26;

/// Dump flag: the event changes state and is never shown.
inline constexpr uint32_t kStateOnly = 1;

/// Reads packed values one after the other. Reading past the end gives zeros and sets failed().
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes)
      : data_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size()) {}
  explicit Reader(std::string_view bytes) : data_(bytes.data()), size_(bytes.size()) {}

  template <typename Number>
  Number number() {
    Number value{};
    if (const std::string_view raw = bytes(sizeof value); raw.size() == sizeof value) {
      std::memcpy(&value, raw.data(), sizeof value);
    }
    return value;
  }
  std::string_view bytes(size_t count) {
    if (count > left()) {
      failed_ = true;
      used_ = size_;
      return {};
    }
    const std::string_view result(data_ + used_, count);
    used_ += count;
    return result;
  }
  /// Text after its length in 16 bits.
  std::string_view text() { return bytes(number<uint16_t>()); }

  size_t left() const { return size_ - used_; }
  size_t used() const { return used_; }
  bool failed() const { return failed_; }

 private:
  const char* data_;
  size_t size_;
  size_t used_ = 0;
  bool failed_ = false;
};

}  // namespace falcod::scap
