// One event as rules see it: parameters in Falco's order and encodings, whatever the source (live
// probe, capture file, test). Borrowed: everything points into the source's buffers and the
// decoder's scratch space, valid until the next event.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/catalog/catalog.h"
#include "probe/abi.h"

namespace falcod {

class CapturedFds;  // runtime/state/captured_fds.h

inline constexpr size_t kMaxParams = 32;  // event table: execve has the most, 31

/// One parameter. Encodings by type as in capture files: integers in their width, text with its
/// terminator, SOCKADDR and SOCKTUPLE with the family byte first. size 0 = empty.
struct Param {
  const char* data = nullptr;
  uint32_t size = 0;
};

struct Event {
  uint64_t number = 0;   ///< evt.num, from 1
  uint64_t time_ns = 0;  ///< since the epoch
  falcoc::EventKind kind = 0;
  const falcoc::EventInfo* info = nullptr;
  uint16_t cpu = 0;
  uint16_t flags = 0;  ///< FC_EVENT_*
  int64_t tid = 0;
  int64_t pid = 0;
  int64_t ret = 0;  ///< meaningful if the event has a return value
  std::span<const Param> params;

  /// The descriptors of a capture's processes; null for live events.
  const CapturedFds* captured = nullptr;
  /// The probe's record for live events: task facts and items beyond the parameters. Null
  /// otherwise.
  const fc_event* record = nullptr;
};

}  // namespace falcod
