// See summary.h.
#include "runtime/daemon/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace falcod {

namespace {

constexpr std::array<std::string_view, 8> kSeverities{"EMERGENCY", "ALERT",  "CRITICAL", "ERROR",
                                                      "WARNING",   "NOTICE", "INFO",     "DEBUG"};

constexpr std::array<std::string_view, FC_LOSS_FAULT> kReasons{
    "ring buffer full", "larger than the scratch space", "kernel program missing", "hook busy"};

std::string_view kind_name(uint16_t kind) {
  if (kind == FC_STATE_FORK) return "new process (state)";
  if (kind == FC_STATE_EXEC) return "new image (state)";
  return falcoc::event_kind_name(kind);
}

uint64_t total(const std::vector<LossCount>& counts) {
  uint64_t sum = 0;
  for (const LossCount& each : counts) sum += each.count;
  return sum;
}

}  // namespace

bool Losses::any() const {
  return malformed != 0 || !events.empty() ||
         std::ranges::any_of(sinks, [](const SinkStats& sink) { return sink.dropped() > 0; });
}

Losses Losses::since(const Losses& earlier) const {
  Losses fresh = *this;
  for (LossCount& loss : fresh.events) {
    for (const LossCount& before : earlier.events) {
      if (before.kind == loss.kind && before.reason == loss.reason) loss.count -= before.count;
    }
  }
  std::erase_if(fresh.events, [](const LossCount& loss) { return loss.count == 0; });
  for (SinkStats& sink : fresh.sinks) {
    for (const SinkStats& before : earlier.sinks) {
      if (before.name != sink.name) continue;
      sink.dropped_full -= before.dropped_full;
      sink.dropped_closed -= before.dropped_closed;
      sink.dropped_refused -= before.dropped_refused;
      sink.dropped_limited -= before.dropped_limited;
    }
  }
  fresh.malformed -= earlier.malformed;
  return fresh;
}

std::string summary_text(const falcoc::ir::Program& program, const EngineStats& stats,
                         const Reloads& reloads, const Losses& losses) {
  std::string out = fmt::format("Events detected: {}\nRule counts by severity:\n", stats.alerts);
  for (size_t i = 0; i < kSeverities.size(); ++i) {
    if (const uint64_t count = stats.alerts_by_priority[i]; count != 0) {
      out += fmt::format("   {}: {}\n", kSeverities[i], count);
    }
  }
  out += "Triggered rules by rule name:\n";
  for (size_t i = 0; i < program.rules.size(); ++i) {
    if (const uint64_t count = stats.alerts_by_rule[i]; count != 0) {
      out += fmt::format("   {}: {}\n", program.rules[i].name, count);
    }
  }
  for (const auto& [name, count] : stats.alerts_by_former_rule) {
    out += fmt::format("   {}: {}\n", name, count);
  }
  if (reloads.done + reloads.failed != 0) {
    out += fmt::format("Rules loaded again: {}, failed: {}\n", reloads.done, reloads.failed);
  }
  out += fmt::format("System call events read: {}\n", stats.events);
  if (!losses.incomplete.empty()) {
    out += fmt::format("Events with arguments in memory that was not readable: {}\n",
                       total(losses.incomplete));
    for (const LossCount& fault : losses.incomplete) {
      out += fmt::format("   {}: {}\n", kind_name(fault.kind), fault.count);
    }
  }
  if (losses.events.empty()) out += "Events lost: 0\n";
  return out + losses_text(losses);
}

std::string facts_text(const FactStats& stats) {
  std::string out = fmt::format(
      "Process facts: {} decided by the kernel, {} unknown to it, {} decided wrongly\n"
      "   processes evaluated: {}, without room: {}, not known exactly: {}\n",
      stats.known, stats.unknown, stats.contradicted, stats.evaluated, stats.no_room,
      stats.unlabelled);
  if (stats.contradicted != 0) out += fmt::format("   first: {}\n", stats.first_contradiction);
  return out;
}

std::string losses_text(const Losses& losses) {
  std::string out;
  if (!losses.events.empty()) {
    out += fmt::format("Events lost: {}\n", total(losses.events));
    for (const LossCount& loss : losses.events) {
      out += fmt::format("   {}, {}: {}\n", kind_name(loss.kind),
                         loss.reason < kReasons.size() ? kReasons[loss.reason] : "unknown reason",
                         loss.count);
    }
  }
  if (losses.malformed != 0) {
    out += fmt::format("Malformed records refused: {}\n", losses.malformed);
  }
  for (const SinkStats& sink : losses.sinks) {
    if (sink.spooled != 0) {
      out += fmt::format("Alerts kept for the next start at {}: {}\n", sink.name, sink.spooled);
    }
    if (sink.dropped() == 0) continue;
    out += fmt::format("Alerts lost at {}: {}\n", sink.name, sink.dropped());
    if (sink.dropped_full != 0) out += fmt::format("   queue full: {}\n", sink.dropped_full);
    if (sink.dropped_limited != 0) {
      out += fmt::format("   more than its limit: {}\n", sink.dropped_limited);
    }
    if (sink.dropped_refused != 0) {
      out += fmt::format("   refused: {}\n", sink.dropped_refused);
    }
    if (sink.dropped_closed != 0) {
      out += fmt::format("   {}: {}\n", sink.reason.empty() ? "not taken in time" : sink.reason,
                         sink.dropped_closed);
    }
  }
  return out;
}

}  // namespace falcod
