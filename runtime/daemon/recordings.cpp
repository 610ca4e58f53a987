// See recordings.h.
#include "runtime/daemon/recordings.h"

#include <fmt/format.h>

#include "runtime/state/snapshot.h"

namespace falcod {

using scap::Recorder;

Recordings::Recordings(const Options& options, const Reporter& reporter, EmitInternal emit)
    : options_(options), reporter_(reporter), emit_(std::move(emit)) {}

bool records_events(const Options& options) {
  return !options.recording.path.empty() || options.match_captures.enabled;
}

bool Recordings::any() const { return records_events(options_); }

falcoc::EventSet Recordings::wanted() const {
  return any() ? followed_events() : falcoc::EventSet{};
}

std::string Recordings::tables(Engine& engine) {
  const std::vector<int64_t> pids = engine.processes().pids();
  listed_ = {pids.begin(), pids.end()};
  return snapshot(engine.processes());
}

bool Recordings::is_in_tables(const Event& event) {
  using falcoc::EventCode;
  switch (event.info->code) {
    case EventCode::CLONE:
    case EventCode::CLONE3:
    case EventCode::FORK:
    case EventCode::VFORK:
      return listed_.erase(event.ret == 0 ? event.tid : event.ret) != 0;
    case EventCode::PROCEXIT:
      listed_.erase(event.tid);
      return false;
    default:
      return false;
  }
}

bool Recordings::start(Engine& engine) {
  if (!any()) return true;
  const auto head = [this, &engine] { return tables(engine); };
  if (!options_.recording.path.empty()) {
    auto recorder = Recorder::open(options_.recording, head);
    if (!recorder) {
      reporter_.show(recorder.error());
      return false;
    }
    all_ = std::move(*recorder);
  }
  if (options_.match_captures.enabled) {
    matches_ = std::make_unique<scap::MatchRecorder>(options_.match_captures, head);
  }
  engine.observe([this](const Event& event) {
    if (is_in_tables(event)) return;
    if (all_ != nullptr) all_->write(event);
    if (matches_ != nullptr) matches_->write(event);
  });
  return true;
}

void Recordings::on_alert(const Alert& alert) {
  if (matches_ == nullptr) return;
  matches_->on_match({alert.time_ns, alert.event_number, alert.rule->capture,
                      std::chrono::milliseconds{alert.rule->capture_duration_ms}});
}

void Recordings::report_problems() {
  if (all_ != nullptr) {
    if (const auto error = all_->take_error()) reporter_.show(*error);
  }
  if (matches_ == nullptr) return;
  if (const auto error = matches_->take_error()) reporter_.show(*error);
  for (const scap::CaptureLimit& limit : matches_->take_limits()) {
    constexpr uint64_t kMegabyte = 1u << 20;
    InternalAlert alert;
    alert.rule = "Falco internal: capture size limit reached";
    alert.priority = falcoc::Priority::INFORMATIONAL;
    alert.message = fmt::format("{}: {} ends at its largest size", alert.rule, limit.path);
    alert.fields["max_file_size_mb"] =
        std::to_string(options_.match_captures.max_file_bytes / kMegabyte);
    alert.fields["written_bytes"] = std::to_string(limit.written_bytes);
    emit_(std::move(alert));
  }
}

void Recordings::flush() {
  const auto now = Recorder::Clock::now();
  if (all_ != nullptr) all_->flush(now);
  if (matches_ != nullptr) matches_->flush(now);
  report_problems();
}

void Recordings::finish() {
  if (all_ != nullptr) all_->close();
  if (matches_ != nullptr) matches_->close();
  report_problems();
  if (all_ != nullptr) {
    const scap::RecorderStats stats = all_->stats();
    reporter_.info(fmt::format("Events recorded: {}\n", stats.events));
    if (stats.lost != 0) {
      reporter_.loss(fmt::format("Events missing in the recording: {}\n", stats.lost));
    }
  }
  if (matches_ != nullptr) {
    const scap::MatchCaptureStats stats = matches_->stats();
    reporter_.info(
        fmt::format("Captures around matches: {}, with {} events\n", stats.files, stats.events));
    if (stats.lost != 0) {
      reporter_.loss(fmt::format("Events missing in these captures: {}\n", stats.lost));
    }
  }
}

}  // namespace falcod
