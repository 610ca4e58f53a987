// Events that wait for the metadata of their container, in order, up to a bound.
#pragma once

#include <deque>
#include <functional>

#include "runtime/engine/late_rules.h"

namespace falcod {

class WaitingRoom {
 public:
  /// A container whose engine is slow must not cost more than this.
  static constexpr size_t kMaxEvents = 16'384;
  static constexpr size_t kMaxBytes = size_t{32} << 20;

  bool has_room() const { return events_.size() < kMaxEvents && bytes_ < kMaxBytes; }
  bool empty() const { return events_.empty(); }
  size_t size() const { return events_.size(); }

  void add(HeldEvent event) {
    bytes_ += event.bytes;
    events_.push_back(std::move(event));
  }

  /// Takes out those that `is_due` says of and hands them to `release`, the longest waiting first.
  template <typename IsDue, typename Release>
  void release(IsDue is_due, Release release_event) {
    std::deque<HeldEvent> staying;
    size_t bytes = 0;
    for (HeldEvent& event : events_) {
      if (is_due(event)) {
        release_event(event);
      } else {
        bytes += event.bytes;
        staying.push_back(std::move(event));
      }
    }
    events_ = std::move(staying);
    bytes_ = bytes;
  }

 private:
  std::deque<HeldEvent> events_;
  size_t bytes_ = 0;
};

}  // namespace falcod
