// Writes a capture file from a thread of its own, so that a slow or full disk never holds up the
// match loop: what does not fit into the bounded queue is counted as lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/event.h"

namespace falcod::scap {

struct RecorderOptions {
  std::string path;  ///< a name that ends in .gz: compressed
  /// A new file is begun after so many bytes (before compression), or after so long; 0 = never.
  /// Files are then called NAME.1.scap, NAME.2.scap and so on.
  uint64_t rotate_bytes = 0;
  std::chrono::seconds rotate_after{0};
  unsigned keep_files = 0;  ///< of rotated ones the last so many stay; 0 = all
};

struct RecorderStats {
  uint64_t events = 0;  ///< handed to the operating system
  uint64_t lost = 0;    ///< the queue was full, or the file could not be written
};

/// All functions are the match loop's.
class Recorder {
 public:
  using Clock = std::chrono::steady_clock;
  /// Everything before the first event block of a file: header and tables of the moment.
  using Head = std::function<std::string()>;

  /// Creates the first file; calls `head` for it, and later for each further one. E0726.
  static std::expected<std::unique_ptr<Recorder>, falcoc::Diagnostic> open(RecorderOptions options,
                                                                           Head head);
  /// As close().
  virtual ~Recorder() = default;

  /// Returns how many bytes it takes in the file.
  virtual uint64_t write(const Event& event) = 0;
  /// Hands over what was written since. To be called when there is a moment, several times a
  /// second.
  virtual void flush(Clock::time_point now) = 0;
  /// Once for each failure.
  virtual std::optional<falcoc::Diagnostic> take_error() = 0;
  /// Nothing is written any more; what was goes to the file meanwhile. is_closed() tells when it is
  /// there.
  virtual void begin_close() = 0;
  virtual bool is_closed() const = 0;
  /// Waits until everything handed over is in the file, or cannot be.
  virtual void close() = 0;
  virtual RecorderStats stats() const = 0;
};

/// Name of the file `number` (from 1) of a rotated recording: x.scap.gz becomes x.3.scap.gz.
std::string rotated_name(const std::string& path, uint64_t number);

}  // namespace falcod::scap
