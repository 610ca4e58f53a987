// See match_recorder.h.
#include "runtime/capture/scap/match_recorder.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/capture/scap/encode.h"

namespace falcod::scap {
namespace {

uint64_t nanoseconds(auto duration) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

}  // namespace

MatchRecorder::MatchRecorder(MatchCaptureOptions options, Recorder::Head head)
    : options_(std::move(options)), head_(std::move(head)) {}

MatchRecorder::~MatchRecorder() { close(); }

void MatchRecorder::remember(const Event& event) {
  last_.clear();
  append_event(last_, event);
  if (options_.before.count() == 0) return;
  const bool full = newer_.events.size() + last_.size() > kMaxLookBackBytes / 2;
  const bool old =
      newer_.begin_ns != 0 && event.time_ns >= newer_.begin_ns + nanoseconds(options_.before);
  if (newer_.head.empty() || full || old) {
    older_ = std::exchange(newer_, {});
    newer_.head = head_();
  }
  if (newer_.begin_ns == 0) newer_.begin_ns = event.time_ns;
  newer_.events += last_;
}

void MatchRecorder::write(const Event& event) {
  if (file_ != nullptr && event.time_ns > end_ns_) end();
  if (file_ == nullptr) return remember(event);
  const uint64_t bytes = file_->write(event);
  written_bytes_ += bytes;
  if (options_.max_file_bytes == 0 || written_bytes_ < options_.max_file_bytes) return;
  limits_.push_back({path_, written_bytes_});
  end();
}

void MatchRecorder::on_match(const Match& match) {
  if (!options_.all_rules && !match.captures) return;
  const auto duration = match.duration.count() != 0 ? match.duration : options_.default_duration;
  const uint64_t until = match.time_ns + nanoseconds(duration);
  if (file_ == nullptr) begin(match);
  if (file_ != nullptr) end_ns_ = std::max(end_ns_, until);
}

void MatchRecorder::begin(const Match& match) {
  path_ = fmt::format("{}_{:020}_{:020}.scap", options_.path_prefix, match.time_ns, match.number);
  // What the tables at the beginning do not know yet, the events behind them tell.
  std::string start;
  if (newer_.head.empty()) {
    start = head_() + last_;
  } else {
    start = older_.head.empty() ? std::move(newer_.head) : std::move(older_.head) + older_.events;
    start += newer_.events;
  }
  older_ = newer_ = {};
  written_bytes_ = start.size();
  auto file = Recorder::open({.path = path_}, [&] { return std::move(start); });
  if (!file) {
    error_ = std::move(file.error());
    return;
  }
  ++finished_.files;
  file_ = std::move(*file);
  end_ns_ = 0;
}

void MatchRecorder::end() {
  file_->begin_close();
  closing_.push_back(std::move(file_));
  last_.clear();
}

void MatchRecorder::retire() {
  std::erase_if(closing_, [this](const std::unique_ptr<Recorder>& file) {
    if (!file->is_closed()) return false;
    file->close();
    if (auto error = file->take_error()) error_ = std::move(error);
    finished_.events += file->stats().events;
    finished_.lost += file->stats().lost;
    return true;
  });
}

void MatchRecorder::flush(Recorder::Clock::time_point now) {
  if (file_ != nullptr) {
    file_->flush(now);
    if (auto error = file_->take_error()) error_ = std::move(error);
  }
  retire();
}

std::vector<CaptureLimit> MatchRecorder::take_limits() { return std::exchange(limits_, {}); }

std::optional<falcoc::Diagnostic> MatchRecorder::take_error() {
  return std::exchange(error_, std::nullopt);
}

void MatchRecorder::close() {
  if (file_ != nullptr) end();
  for (const auto& file : closing_) file->close();
  retire();
}

MatchCaptureStats MatchRecorder::stats() const {
  MatchCaptureStats all = finished_;
  if (file_ != nullptr) {
    all.events += file_->stats().events;
    all.lost += file_->stats().lost;
  }
  return all;
}

}  // namespace falcod::scap
