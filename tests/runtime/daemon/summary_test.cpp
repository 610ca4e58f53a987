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
  CHECK(summary_text(program, stats, {}, {}) ==
        "Events detected: 5\n"
        "Rule counts by severity:\n"
        "   WARNING: 3\n"
        "   INFO: 2\n"
        "Triggered rules by rule name:\n"
        "   First: 3\n"
        "   Third: 2\n"
        "System call events read: 1000\n"
        "Events lost: 0\n");
  Losses losses;
  losses.events = {{static_cast<uint16_t>(falcoc::EventCode::OPENAT), FC_LOSS_RING_FULL, 7}};
  losses.malformed = 1;
  CHECK(summary_text(program, stats, {}, losses)
            .ends_with("System call events read: 1000\n"
                       "Events lost: 7\n"
                       "   openat, ring buffer full: 7\n"
                       "Malformed records refused: 1\n"));
  losses = {};
  losses.incomplete = {{static_cast<uint16_t>(falcoc::EventCode::EXECVE), FC_LOSS_FAULT, 3}};
  CHECK_FALSE(losses.any());
  CHECK(summary_text(program, stats, {}, losses)
            .ends_with("Events with arguments in memory that was not readable: 3\n"
                       "   execve: 3\n"
                       "Events lost: 0\n"));
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
  losses.malformed = 4;
  CHECK(losses.any());
  CHECK(losses_text(losses) ==
        "Events lost: 8\n"
        "   openat, ring buffer full: 7\n"
        "   new process (state), larger than the scratch space: 1\n"
        "Malformed records refused: 4\n"
        "Alerts lost at stdout: 5\n"
        "   queue full: 2\n"
        "   Broken pipe: 3\n");
}

TEST_CASE("a report of losses tells only what came since the last") {
  const auto openat = static_cast<uint16_t>(falcoc::EventCode::OPENAT);
  const auto connect = static_cast<uint16_t>(falcoc::EventCode::CONNECT);
  SinkStats sink;
  sink.name = "stdout";
  sink.dropped_full = 2;
  const Losses before{{{openat, FC_LOSS_RING_FULL, 7}}, {sink}, 1, {}};
  CHECK_FALSE(before.since(before).any());

  sink.dropped_full = 5;
  const Losses after{{{openat, FC_LOSS_RING_FULL, 7},
                      {openat, FC_LOSS_SCRATCH, 2},
                      {connect, FC_LOSS_RING_FULL, 3}},
                     {sink},
                     3,
                     {}};
  CHECK(losses_text(after.since(before)) ==
        "Events lost: 5\n"
        "   openat, larger than the scratch space: 2\n"
        "   connect, ring buffer full: 3\n"
        "Malformed records refused: 2\n"
        "Alerts lost at stdout: 3\n"
        "   queue full: 3\n");
}
