// Process state from captured parameters, without records.
#include <doctest/doctest.h>

#include "runtime/state/process_table.h"
#include "tests/support/record_builder.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::EventBuilder;

constexpr int64_t kShell = 5'000'100;
constexpr int64_t kChild = 5'000'200;

struct Fixture {
  ProcessTable table{0};

  Fixture() {
    Process shell;
    shell.pid = shell.vpid = kShell;
    shell.comm = "bash";
    shell.cwd = "/root/";
    shell.sid = kShell;
    table.add(shell);
  }
  ProcessPtr apply(EventBuilder event) { return table.apply(event.event()); }

  EventBuilder clone(int64_t result) {
    EventBuilder event(EventCode::CLONE);
    event.ret(result).tid(result == 0 ? kChild : kShell, 0).time_ns(1000);
    event.text("comm", "bash").number("uid", 7).number("gid", 8).number("tid", kShell);
    event.number("pid", result == 0 ? kChild : kShell).number("ptid", kShell);
    event.number("vpid", result == 0 ? kChild : kShell);
    return event;
  }
};

TEST_CASE_FIXTURE(Fixture, "either side of a clone makes the child, and only once") {
  SUBCASE("parent first") {
    apply(clone(kChild));
    const ProcessPtr child = table.find(kChild);
    REQUIRE(child != nullptr);
    CHECK_EQ(apply(clone(0)), child);
  }
  SUBCASE("child first") {
    const ProcessPtr child = apply(clone(0));
    apply(clone(kChild));
    CHECK_EQ(table.find(kChild), child);
  }
  const ProcessPtr child = table.find(kChild);
  CHECK_EQ(child->ppid, kShell);
  CHECK_EQ(child->uid, 7);
  CHECK_EQ(child->cwd, "/root/");
  CHECK_EQ(child->sid, kShell);
  CHECK_EQ(table.parent(*child)->pid, kShell);
}

TEST_CASE_FIXTURE(Fixture, "execve's parameters replace the image") {
  EventBuilder event(EventCode::EXECVE);
  event.ret(0).tid(kShell, 0).time_ns(2000);
  event.text("exe", "ls").bytes("args", std::string("-l\0/tmp\0", 8)).text("comm", "ls");
  event.text("trusted_exepath", "/usr/bin/ls").number("tty", 5).number("uid", 3).number("gid", 4);
  event.bytes("env", std::string("A=1\0", 4)).number("loginuid", 1000).number("pgid", 9);
  event.bytes("cgroups", "memory=/docker/" + std::string(64, 'a') + '\0');
  const ProcessPtr process = apply(event);
  CHECK_EQ(process->comm, "ls");
  CHECK_EQ(process->image->args_text, "-l /tmp");
  CHECK_EQ(process->image->exe_path, "/usr/bin/ls");
  CHECK_EQ(process->image->env, std::vector<std::string>{"A=1"});
  CHECK_EQ(process->tty, 5);
  CHECK_EQ(process->uid, 3);
  CHECK_EQ(process->login_uid, 1000);
  CHECK_EQ(process->pgid, 9);
  CHECK_EQ(process->cgroups->container_id, "aaaaaaaaaaaa");
  CHECK_EQ(process->cwd, "/root/");

  SUBCASE("not if it failed") {
    event.ret(-2).text("comm", "zsh");
    CHECK_EQ(apply(event)->comm, "ls");
  }
}

TEST_CASE_FIXTURE(Fixture, "a process ends with its last thread") {
  constexpr int64_t kThread = kShell + 1;
  auto thread = clone(kThread);
  apply(thread.number("flags", 1 << 17));
  EventBuilder exit(EventCode::PROCEXIT);
  apply(exit.tid(kThread, 0));
  CHECK_FALSE(table.find(kShell)->exited);
  apply(exit.tid(kShell, 0));
  CHECK(table.find(kShell)->exited);
}

TEST_CASE_FIXTURE(Fixture, "credentials, session and directory follow the calls that set them") {
  EventBuilder setuid(EventCode::SETUID);
  apply(setuid.ret(0).tid(kShell, 0).number("uid", 42));
  CHECK_EQ(table.find(kShell)->uid, 42);
  EventBuilder setresgid(EventCode::SETRESGID);
  apply(setresgid.ret(0).tid(kShell, 0).number("rgid", -1).number("egid", 43).number("sgid", -1));
  CHECK_EQ(table.find(kShell)->gid, 43);
  EventBuilder chdir(EventCode::CHDIR);
  apply(chdir.ret(0).tid(kShell, 0).text("path", "../etc"));
  CHECK_EQ(table.find(kShell)->cwd, "/etc/");
  apply(chdir.ret(-2).tid(kShell, 0).text("path", "/nowhere"));
  CHECK_EQ(table.find(kShell)->cwd, "/etc/");
  EventBuilder setsid(EventCode::SETSID);
  apply(setsid.ret(kShell).tid(kShell, 0));
  CHECK_EQ(table.find(kShell)->sid, kShell);
}

TEST_CASE_FIXTURE(Fixture, "an unknown process gets a place of its own") {
  EventBuilder kill(EventCode::KILL);
  const ProcessPtr process = apply(kill.ret(0).tid(77, 0));
  CHECK_EQ(process->pid, 77);
  CHECK_EQ(table.find(77), process);
}

}  // namespace
}  // namespace falcod
