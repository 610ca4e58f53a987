// What a watch needs that no rule decides. The kernel takes longer over the probe than falcod over
// the rules, so threads begin with it before the rules are read.
#pragma once

#include <expected>
#include <future>
#include <memory>

#include "runtime/capture/live.h"
#include "runtime/capture/process_snapshot.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/report.h"
#include "runtime/daemon/signals.h"

namespace falcod {

/// Whether filters may drop events: a recording is of all that was asked for, not of what some rule
/// may match.
bool filters_events(const Options& options);

/// Rights that nobody needs are given up. A program that takes alerts, or a command, may need any.
void give_up(const Options& options, const Reporter& reporter,
             std::expected<void, falcoc::Diagnostic> (*rights)());

class Preparation {
 public:
  /// Takes signals over and begins; nothing else of the process may have threads yet. What fails
  /// later is told by those who ask for it. Ending one waits for what has begun.
  static std::expected<std::unique_ptr<Preparation>, falcoc::Diagnostic> begin(
      const Options& options, const Reporter& reporter);

  Signals& signals() { return signals_; }
  /// The probe, nothing of it attached. Waits for it; once.
  std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> source() { return source_.get(); }
  /// Null: this kernel has no iterators, or they are not to be used. Waits for it; once.
  std::unique_ptr<ProcessSnapshot> snapshot() { return snapshot_.get(); }

 private:
  explicit Preparation(Signals signals) : signals_(std::move(signals)) {}

  Signals signals_;
  std::future<std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic>> source_;
  std::future<std::unique_ptr<ProcessSnapshot>> snapshot_;
};

}  // namespace falcod
