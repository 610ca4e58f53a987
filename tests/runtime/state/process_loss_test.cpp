// Records that never came: the table notices by what the next one carries, and mends itself.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/runtime/state/process_records.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::call_record;
using testing::exec_record;
using testing::Fixture;
using testing::fork_record;
using testing::kBoot;
using testing::kChild;
using testing::kGrandchild;
using testing::kInit;
using testing::kSecond;
using testing::kShell;
using testing::RecordBuilder;

RecordBuilder with_exec_id(RecordBuilder record, uint32_t exec_id) {
  record.header().task.exec_id = exec_id;
  return record;
}

TEST_CASE_FIXTURE(Fixture, "an execve that was lost shows in the next event") {
  apply(with_exec_id(exec_record(kShell, kInit, "bash"), 3));
  const auto image = table.find(kShell)->image;

  SUBCASE("not if there was none") {
    apply(with_exec_id(call_record(kShell, kInit, "renamed"), 3));
    CHECK_EQ(table.find(kShell)->image, image);
  }
  SUBCASE("nor by an event older than what is known") {
    apply(with_exec_id(call_record(kShell, kInit, "bash"), 2));
    CHECK_EQ(table.find(kShell)->image, image);
  }
  SUBCASE("the process is gone: its old image is not claimed any longer") {
    const ProcessPtr shell = apply(with_exec_id(call_record(kShell, kInit, "perl"), 4));
    CHECK_EQ(shell->comm, "perl");
    CHECK_EQ(shell->image->exe, "perl");
    CHECK(shell->image->args.empty());
    CHECK(shell->image->exe_path.empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a fork that was lost: the child is made from its parent") {
  auto shell = exec_record(kShell, kInit, "bash");
  shell.header().task.cgroup_id = 9;
  shell.text(FC_ITEM_CWD, "/srv");
  apply(with_exec_id(shell, 3));
  auto record = call_record(kChild, kShell, "bash");
  record.header().task.cgroup_id = 9;
  const ProcessPtr parent = table.find(kShell);

  SUBCASE("with its image if it did not execute since") {
    const ProcessPtr child = apply(with_exec_id(record, 3));
    CHECK_EQ(child->image, parent->image);
    CHECK_EQ(child->cgroups, parent->cgroups);
    CHECK_EQ(child->tty, 34816);
    CHECK_EQ(child->login_uid, 1000);
    CHECK_EQ(child->cwd, "/srv/");
    CHECK_EQ(table.parent(*child), parent);
  }
  SUBCASE("without it if it did") {
    CHECK_NE(apply(with_exec_id(record, 4))->image, parent->image);
  }
  SUBCASE("without its cgroups if it sits elsewhere") {
    record.header().task.cgroup_id = 10;
    CHECK_NE(apply(with_exec_id(record, 3))->cgroups, parent->cgroups);
  }
}

TEST_CASE_FIXTURE(Fixture, "a child of a process whose execve was lost has not the image before") {
  apply(with_exec_id(exec_record(kShell, kInit, "bash"), 3));
  const ProcessPtr shell = table.find(kShell);

  SUBCASE("but that of its own, of which nothing is known") {
    fc_exec begun{};
    begun.pidns_start_time_ns = kSecond;
    const ProcessPtr child = apply(with_exec_id(
        std::move(fork_record(kShell, kChild, "perl").structure(FC_ITEM_EXEC, begun)), 4));
    CHECK_EQ(child->pidns_start_ns, kBoot + kSecond);
    CHECK_NE(child->image, shell->image);
    CHECK(child->image->args.empty());
    CHECK_EQ(child->exec_id, 4);
    CHECK_EQ(table.parent(*child), shell);
  }
  SUBCASE("nor what the process was found to be after the fork") {
    shell->image_read_ns = 2 * kSecond;
    shell->comm = "perl";
    auto fork = with_exec_id(fork_record(kShell, kChild, "bash"), 3);
    fork.header().time_ns = kSecond;
    CHECK_NE(apply(std::move(fork))->image, shell->image);
    auto later = with_exec_id(fork_record(kShell, kGrandchild, "bash"), 3);
    later.header().time_ns = 3 * kSecond;
    CHECK_EQ(apply(later)->image, shell->image);
  }
}

/// Resident memory of this process.
size_t resident_bytes() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST_CASE_FIXTURE(Fixture, "a million short-lived processes leave nothing behind") {
  constexpr uint32_t kMillion = 1'000'000;
  constexpr uint32_t kWarm = 100'000;   // the table has grown to what it needs
  constexpr uint64_t kApart = 100'000;  // ns: ten thousand processes a second
  constexpr size_t kMostGrowth = 16 << 20;
  size_t warm = 0;
  for (uint32_t i = 0; i < kMillion; ++i) {
    const uint32_t pid = 6'000'000 + i % 30'000;  // pids are used again
    const uint64_t now = i * kApart;
    for (RecordBuilder record : {fork_record(kShell, pid, "bash"), exec_record(pid, kShell, "true"),
                                 testing::exit_record(pid, kShell, 1, kInit)}) {
      record.header().task.start_time_ns = now;
      apply(record.time_ns(now));
    }
    pass(now);
    if (i == kWarm) warm = resident_bytes();
  }
  CHECK_LT(table.size(), 60'000);
  const size_t end = resident_bytes();
  CHECK_LT(end > warm ? end - warm : 0, kMostGrowth);
}

std::string command_line(pid_t pid) {
  std::string words;
  std::getline(std::ifstream(fmt::format("/proc/{}/cmdline", pid)), words);
  return words;
}

uint64_t start_time_ns(pid_t pid) {
  std::string stat;
  std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid)), stat);
  size_t at = stat.rfind(')');
  for (int field = 0; field < 20; ++field) at = stat.find(' ', at + 1);
  return std::stoull(stat.substr(at)) *
         (testing::kSecond / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
}

TEST_CASE("a living process is read again when its execve was lost") {
  int go[2];
  REQUIRE(pipe(go) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    execl("/bin/sleep", "sleeper", "60", nullptr);
    _exit(1);
  }
  ProcessTable table(kBoot);
  auto record = call_record(static_cast<uint32_t>(pid), static_cast<uint32_t>(getpid()), "test");
  record.header().task.start_time_ns = start_time_ns(pid);
  const auto apply = [&](uint32_t exec_id) {
    testing::EventBuilder event(with_exec_id(record, exec_id));
    return table.apply(event.event());
  };
  const ProcessPtr process = apply(5);
  const std::string before = process->image->exe;
  CHECK_NE(before, "sleeper");
  REQUIRE(write(go[1], "g", 1) == 1);
  // An execve sets the name before the command line: there is a moment when the latter is empty.
  for (int i = 0; i < 10'000 && !command_line(pid).starts_with("sleeper"); ++i) usleep(1000);

  CHECK_EQ(apply(5)->image->exe, before);
  CHECK_EQ(apply(6), process);
  CHECK_EQ(process->image->exe, "sleeper");
  CHECK_EQ(process->image->args_text, "60");
  CHECK_EQ(process->comm, "sleep");

  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(go[0]);
  close(go[1]);
}

}  // namespace
}  // namespace falcod
