// Captures around matches, as Falco's `capture` keys ask for them: a file is begun when a rule
// matches and ends some time after, or after the last match within it. With a look back it begins
// before the match: the last events are kept in memory, behind the tables that they follow.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/event.h"
#include "runtime/capture/scap/recorder.h"

namespace falcod::scap {

/// Section `capture` of falco.yaml, with the values that Falco has without it, and what is
/// falcod's.
struct MatchCaptureOptions {
  bool enabled = false;
  std::string path_prefix = "/tmp/falco";  ///< PREFIX_TIME_NUMBER.scap, of the matching event
  bool all_rules = false;                  ///< mode: all_rules; else those with `capture: true`
  std::chrono::milliseconds default_duration{5000};  ///< of rules without capture_duration
  uint64_t max_file_bytes = 0;                       ///< a file ends there; 0 = nowhere
  /// falcod's own: how much of what was before the match is in the file at least (up to twice as
  /// much), unless it is more than kMaxLookBackBytes.
  std::chrono::seconds before{0};
};

/// A rule that matched, as far as captures are concerned.
struct Match {
  uint64_t time_ns = 0;  ///< of the event, since the epoch
  uint64_t number = 0;   ///< evt.num
  bool captures = false;
  std::chrono::milliseconds duration{0};  ///< 0 = the default
};

/// A file that reached the largest size.
struct CaptureLimit {
  std::string path;
  uint64_t written_bytes = 0;
};

struct MatchCaptureStats {
  uint64_t files = 0;
  uint64_t events = 0;  ///< in them
  uint64_t lost = 0;
};

/// All functions are the match loop's; none waits for the disk but close().
class MatchRecorder {
 public:
  static constexpr size_t kMaxLookBackBytes = 64u << 20;

  /// `head` makes header and tables of the moment.
  MatchRecorder(MatchCaptureOptions options, Recorder::Head head);
  ~MatchRecorder();
  MatchRecorder(const MatchRecorder&) = delete;
  MatchRecorder& operator=(const MatchRecorder&) = delete;

  /// An event that rules are about to see.
  void write(const Event& event);
  /// A rule matched the event that write() was last called with.
  void on_match(const Match& match);
  /// Hands over what was written. To be called several times a second.
  void flush(Recorder::Clock::time_point now);
  /// Files that reached their largest size since the last call.
  std::vector<CaptureLimit> take_limits();
  /// Once for each failure.
  std::optional<falcoc::Diagnostic> take_error();
  void close();
  MatchCaptureStats stats() const;

 private:
  /// Tables of a moment and the events since.
  struct Segment {
    std::string head;
    std::string events;
    uint64_t begin_ns = 0;  ///< of its first event; 0 without one
  };

  void remember(const Event& event);
  void begin(const Match& match);
  void end();
  void retire();

  const MatchCaptureOptions options_;
  const Recorder::Head head_;
  std::string last_;  ///< the last event, encoded
  Segment older_, newer_;
  std::unique_ptr<Recorder> file_;  ///< null: no capture is being made
  std::string path_;
  uint64_t end_ns_ = 0;
  uint64_t written_bytes_ = 0;
  std::vector<std::unique_ptr<Recorder>> closing_;  ///< their last bytes are on the way to the disk
  std::vector<CaptureLimit> limits_;
  std::optional<falcoc::Diagnostic> error_;
  MatchCaptureStats finished_;
};

}  // namespace falcod::scap
