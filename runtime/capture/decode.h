// Probe record to Event: checks every bound, brings parameters into Falco's encodings, flags
// re-encoded (flags.def). A hostile or truncated record is refused, never read past.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "compiler/catalog/parameter_source.h"
#include "runtime/capture/event.h"

namespace falcod {

using falcoc::ParamSource;
using falcoc::SourceKind;

/// An item of a record, bounds already checked by decode().
struct Item {
  uint16_t tag = 0;
  uint8_t flags = 0;
  uint8_t index = 0;
  std::string_view bytes;
};
/// First item with this tag (and index, unless kAnyIndex); false if there is none. Texts come
/// without their terminator; that of a parameter item, FC_ITEM_ARGS and FC_ITEM_ENV is kept.
inline constexpr int kAnyIndex = -1;
bool find_item(const fc_event& record, uint16_t tag, int index, Item& out);

class Decoder {
 public:
  /// `boot_to_epoch_ns` is added to the probe's boot-clock times.
  explicit Decoder(uint64_t boot_to_epoch_ns);

  /// The result borrows from `record` and from this decoder until the next call. State records
  /// (FC_STATE_*) decode with no info and no parameters. Nothing if the record is malformed;
  /// `record` must be aligned to 8 bytes, as the ring buffer's are.
  const Event* decode(std::span<const std::byte> record);

  uint64_t malformed() const { return malformed_; }

 private:
  /// The parameter being built.
  struct Slot {
    const falcoc::ParamInfo& info;
    ParamSource source;
    size_t index;
  };
  using Builder = void (Decoder::*)(const Slot&);
  static Builder builder_of(SourceKind kind);

  void index_items();
  void build_params();

  // one per family of sources, see parameter_source.h
  void build_nothing(const Slot& slot);
  void build_number(const Slot& slot);
  void build_register(const Slot& slot);
  void build_item(const Slot& slot);
  void build_open_flags(const Slot& slot);
  void build_open_mode(const Slot& slot);
  void build_descriptor(const Slot& slot);
  void build_path(const Slot& slot);
  void build_tuple(const Slot& slot);
  void build_process_text(const Slot& slot);
  void build_cgroups(const Slot& slot);
  // of decode_command.cpp
  void build_ptrace(const Slot& slot);
  void build_prctl_number(const Slot& slot);
  void build_sockopt(const Slot& slot);
  void build_sembuf(const Slot& slot);
  void build_quota(const Slot& slot);
  void build_keyctl(const Slot& slot);
  void build_poll_fds(const Slot& slot);

  std::optional<uint64_t> number(const ParamSource& source) const;
  std::optional<uint64_t> process_number(const ParamSource& source) const;
  std::optional<uint64_t> item_number(size_t index) const;
  /// Bytes of a parameter's item; empty if there is none.
  std::string_view item_bytes(size_t index) const;
  uint64_t argument(uint8_t index) const;

  void put_number(const Slot& slot, uint64_t value);
  void put_encoded(const Slot& slot, uint64_t native);
  void put_text(const Slot& slot, std::string_view with_terminator);
  void put_bytes(const Slot& slot, std::string_view bytes);
  /// Copies bytes into scratch space; empty if there is no room.
  std::string_view keep(std::string_view bytes);

  Event event_;
  std::array<Param, kMaxParams> params_{};
  std::array<std::array<char, 16>, kMaxParams> scalars_{};
  std::array<char, 65536> built_{};  ///< tuples, addresses and cgroups put together here
  size_t built_used_ = 0;

  const fc_event* record_ = nullptr;
  std::array<Item, kMaxParams> items_{};  ///< by parameter
  uint32_t has_item_ = 0;                 ///< bit per parameter
  std::optional<fc_fd> fd_;               ///< the first descriptor of the record
  std::optional<fc_exec> exec_;
  std::optional<fc_exit> exit_;
  std::string_view args_, env_;

  uint64_t boot_to_epoch_ns_;
  uint64_t next_number_ = 1;
  uint64_t malformed_ = 0;
};

}  // namespace falcod
