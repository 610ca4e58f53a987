// See captures.h.
#include "tools/falcoc/captures.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "compiler/source/diagnostic.h"
#include "runtime/engine/replay.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

/// Hands on what a capture tells, and notes when its events were.
class Timed final : public falcod::scap::CaptureVisitor {
 public:
  Timed(falcod::Replay& replay, CaptureSpan& span) : replay_(replay), span_(span) {}

  void on_section() override { replay_.on_section(); }
  void on_machine(const falcod::scap::Machine& machine) override { replay_.on_machine(machine); }
  void on_interface(const falcod::scap::Interface& interface) override {
    replay_.on_interface(interface);
  }
  void on_user(const falcod::scap::UserEntry& user) override { replay_.on_user(user); }
  void on_process(const falcod::scap::ProcessEntry& process) override {
    replay_.on_process(process);
  }
  void on_fd(const falcod::scap::FdEntry& fd) override { replay_.on_fd(fd); }
  void on_tables_end() override { replay_.on_tables_end(); }
  void on_event(const falcod::scap::StoredEvent& event, uint64_t number) override {
    if (span_.first_time_ns == 0) span_.first_time_ns = event.time_ns;
    span_.last_time_ns = std::max(span_.last_time_ns, event.time_ns);
    replay_.on_event(event, number);
  }

  void on_dropped() override { replay_.on_dropped(); }

 private:
  falcod::Replay& replay_;
  CaptureSpan& span_;
};

void complain(const Diagnostic& problem) {
  const SourceMap no_sources;
  const std::string text = render_text(problem, no_sources, ::isatty(STDERR_FILENO) != 0);
  write_all(text, stderr);
}

}  // namespace

double CaptureSpan::hours() const {
  constexpr double kHourNs = 3600e9;
  return static_cast<double>(last_time_ns - first_time_ns) / kHourNs;
}

std::expected<RuleInput, ExitStatus> rules_for_captures(const std::vector<std::string>& paths) {
  RuleInput input = read_rules(paths);
  if (!input.unreadable && !input.diagnostics.has_errors()) return input;
  report(input, formats().front(), false, stderr);
  return std::unexpected(input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS);
}

std::expected<CaptureSpan, ExitStatus> replay_captures(const std::vector<std::string>& paths,
                                                       falcod::Engine& engine) {
  CaptureSpan span;
  uint64_t number = 1;
  bool whole = true;
  for (const std::string& path : paths) {
    auto capture = falcod::scap::CaptureFile::open(path, number);
    if (!capture) {
      complain(capture.error());
      whole = false;
      continue;
    }
    falcod::Replay replay(engine);
    Timed timed(replay, span);
    for (;;) {
      const auto more = capture->next(timed);
      if (!more) {
        complain(more.error());
        whole = false;
      }
      if (!more || !*more) break;
    }
    number = capture->next_number();
    span.events += capture->counts().events;
  }
  if (!whole) return std::unexpected(ExitStatus::FAILURE);
  return span;
}

std::unique_ptr<falcod::Engine> capture_engine(ir::Program program,
                                               const falcod::AlertOptions& alerts,
                                               falcod::AlertSink sink) {
  falcod::EngineOptions options;
  options.boot_to_epoch_ns = 0;  // times of captures are epoch times already
  options.hostname = "capture";
  Diagnostics diagnostics;
  auto engine =
      falcod::Engine::create(std::move(program), alerts, std::move(sink), diagnostics, options);
  for (const Diagnostic& warning : diagnostics.items()) complain(warning);
  if (engine) return std::move(*engine);
  complain(engine.error());
  return nullptr;
}

}  // namespace falcoc::cli
