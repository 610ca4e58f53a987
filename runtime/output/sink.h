// Where alerts go. A sink writes what its queue hands it and says how that went; queueing, retry,
// back-off and the counting of losses are the queue's (sink_queue.h), the same for every sink.
// Knows nothing of rules, events or the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/catalog/types.h"

namespace falcod {

/// A finished alert on its way out.
struct Message {
  std::string line;  ///< text or JSON, no line end
  std::string rule;
  falcoc::Priority priority = falcoc::Priority::DEBUG;
  uint64_t time_ns = 0;  ///< of the event, since the epoch
};

struct WriteResult {
  enum class Status : uint8_t {
    OK,       ///< the whole batch is out
    STOPPED,  ///< `stop_fd` became readable first
    RETRY,    ///< failed for now: the rest is offered again after a pause
    CLOSED,   ///< will never take anything again
  };
  size_t written = 0;  ///< messages that are out completely
  Status status = Status::OK;
  std::string reason;  ///< RETRY, CLOSED: what the user is told
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual std::string_view name() const = 0;
  /// Writes `batch` in order; called by one thread only. May block, but returns soon after
  /// `stop_fd` becomes readable.
  virtual WriteResult write(std::span<const Message> batch, int stop_fd) = 0;
};

}  // namespace falcod
