// What falcod writes of live events: with -w all of them, with --capture those around matches.
#pragma once

#include <memory>
#include <unordered_set>

#include "runtime/capture/scap/match_recorder.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/report.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/internal_alert.h"

namespace falcod {

/// Whether anything is recorded.
bool records_events(const Options& options);

/// All functions are the match loop's.
class Recordings {
 public:
  using EmitInternal = std::function<void(InternalAlert)>;

  /// `emit` gets Falco's alert about a capture that reached its largest size; the time is to be
  /// set.
  Recordings(const Options& options, const Reporter& reporter, EmitInternal emit);

  /// Events that must come for the sake of recordings alone; none if nothing is recorded.
  falcoc::EventSet wanted() const;
  /// Creates the file of -w and lets the engine show its events. False after an error was reported.
  bool start(Engine& engine);
  void on_alert(const Alert& alert);
  /// To be called several times a second.
  void flush();
  /// Waits until everything is on the disk, or cannot be.
  void finish();

 private:
  bool any() const;
  std::string tables(Engine& engine);
  /// A clone whose process the tables hold already: events are read some time after they happened.
  /// A reader would make it again, as its parent is now.
  bool is_in_tables(const Event& event);
  void report_problems();

  const Options& options_;
  const Reporter& reporter_;
  EmitInternal emit_;
  std::unordered_set<int64_t> listed_;  ///< processes of the last tables
  std::unique_ptr<scap::Recorder> all_;
  std::unique_ptr<scap::MatchRecorder> matches_;
};

}  // namespace falcod
