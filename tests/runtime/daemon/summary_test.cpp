// The closing statistics: Falco's form, and every loss by event, reason and sink.
#include "runtime/daemon/summary.h"

#include <doctest/doctest.h>

using namespace falcod;

TEST_CASE("alerts are counted by severity and by rule, what is zero is left out") {
  falcoc::ir::Program program;
  for (const char* name : {"First", "Second", "Third"}) {
    program.rules.emplace_back();
    program.rules.back().name = name;
  }
  EngineStats stats;
  stats.events = 1000;
  stats.alerts = 5;
  stats.alerts_by_priority[static_cast<size_t>(falcoc::Priority::WARNING)] = 3;
  stats.alerts_by_priority[static_cast<size_t>(falcoc::Priority::INFORMATIONAL)] = 2;
  stats.alerts_by_rule = {3, 0, 2};
  CHECK(summary_text(program, stats) ==
        "Events detected: 5\n"
        "Rule counts by severity:\n"
        "   WARNING: 3\n"
        "   INFO: 2\n"
        "Triggered rules by rule name:\n"
        "   First: 3\n"
        "   Third: 2\n"
        "System call events read: 1000\n");
}

TEST_CASE("losses name event, reason and sink") {
  Losses losses;
  CHECK_FALSE(losses.any());
  CHECK(losses_text(losses).empty());
  losses.events = {{static_cast<uint16_t>(falcoc::EventCode::OPENAT), FC_LOSS_RING_FULL, 7},
                   {FC_STATE_FORK, FC_LOSS_SCRATCH, 1}};
  SinkStats sink;
  sink.name = "stdout";
  sink.dropped_full = 2;
  sink.dropped_closed = 3;
  sink.reason = "Broken pipe";
  losses.sinks = {sink};
  CHECK(losses.any());
  CHECK(losses_text(losses) ==
        "Events lost: 8\n"
        "   openat, ring buffer full: 7\n"
        "   new process (state), larger than the scratch space: 1\n"
        "Alerts lost at stdout: 5\n"
        "   queue full: 2\n"
        "   Broken pipe: 3\n");
}
