// See replay.h.
#include "runtime/daemon/replay.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "runtime/capture/scap/capture_file.h"
#include "runtime/daemon/alert_outputs.h"
#include "runtime/daemon/exit_status.h"
#include "runtime/daemon/signals.h"
#include "runtime/daemon/summary.h"
#include "runtime/engine/replay.h"
#include "runtime/output/outputs.h"

namespace falcod {

namespace {

using falcoc::Diagnostic;
using std::chrono::milliseconds;

/// Signals, sinks and the progress bar are looked at once per so many blocks.
constexpr unsigned kBatch = 4096;
/// A replay outruns every sink: it waits for them rather than drop alerts, and looks at signals
/// meanwhile.
constexpr milliseconds kRoomTurn{100};
/// As for the live daemon, a reader that stands still delays the end by at most this.
constexpr milliseconds kCloseLimit{5000};
constexpr int kBarWidth = 40;

/// Written to a terminal only.
class ProgressBar {
 public:
  explicit ProgressBar(bool on) : on_(on && ::isatty(STDERR_FILENO) != 0) {}

  void show(const std::string& name, double part) {
    const int filled = static_cast<int>(std::clamp(part, 0.0, 1.0) * kBarWidth);
    if (!on_ || (filled == filled_ && shown_)) return;
    filled_ = filled;
    shown_ = true;
    fmt::print(stderr, "\r{:.40} [{:=<{}}{: <{}}] {:3.0f}%", name, "", filled, "",
               kBarWidth - filled, part * 100);
    std::fflush(stderr);
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
  }

 private:
  bool on_;
  bool shown_ = false;
  int filled_ = 0;
};

class ReplayRun {
 public:
  ReplayRun(const Options& options, const Reporter& reporter, Signals& signals)
      : options_(options), reporter_(reporter), signals_(signals), bar_(!options.quiet) {}

  int run(falcoc::ir::Program program) {
    if (!start(std::move(program))) return status_;
    for (const std::string& path : options_.captures) {
      if (stopping_) break;
      file(path);
    }
    outputs_.close(kCloseLimit);
    summary();
    return status_;
  }

 private:
  void fail(const Diagnostic& diagnostic) {
    bar_.clear();
    reporter_.show(diagnostic);
    status_ = code(ExitStatus::RUNTIME);
  }

  bool start(falcoc::ir::Program program) {
    outputs_.use(output_specs(options_.config, options_.routes, reporter_),
                 std::chrono::steady_clock::now());
    EngineOptions engine_options;
    engine_options.evaluator = options_.evaluator;
    engine_options.drop_failed = options_.config.engine.drop_failed_exit;
    // Whoever may not write there, and has no need of privilege, does without.
    if (::geteuid() == 0 || ::access(options_.code_cache.c_str(), W_OK) == 0) {
      engine_options.code.cache_directory = options_.code_cache;
    }
    engine_options.boot_to_epoch_ns = 0;  // times of captures are epoch times already
    falcoc::Diagnostics diagnostics;
    auto engine = Engine::create(
        std::move(program), options_.config.alerts,
        [this](const Alert& alert) {
          while (!stopping_ && !outputs_.wait_for_room(kRoomTurn)) look_at_signals();
          outputs_.emit(message_of(alert));
        },
        diagnostics, engine_options);
    if (!engine) {
      fail(engine.error());
      return false;
    }
    reporter_.show(diagnostics);
    engine_ = std::move(*engine);
    return true;
  }

  void file(const std::string& path) {
    auto capture = scap::CaptureFile::open(path, next_number_);
    if (!capture) {
      fail(capture.error());
      return;
    }
    Replay replay(*engine_);
    for (unsigned block = 1; !stopping_; ++block) {
      const auto more = capture->next(replay);
      if (!more) fail(more.error());
      if (!more || !*more) break;
      if (block % kBatch == 0) between(path, *capture);
    }
    bar_.clear();
    next_number_ = capture->next_number();
    const scap::CaptureCounts counts = capture->counts();
    events_ += counts.events;
    incomplete_ += counts.incomplete;
    unknown_events_ += counts.unknown_events;
    unknown_blocks_ += counts.unknown_blocks;
  }

  void look_at_signals() {
    while (const auto info = signals_.next()) {
      // The end of the code generator, and a request that is for live runs.
      const auto number = static_cast<int>(info->ssi_signo);
      if (number != SIGCHLD && number != SIGUSR2) stopping_ = true;
    }
  }

  void between(const std::string& path, const scap::CaptureFile& capture) {
    look_at_signals();
    if (outputs_.all_closed()) stopping_ = true;
    bar_.show(path, capture.progress());
  }

  void summary() {
    const Losses losses{{}, outputs_.stats(), 0, {}};
    std::string text = summary_text(engine_->program(), engine_->stats(), {}, losses);
    fmt::format_to(std::back_inserter(text), "Events replayed: {}\n", events_);
    const auto note = [&](uint64_t count, std::string_view what) {
      if (count != 0) fmt::format_to(std::back_inserter(text), "{}: {}\n", what, count);
    };
    note(incomplete_, "Events with values that the file lacks");
    note(unknown_events_, "Events skipped, of kinds newer than this program");
    note(unknown_blocks_, "Blocks skipped, of kinds newer than this program");
    // Even a quiet run says what did not arrive.
    losses.any() ? reporter_.loss(text) : reporter_.info(text);
  }

  const Options& options_;
  const Reporter& reporter_;
  Signals& signals_;
  ProgressBar bar_;
  Outputs outputs_;
  std::unique_ptr<Engine> engine_;
  uint64_t next_number_ = 1;
  uint64_t events_ = 0, incomplete_ = 0, unknown_events_ = 0, unknown_blocks_ = 0;
  bool stopping_ = false;
  int status_ = code(ExitStatus::OK);
};

}  // namespace

int replay(const Options& options, falcoc::ir::Program program, const Reporter& reporter) {
  auto signals = Signals::open();
  if (!signals) {
    reporter.show(signals.error());
    return code(ExitStatus::RUNTIME);
  }
  return ReplayRun(options, reporter, *signals).run(std::move(program));
}

}  // namespace falcod
