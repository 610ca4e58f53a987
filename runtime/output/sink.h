// Where alerts go. A sink writes what its queue hands it and says how that went; queueing, retry,
// back-off and the counting of losses are the queue's (sink_queue.h), the same for every sink.
// Knows nothing of rules, events or the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/catalog/types.h"

namespace falcod {

/// A finished alert on its way out.
struct Message {
  std::string line;  ///< text or JSON, no line end
  std::string rule;
  falcoc::Priority priority = falcoc::Priority::DEBUG;
  uint64_t time_ns = 0;  ///< of the event, since the epoch
  /// The alert with all properties as JSON, one for all sinks; null if no sink asked for it.
  std::shared_ptr<const std::string> json{};
  std::string id{};  ///< the same however often it is sent; empty if no sink asked for it
  /// By index of a sink's route: nothing if the alert is not for it, else what alerts of this rule
  /// have in common that are alike there. Null: for all.
  std::shared_ptr<const std::vector<std::optional<std::string>>> routes{};
};

struct WriteResult {
  enum class Status : uint8_t {
    OK,       ///< the whole batch is out
    STOPPED,  ///< `stop_fd` became readable first
    RETRY,    ///< failed for now: the rest is offered again after a pause
    REFUSED,  ///< the first message behind `written` will never be taken; the others may
    CLOSED,   ///< will never take anything again
  };
  size_t written = 0;  ///< messages that are out completely
  Status status = Status::OK;
  std::string reason{};  ///< RETRY, REFUSED, CLOSED: what the user is told
  /// RETRY: at least so long, as the receiver asked for.
  std::chrono::milliseconds pause{0};
};

struct SinkStats;

class Sink {
 public:
  virtual ~Sink() = default;
  virtual std::string_view name() const = 0;
  /// Writes `batch` in order; called by one thread only. May block, but returns soon after
  /// `stop_fd` becomes readable.
  virtual WriteResult write(std::span<const Message> batch, int stop_fd) = 0;
  /// Called when no more will be written: the sink may take so long for what it holds itself.
  virtual void finish(std::chrono::milliseconds) {}
  /// Puts what the sink counts itself in place of what its queue counts. May be called by any
  /// thread.
  virtual void add_stats(SinkStats&) const {}
  /// Begins anew with its file or program, because somebody moved the old one away (SIGUSR1).
  /// Called by the thread that writes.
  virtual void reopen() {}
};

}  // namespace falcod
