// When the loss of events is worth an alert, and what that says. Time is made up.
#include "runtime/daemon/drops.h"

#include <doctest/doctest.h>

using namespace falcod;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr DropMonitor::Time kStart{};

uint16_t kind(falcoc::EventCode code) { return static_cast<uint16_t>(code); }

DropCounters counters(uint64_t read, uint64_t lost_opens) {
  return {read, {{kind(falcoc::EventCode::OPENAT), FC_LOSS_RING_FULL, lost_opens}}};
}

}  // namespace

TEST_CASE("it looks once a second") {
  const DropMonitor monitor({}, kStart);
  CHECK_FALSE(monitor.is_due(kStart + milliseconds(999)));
  CHECK(monitor.is_due(kStart + seconds(1)));
}

TEST_CASE("an alert is due when the share of a second exceeds the threshold") {
  DropMonitor monitor({}, kStart);
  CHECK_FALSE(monitor.look(counters(100, 0), kStart + seconds(1)));
  CHECK_FALSE(monitor.look(counters(190, 10), kStart + seconds(2)));        // 10 of 100: not more
  const auto alert = monitor.look(counters(270, 30), kStart + seconds(3));  // 20 of 100
  REQUIRE(alert);
  CHECK(alert->rule == "Falco internal: syscall event drop");
  CHECK(alert->message ==
        "Falco internal: syscall event drop. 20 system calls dropped in last second.");
  CHECK(alert->priority == falcoc::Priority::DEBUG);
  CHECK(alert->fields.at("n_evts") == "100");
  CHECK(alert->fields.at("n_drops") == "20");
  CHECK(monitor.statistics() ==
        "Syscall event drop monitoring:\n"
        "   - event drop detected: 1 occurrences\n"
        "   - num times actions taken: 1\n");
}

TEST_CASE("the token bucket limits how often") {
  DropPolicy policy;
  policy.rate = 0.5;
  policy.max_burst = 2;
  DropMonitor monitor(policy, kStart);
  int alerts = 0;
  for (int second = 1; second <= 10; ++second) {
    if (monitor.look(counters(0, 10 * static_cast<uint64_t>(second)), kStart + seconds(second))) {
      ++alerts;
    }
  }
  // two at once, the bucket being full, then one in two seconds
  CHECK(alerts == 6);
  CHECK(monitor.statistics().find("detected: 10 occurrences") != std::string::npos);
}

TEST_CASE("losses are told apart by event and reason") {
  DropPolicy policy;
  policy.threshold = 0;
  DropMonitor monitor(policy, kStart);
  using enum falcoc::EventCode;
  const DropCounters lost{0,
                          {{kind(CLONE), FC_LOSS_RING_FULL, 1},
                           {kind(VFORK), FC_LOSS_RING_FULL, 2},
                           {kind(EXECVEAT), FC_LOSS_RING_FULL, 4},
                           {kind(CONNECT), FC_LOSS_RING_FULL, 8},
                           {kind(OPEN_BY_HANDLE_AT), FC_LOSS_RING_FULL, 16},
                           {kind(UNLINKAT), FC_LOSS_RING_FULL, 32},
                           {kind(PTRACE), FC_LOSS_RING_FULL, 64},
                           {kind(CLOSE), FC_LOSS_RING_FULL, 128},
                           {kind(PROCEXIT), FC_LOSS_RING_FULL, 256},
                           {kind(READ), FC_LOSS_RING_FULL, 512},
                           {FC_STATE_FORK, FC_LOSS_SCRATCH, 1024},
                           {kind(OPENAT), FC_LOSS_TAIL_CALL, 2048}}};
  const auto alert = monitor.look(lost, kStart + seconds(1));
  REQUIRE(alert);
  const std::map<std::string, std::string> expected = {{"n_evts", "4095"},
                                                       {"n_drops", "4095"},
                                                       {"n_drops_buffer_total", "1023"},
                                                       {"n_drops_buffer_clone_fork_exit", "3"},
                                                       {"n_drops_buffer_execve_exit", "4"},
                                                       {"n_drops_buffer_connect_exit", "8"},
                                                       {"n_drops_buffer_open_exit", "16"},
                                                       {"n_drops_buffer_dir_file_exit", "32"},
                                                       {"n_drops_buffer_other_interest_exit", "64"},
                                                       {"n_drops_buffer_close_exit", "128"},
                                                       {"n_drops_buffer_proc_exit", "256"},
                                                       {"n_drops_scratch_map", "1024"},
                                                       {"n_drops_page_faults", "0"},
                                                       {"n_drops_bug", "2048"},
                                                       {"ebpf_enabled", "1"}};
  CHECK(alert->fields == expected);
}

TEST_CASE("simulated drops are one a second, whatever the threshold") {
  DropPolicy policy;
  policy.threshold = 1;
  policy.simulate_drops = true;
  DropMonitor monitor(policy, kStart);
  const auto alert = monitor.look({1'000'000, {}}, kStart + seconds(1));
  REQUIRE(alert);
  CHECK(alert->fields.at("n_drops") == "1");
  CHECK(alert->fields.at("n_drops_buffer_total") == "0");
}
