// The probe without its hooks: events are made up, but registers, memory and process are real, and
// what runs is what runs on a live machine: filters, facts, extraction. Needs root.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/capture/fact_store.h"
#include "runtime/capture/filter_loader.h"
#include "tests/law/sockets.h"

namespace falcoc::law {

/// Descriptors of this process from here on are of known files, whose names rules are about.
inline constexpr int kFirstFile = 100;
inline constexpr int kFiles = 6;
/// Behind them those of sockets.h.
inline constexpr int kFirstSocket = kFirstFile + kFiles;

/// What a system call left in the registers; addresses are this process's own.
struct Call {
  EventKind kind = 0;
  int64_t ret = 0;
  std::array<uint64_t, 6> args{};
};

/// What became of an event.
struct Outcome {
  bool passed = false;
  std::vector<std::byte> record;  ///< if it passed
};

/// What a record says of its descriptor; all zero if it says nothing.
fc_fd descriptor_in(const std::vector<std::byte>& record);

/// Which of the programs answers filters that ask for more than registers and texts.
enum class Provider : uint8_t {
  CURRENT,
  BEFORE_6_2,  ///< that of kernels that lack what joins paths
};

class Stage {
 public:
  /// The error says why there can be none here; what goes wrong behind that throws. The calling
  /// thread stays on one processor, in the directory /etc.
  static std::expected<std::unique_ptr<Stage>, std::string> open(
      Provider provider = Provider::CURRENT);
  virtual ~Stage() = default;

  virtual falcod::FilterLoader& filters() = 0;
  virtual falcod::FactStore& facts() = 0;
  /// As LiveSource does it. Those of sockets.h are named from the start.
  virtual void name_address(std::string_view address) = 0;
  /// Entries of the map of facts, to tamper with.
  virtual std::span<fc_facts> fact_slots() = 0;

  /// Ports of the sockets.
  virtual std::span<const uint16_t> ports() const = 0;

  /// As if this process had made the call now: through its filter, or past it.
  virtual Outcome run(const Call& call, bool filtered) = 0;
};

}  // namespace falcoc::law
