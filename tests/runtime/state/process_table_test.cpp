// The process table on synthetic records and on this machine's own processes.
#include "runtime/state/process_table.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/runtime/state/process_records.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::EventBuilder;
using testing::exec_record;
using testing::exit_record;
using testing::Fixture;
using testing::fork_record;
using testing::kBoot;
using testing::kChild;
using testing::kGrandchild;
using testing::kind;
using testing::kInit;
using testing::kSecond;
using testing::kShell;
using testing::RecordBuilder;

const std::string kContainer(64, 'c');

TEST_CASE_FIXTURE(Fixture, "a forked child has its parent's image until it executes") {
  const ProcessPtr child = apply(fork_record(kShell, kChild, "bash"));
  const ProcessPtr shell = table.find(kShell);
  CHECK_EQ(child->pid, kChild);
  CHECK_EQ(child->image, shell->image);
  CHECK_EQ(child->cgroups, shell->cgroups);
  CHECK_EQ(child->tty, 34816);
  CHECK_EQ(child->login_uid, 1000);
  CHECK_EQ(child->clone_time_ns, kBoot + kChild * kSecond);
  CHECK_EQ(table.parent(*child), shell);

  apply(exec_record(kChild, kShell, "ls"));
  CHECK_EQ(child->comm, "ls");
  CHECK_EQ(child->image->exe, "ls");
  CHECK_EQ(child->image->exe_path, "/usr/bin/ls");
  CHECK_EQ(child->image->args, std::vector<std::string>{"-l", "/tmp"});
  CHECK_EQ(child->image->args_text, "-l /tmp");
  CHECK(child->has_plain_texts);
  CHECK_EQ(child->image->env.size(), 2);
  CHECK_EQ(child->image->exe_flags, FC_EXE_UPPER_LAYER);
  CHECK_EQ(child->image->exe_ino, 77);
  CHECK_EQ(child->pgid, kChild);
  CHECK_EQ(shell->comm, "bash");
}

TEST_CASE_FIXTURE(Fixture, "a failed execve leaves the process as it was") {
  const auto before = table.find(kShell)->image;
  auto record = exec_record(kShell, kInit, "nothere");
  record.header().kind = kind(EventCode::EXECVE);
  apply(record.ret(-2));
  CHECK_EQ(table.find(kShell)->image, before);
  CHECK_EQ(table.find(kShell)->comm, "bash");
}

TEST_CASE_FIXTURE(Fixture, "an execve event carries the same facts as a state record") {
  auto record = exec_record(kShell, kInit, "zsh");
  record.header().kind = kind(EventCode::EXECVE);
  CHECK_EQ(apply(record)->image->exe_path, "/usr/bin/zsh");
}

TEST_CASE_FIXTURE(Fixture, "threads share the process and their end does not end it") {
  auto thread = fork_record(kShell, kShell, "bash");
  thread.task(kShell, kInit, "worker", kShell + 1);
  CHECK_EQ(apply(thread), table.find(kShell));
  CHECK_EQ(table.size(), 2);

  auto end = exit_record(kShell, kInit, 0, 0);
  end.task(kShell, kInit, "worker", kShell + 1);
  apply(end);
  CHECK_FALSE(table.find(kShell)->exited);

  SUBCASE("nor does the end of the main thread while others live") {
    apply(exit_record(kShell, kInit, 0, 0));
    CHECK_FALSE(table.find(kShell)->exited);
  }
  SUBCASE("the last one's does") {
    apply(exit_record(kShell, kInit, 1, 0));
    CHECK(table.find(kShell)->exited);
  }
}

TEST_CASE_FIXTURE(Fixture, "an exec by another thread is an exec of the process") {
  // The kernel has given the thread the leader's ids by the time the call returns.
  const ProcessPtr shell = table.find(kShell);
  auto record = exec_record(kShell, kInit, "perl");
  CHECK_EQ(apply(record), shell);
  CHECK_EQ(shell->comm, "perl");
}

TEST_CASE_FIXTURE(Fixture, "a renamed task keeps the name of its program") {
  apply(RecordBuilder(kind(EventCode::KILL)).task(kShell, kInit, "sshd"));
  CHECK_EQ(table.find(kShell)->comm, "bash");
}

TEST_CASE_FIXTURE(Fixture, "a used pid with another start time is another process") {
  const ProcessPtr old = apply(fork_record(kShell, kChild, "bash"));
  auto record = RecordBuilder(kind(EventCode::KILL)).task(kChild, kInit, "stranger");
  record.header().task.start_time_ns += kSecond;
  const ProcessPtr stranger = apply(record);
  CHECK_NE(stranger, old);
  CHECK(old->exited);
  CHECK_EQ(stranger->comm, "stranger");
  CHECK_EQ(stranger->ppid, kInit);
  CHECK_EQ(table.find(kChild), stranger);
}

TEST_CASE_FIXTURE(Fixture, "a fork tells of a used pid as well") {
  const ProcessPtr old = apply(fork_record(kShell, kChild, "bash"));
  auto record = fork_record(kInit, kChild, "init");
  record.header().task.start_time_ns += kSecond;
  const ProcessPtr reused = apply(record);
  CHECK_NE(reused, old);
  CHECK_EQ(reused->comm, "init");
  CHECK_EQ(table.parent(*reused)->pid, kInit);
}

TEST_CASE_FIXTURE(Fixture, "children of the dead go to the reaper") {
  const ProcessPtr child = apply(fork_record(kShell, kChild, "bash"));
  const ProcessPtr grandchild = apply(fork_record(kChild, kGrandchild, "bash"));
  apply(exit_record(kChild, kShell, 1, kInit));
  CHECK_EQ(grandchild->ppid, kInit);
  CHECK_EQ(table.parent(*grandchild)->comm, "init");
  CHECK_EQ(child->ppid, kShell);
}

TEST_CASE_FIXTURE(Fixture, "a new parent shows in the next event if the exit was missed") {
  apply(fork_record(kShell, kChild, "bash"));
  const ProcessPtr grandchild = apply(fork_record(kChild, kGrandchild, "bash"));
  call(kGrandchild, kInit);
  CHECK_EQ(table.parent(*grandchild)->pid, kInit);
}

TEST_CASE_FIXTURE(Fixture, "the exited are kept for a while, longer if they have children") {
  apply(fork_record(kShell, kChild, "bash"));
  apply(fork_record(kChild, kGrandchild, "bash"));
  apply(exit_record(kChild, kShell, 1, 0));
  pass(kSecond);
  CHECK(table.find(kChild) != nullptr);
  pass(10 * kSecond);
  CHECK(table.find(kChild) != nullptr);  // the grandchild knows no other parent
  auto exit = exit_record(kGrandchild, kChild, 1, 0);
  apply(exit.time_ns(10 * kSecond));
  pass(60 * kSecond);
  pass(120 * kSecond);
  CHECK(table.find(kGrandchild) == nullptr);
  CHECK(table.find(kChild) == nullptr);
  CHECK_EQ(table.size(), 2);
}

TEST_CASE_FIXTURE(Fixture, "a fork storm does not grow the table without bound") {
  for (uint32_t i = 0; i < 100'000; ++i) {
    const uint32_t pid = 6'000'000 + i;
    apply(fork_record(kShell, pid, "bash"));
    apply(exit_record(pid, kShell, 1, 0));
    pass(0);
  }
  CHECK_LT(table.size(), 20'000);
}

TEST_CASE_FIXTURE(Fixture, "tracking covers descendants, those there are and those to come") {
  const ProcessPtr child = apply(fork_record(kShell, kChild, "bash"));
  table.track(kShell);
  CHECK(child->tracked);
  CHECK(apply(fork_record(kChild, kGrandchild, "bash"))->tracked);
  CHECK_FALSE(table.find(kInit)->tracked);
  apply(exit_record(kChild, kShell, 1, kInit));
  CHECK(table.find(kGrandchild)->tracked);
}

TEST_CASE_FIXTURE(Fixture, "ids follow the task facts of any event") {
  auto record = RecordBuilder(kind(EventCode::KILL)).task(kShell, kInit, "bash");
  record.header().task.uid = 33;
  record.header().task.gid = 34;
  apply(record);
  CHECK_EQ(table.find(kShell)->uid, 33);
  CHECK_EQ(table.find(kShell)->gid, 34);
}

TEST_CASE_FIXTURE(Fixture, "what a call made of credentials and session comes with its record") {
  const ProcessPtr child = apply(fork_record(kShell, kChild, "bash"));
  fc_exec identity{};
  identity.cap_effective = 0x20;
  identity.loginuid = 77;
  identity.sid = identity.vsid = kChild;
  identity.pgid = identity.vpgid = kShell;
  const auto image = child->image;
  auto record = RecordBuilder(kind(EventCode::SETSID)).task(kChild, kShell, "bash");
  apply(record.structure(FC_ITEM_EXEC, identity));
  CHECK_EQ(child->sid, kChild);
  CHECK_EQ(child->pgid, kShell);
  CHECK_EQ(child->tty, 0);
  CHECK_EQ(child->cap_effective, 0x20);
  CHECK_EQ(child->login_uid, 77);
  CHECK_EQ(child->image, image);
}

TEST_CASE_FIXTURE(Fixture, "setpgid of a child moves the child") {
  const ProcessPtr child = apply(fork_record(kShell, kChild, "bash"));
  const auto setpgid = [&](int64_t pid, int64_t group, int64_t result) {
    EventBuilder event(EventCode::SETPGID);
    event.record(RecordBuilder(kind(EventCode::SETPGID)).task(kShell, kInit, "bash").ret(result));
    event.number("pid", pid).number("pgid", group).ret(result);
    table.apply(event.event());
  };
  setpgid(kChild, 0, -3);
  CHECK_NE(child->pgid, kChild);
  setpgid(kChild, 0, 0);
  CHECK_EQ(child->pgid, kChild);
  CHECK_EQ(child->vpgid, kChild);
  setpgid(kChild, kShell, 0);
  CHECK_EQ(child->pgid, kShell);
  CHECK_EQ(table.find(kShell)->pgid, kShell);
}

TEST_CASE_FIXTURE(Fixture, "chdir moves the process") {
  auto record = RecordBuilder(kind(EventCode::CHDIR)).task(kShell, kInit, "bash");
  apply(record.text(FC_ITEM_CWD, "/var/log"));
  CHECK_EQ(table.find(kShell)->cwd, "/var/log/");
  EventBuilder chdir(EventCode::CHDIR);
  chdir.record(RecordBuilder(kind(EventCode::CHDIR)).task(kShell, kInit, "bash"));
  table.apply(chdir.text("path", "../cache").event());
  CHECK_EQ(table.find(kShell)->cwd, "/var/cache/");
}

TEST_CASE_FIXTURE(Fixture, "an exec in an engine's cgroup is in the container, its children too") {
  apply(fork_record(kShell, kChild, "runc"));
  auto record = RecordBuilder(FC_STATE_EXEC);
  record.task(kChild, kShell, "sh").item(FC_ITEM_ARGS, std::string("sh\0", 3));
  record.text(FC_ITEM_CGROUP, "memory=/docker/" + kContainer).text(FC_ITEM_CGROUP, "=/");
  record.header().task.vpid = 1;
  const ProcessPtr process = apply(record);
  CHECK_EQ(process->cgroups->container_id, std::string(12, 'c'));
  CHECK_EQ(process->cgroups->container_full_id, kContainer);
  CHECK_EQ(process->cgroups->container_engine, "docker");
  const ProcessPtr child = apply(fork_record(kChild, kGrandchild, "sh"));
  CHECK_EQ(child->cgroups, process->cgroups);
}

TEST_CASE_FIXTURE(Fixture, "runc by hand: the cgroup's name is the container's") {
  apply(fork_record(kShell, kChild, "runc"));
  auto record = RecordBuilder(FC_STATE_EXEC);
  record.task(kChild, kShell, "sh").text(FC_ITEM_CGROUP, "=/user.slice/mybox");
  record.header().task.vpid = 1;
  const ProcessPtr process = apply(record);
  CHECK_EQ(process->cgroups->container_id, "mybox");

  SUBCASE("for processes that it forks") {
    auto fork = fork_record(kChild, kGrandchild, "sh");
    fork.header().task.vpid = 2;
    CHECK_EQ(apply(fork)->cgroups->container_id, "mybox");
  }
}

TEST_CASE_FIXTURE(Fixture, "a pid namespace in the cgroup of those outside is no container") {
  auto record = fork_record(kShell, kChild, "unshare");
  record.header().task.vpid = 1;
  record.text(FC_ITEM_CGROUP, "=/user.slice");
  CHECK_EQ(apply(record)->cgroups->container_id, "");
}

TEST_CASE("a process gone from /proc is made from the record alone") {
  ProcessTable table(kBoot);
  auto record = RecordBuilder(kind(EventCode::KILL)).task(kChild, 0, "ghost");
  record.header().task.uid = 12;
  EventBuilder event(record);
  const ProcessPtr process = table.apply(event.event());
  CHECK_EQ(process->comm, "ghost");
  CHECK_EQ(process->uid, 12);
  CHECK(process->image->exe.empty());
  CHECK_EQ(process->cgroups->container_id, "");
}

/// A child that waits until the end of the test.
class Sleeper {
 public:
  Sleeper() : pid_(fork()) {
    if (pid_ == 0) {
      execl("/bin/sleep", "sleeper", "60", nullptr);
      _exit(1);
    }
    for (int i = 0; i < 1000 && comm() != "sleep"; ++i) usleep(1000);
  }
  ~Sleeper() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  std::string comm() const {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid_)), name);
    return name;
  }
  /// As /proc shows it: rounded down to ticks.
  uint64_t start_time_ns() const {
    std::string stat;
    std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid_)), stat);
    size_t at = stat.rfind(')');
    for (int field = 0; field < 20; ++field) at = stat.find(' ', at + 1);
    return std::stoull(stat.substr(at)) * (kSecond / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
  }

 private:
  pid_t pid_;
};

TEST_CASE("a process first seen in the middle is read from /proc, with its ancestors") {
  const Sleeper sleeper;
  REQUIRE_EQ(sleeper.comm(), "sleep");
  ProcessTable table(kBoot);
  auto record =
      RecordBuilder(kind(EventCode::KILL))
          .task(static_cast<uint32_t>(sleeper.pid()), static_cast<uint32_t>(getpid()), "sleep");
  record.header().task.start_time_ns = sleeper.start_time_ns() + 1234;
  EventBuilder event(record);
  const ProcessPtr process = table.apply(event.event());
  CHECK_EQ(process->image->exe, "sleeper");
  CHECK_EQ(process->image->args_text, "60");
  CHECK_FALSE(process->image->exe_path.empty());
  CHECK_NE(process->image->exe_ino, 0);
  CHECK_FALSE(process->cwd.empty());
  CHECK_EQ(process->start_time_ns, sleeper.start_time_ns() + 1234);
  const ProcessPtr parent = table.parent(*process);
  REQUIRE(parent != nullptr);
  CHECK_EQ(parent->pid, getpid());
  CHECK(table.find(1) != nullptr);

  SUBCASE("but not if /proc already shows another process") {
    record.header().task.start_time_ns += kSecond;
    EventBuilder later(record);
    CHECK(table.apply(later.event())->image->exe.empty());
  }
}

TEST_CASE("the scan knows this process, and events recognise what it found") {
  const Sleeper sleeper;
  ProcessTable table(kBoot);
  table.scan_proc();
  const ProcessPtr own = table.find(getpid());
  REQUIRE(own != nullptr);
  CHECK_EQ(own->ppid, getppid());
  CHECK_EQ(own->uid, geteuid());
  CHECK_EQ(own->sid, getsid(0));
  CHECK_EQ(own->pgid, getpgid(0));
  CHECK_NE(own->fd_limit, 0);
  CHECK_FALSE(own->cgroups->paths.empty());

  const ProcessPtr scanned = table.find(sleeper.pid());
  REQUIRE(scanned != nullptr);
  auto record =
      RecordBuilder(kind(EventCode::KILL))
          .task(static_cast<uint32_t>(sleeper.pid()), static_cast<uint32_t>(getpid()), "sleep");
  record.header().task.start_time_ns = sleeper.start_time_ns() + 1234;
  EventBuilder event(record);
  CHECK_EQ(table.apply(event.event()), scanned);
  CHECK_EQ(scanned->start_time_ns, sleeper.start_time_ns() + 1234);
}

}  // namespace
}  // namespace falcod
