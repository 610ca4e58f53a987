// Records of forks, execs and exits, for tests of the process table.
#pragma once

#include <fmt/format.h>

#include <string>

#include "runtime/state/process_table.h"
#include "tests/support/record_builder.h"

namespace falcod::testing {

inline constexpr uint64_t kBoot = 1'000'000'000'000;
inline constexpr uint64_t kSecond = 1'000'000'000;
// Above the kernel's largest pid: /proc knows none of these.
inline constexpr uint32_t kInit = 5'000'001;
inline constexpr uint32_t kShell = 5'000'100;
inline constexpr uint32_t kChild = 5'000'200;
inline constexpr uint32_t kGrandchild = 5'000'300;

constexpr uint16_t kind(falcoc::EventCode code) { return static_cast<uint16_t>(code); }

inline RecordBuilder fork_record(uint32_t parent, uint32_t child, std::string_view comm) {
  RecordBuilder record(FC_STATE_FORK);
  record.task(child, parent, comm).structure(FC_ITEM_FORK, fc_fork{parent, parent, 0});
  return record;
}

inline RecordBuilder exec_record(uint32_t pid, uint32_t ppid, std::string_view comm) {
  RecordBuilder record(FC_STATE_EXEC);
  fc_exec facts{};
  facts.loginuid = 1000;
  facts.sid = facts.vsid = kShell;
  facts.pgid = facts.vpgid = pid;
  facts.tty = 34816;
  facts.flags = FC_EXE_UPPER_LAYER;
  facts.exe_ino = 77;
  facts.cap_effective = 3;
  record.task(pid, ppid, comm)
      .structure(FC_ITEM_EXEC, facts)
      .text(FC_ITEM_EXE_PATH, fmt::format("/usr/bin/{}", comm))
      .item(FC_ITEM_ARGS, std::string(comm) + std::string("\0-l\0/tmp\0", 9))
      .item(FC_ITEM_ENV, std::string("HOME=/root\0A=1\0", 15))
      .text(FC_ITEM_CGROUP, "=/user.slice");
  return record;
}

inline RecordBuilder exit_record(uint32_t pid, uint32_t ppid, uint32_t group_dead,
                                 uint32_t reaper) {
  RecordBuilder record(kind(falcoc::EventCode::PROCEXIT));
  record.task(pid, ppid, "gone").structure(FC_ITEM_EXIT, fc_exit{0, reaper, group_dead});
  return record;
}

inline RecordBuilder call_record(uint32_t pid, uint32_t ppid, std::string_view comm) {
  return RecordBuilder(kind(falcoc::EventCode::KILL)).task(pid, ppid, comm);
}

/// A table with init and a shell, and shorthands to feed it.
struct Fixture {
  ProcessTable table{kBoot};

  Fixture() {
    Process init;
    init.pid = init.vpid = kInit;
    init.comm = "init";
    init.start_time_ns = kInit * kSecond;
    table.add(init);
    apply(fork_record(kInit, kShell, "init"));
    apply(exec_record(kShell, kInit, "bash"));
  }

  ProcessPtr apply(RecordBuilder record) {
    EventBuilder event(std::move(record));
    return table.apply(event.event());
  }
  ProcessPtr call(uint32_t pid, uint32_t ppid, falcoc::EventCode code = falcoc::EventCode::KILL) {
    return apply(RecordBuilder(kind(code)).task(pid, ppid, "any"));
  }
  void pass(uint64_t epoch_ns) {
    EventBuilder event(call_record(100, 1, "test").time_ns(epoch_ns));
    table.after(event.event());
  }
};

}  // namespace falcod::testing
