// One event as a capture file stores it: Falco's code, old ones included, and its parameters.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/catalog/types.h"
#include "runtime/capture/event.h"
#include "runtime/capture/scap/block_reader.h"

namespace falcod::scap {

/// Codes from here on are of files newer than this program: skipped, without a number.
inline constexpr uint16_t kStoredCodes = 454;

/// Properties of a stored event's code, combined with |.
enum StoredFlag : uint8_t {
  NONE = 0,
  UNUSED = 1 << 0,
  MANAGED = 1 << 1,  ///< converter.def has rows for it
  OLD = 1 << 2,      ///< replaced by an event of another code
  LARGE = 1 << 3,    ///< lengths of parameters have 32 bits
};

struct StoredInfo {
  uint8_t flags = NONE;
  std::span<const falcoc::ParamType> types;
};
/// `code` below kStoredCodes.
const StoredInfo& stored_info(uint16_t code);

struct StoredEvent {
  uint16_t cpu = 0;
  uint16_t code = 0;
  uint32_t dump_flags = 0;
  uint64_t time_ns = 0;       ///< since the epoch
  int64_t tid = -1;           ///< -1: an event without a thread
  std::vector<Param> params;  ///< borrowed from the block
};

/// Whether a block of this type holds an event.
bool is_event_block(uint32_t type);

/// Reads the event of a block. False and `what` if it is not as it should be. Codes that this
/// program does not know come without parameters.
bool parse_event(const Block& block, StoredEvent& out, std::string& what);

}  // namespace falcod::scap
