// Where events come from: live ring buffer, capture file, synthetic. One of the few virtual
// interfaces: the match loop does not know which it has.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "probe/abi.h"

namespace falcod {

/// Receives raw records. The record is valid during the call only.
class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  virtual void on_record(std::span<const std::byte> record) = 0;
};

struct LossCount {
  uint16_t kind;  ///< event kind
  fc_loss reason;
  uint64_t count;
};

/// A source of probe records.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// Delivers what is there, waiting at most `timeout_ms` for the first record (0: no wait; may
  /// wait less). Returns the number delivered; 0: nothing was there at the end of the wait.
  virtual std::expected<size_t, falcoc::Diagnostic> poll(RecordHandler& handler,
                                                         int timeout_ms) = 0;
  /// Events that could not be delivered since the start, non-zero counts only.
  virtual std::vector<LossCount> losses() const = 0;
  /// Their sum, cheaply.
  virtual uint64_t lost() const {
    uint64_t sum = 0;
    for (const LossCount& loss : losses()) sum += loss.count;
    return sum;
  }
  /// Events delivered without all their arguments, because the caller's memory was not readable
  /// (FC_LOSS_FAULT), likewise.
  virtual std::vector<LossCount> incomplete() const { return {}; }
  /// Nothing will come any more (end of a capture).
  virtual bool at_end() const = 0;
};

}  // namespace falcod
