// Alerts as lines on a file descriptor, whatever is behind it. A write that ended in the middle of
// a line is gone on with, so that no line is torn.
#pragma once

#include <string>

#include "runtime/output/sink.h"

namespace falcod {

class LineWriter {
 public:
  /// Writes the lines of `batch` to `fd`, which may be blocking or not. Failures are CLOSED for a
  /// reader that is gone, RETRY for everything else.
  WriteResult write(int fd, std::span<const Message> batch, int stop_fd);
  /// The next line is a new one: what was written in part stays so.
  void forget_part() { part_ = 0; }

 private:
  std::string buffer_;
  size_t part_ = 0;  ///< bytes of the next message's line that are out
};

/// Waits until `fd` can be written. False if `stop_fd` became readable first.
bool wait_writable(int fd, int stop_fd);

}  // namespace falcod
