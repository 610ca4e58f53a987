// Probe record to Event: checks every bound, brings parameters into Falco's encodings, flags
// re-encoded (flags.def). A hostile or truncated record is refused, never read past.
#pragma once

#include <expected>
#include <span>

#include "runtime/capture/event.h"

namespace falcod {

class Decoder {
 public:
  /// `boot_to_epoch_ns` is added to the probe's boot-clock times.
  explicit Decoder(uint64_t boot_to_epoch_ns);

  /// The result borrows from `record` and from this decoder until the next call. State records
  /// (FC_STATE_*) decode with no info and no parameters. Nothing if the record is malformed.
  const Event* decode(std::span<const std::byte> record);

  uint64_t malformed() const { return malformed_; }

 private:
  Event event_;
  std::array<Param, kMaxParams> params_{};
  std::array<std::array<char, 16>, kMaxParams> scalars_{};
  std::array<char, 8192> built_{};  ///< tuples and addresses put together here
  size_t built_used_ = 0;
  uint64_t boot_to_epoch_ns_;
  uint64_t next_number_ = 1;
  uint64_t malformed_ = 0;
};

/// An item of a record, bounds already checked by decode().
struct Item {
  uint16_t tag;
  uint8_t flags;
  uint8_t index;
  std::string_view bytes;
};
/// First item with this tag (and index, unless kAnyIndex); false if there is none.
inline constexpr int kAnyIndex = -1;
bool find_item(const fc_event& record, uint16_t tag, int index, Item& out);

}  // namespace falcod
