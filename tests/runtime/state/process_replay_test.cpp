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
  apply(thread.number("flags", 8192));
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
  CHECK(process->is_placeholder);
  CHECK_EQ(process->comm, "<NA>");
  CHECK_EQ(table.find(77), process);

  SUBCASE("and is known once it executes") {
    EventBuilder exec(EventCode::EXECVE);
    exec.ret(0).tid(77, 0).text("exe", "ls").text("comm", "ls").number("ptid", kShell);
    apply(exec);
    CHECK_FALSE(process->is_placeholder);
    CHECK_EQ(table.parent(*process)->pid, kShell);
  }
}

constexpr int64_t kParentFlag = 256, kThreadFlag = 8192, kVforkFlag = 134217728, kNewPidFlag = 64,
                  kInPidns = 536870912;

TEST_CASE_FIXTURE(Fixture,
                  "the child alone tells of clones that the parent's side knows too little of") {
  for (const int64_t flag : {kParentFlag, kVforkFlag, kNewPidFlag, kInPidns}) {
    CAPTURE(flag);
    apply(clone(kChild).number("flags", flag));
    CHECK(table.find(kChild) == nullptr);
  }
  SUBCASE("CLONE_PARENT: the parent is the caller's") {
    Process init;
    init.pid = init.vpid = 5'000'001;
    table.add(init);
    apply(clone(0).number("flags", kParentFlag).number("ptid", 5'000'001));
    CHECK_EQ(table.find(kChild)->ppid, 5'000'001);
  }
  SUBCASE("NEWPID: it has a number of its own inside") {
    apply(clone(0).number("flags", kNewPidFlag).number("vpid", 1).number("vtid", 1));
    CHECK_EQ(table.find(kChild)->vpid, 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "vfork's parent tells nothing of the child") {
  EventBuilder event(EventCode::VFORK);
  event.ret(kChild).tid(kShell, 0).number("pid", kShell).number("ptid", 1);
  apply(event);
  CHECK(table.find(kChild) == nullptr);
}

TEST_CASE_FIXTURE(Fixture,
                  "a parent that reports late does not bring back a child that has ended") {
  apply(clone(0));
  EventBuilder exit(EventCode::PROCEXIT);
  exit.tid(kChild, 0).time_ns(2000);
  apply(exit);
  table.after(exit.event());
  CHECK(table.find(kChild) == nullptr);
  apply(clone(kChild));
  CHECK(table.find(kChild) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "threads count once, whichever sides report") {
  constexpr int64_t kThread = kShell + 1;
  apply(clone(kThread).number("flags", kThreadFlag));
  apply(clone(0)
            .tid(kThread, 0)
            .number("flags", kThreadFlag)
            .number("pid", kShell)
            .number("vtid", 7));
  CHECK_EQ(table.find(kShell)->threads, 2);
  CHECK_EQ(table.find_thread(kThread)->pid, kShell);
  CHECK_EQ(table.inner_tid(kThread), 7);
  SUBCASE("an execve leaves one") {
    EventBuilder exec(EventCode::EXECVE);
    apply(exec.ret(0).tid(kShell, 0).text("exe", "ls"));
    CHECK_EQ(table.find(kShell)->threads, 1);
    CHECK(table.find_thread(kThread) == nullptr);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "orphans go to the reaper that the event names, or the nearest one known") {
  Process init, reaper;
  init.pid = init.vpid = 1;
  table.add(init);
  reaper.pid = reaper.vpid = 5'000'050;
  reaper.ppid = 1;
  table.add(reaper);
  Process parent;
  parent.pid = parent.vpid = 5'000'300;
  parent.ppid = 5'000'050;
  table.add(parent);
  Process child;
  child.pid = child.vpid = 5'000'301;
  child.ppid = 5'000'300;
  table.add(child);
  const auto end = [&](int64_t reaper_tid) {
    EventBuilder exit(EventCode::PROCEXIT);
    exit.tid(5'000'300, 0).time_ns(5000);
    if (reaper_tid != 0) exit.number("reaper_tid", reaper_tid);
    apply(exit);
    table.after(exit.event());
    return table.find(5'000'301)->ppid;
  };
  SUBCASE("named") { CHECK_EQ(end(kShell), kShell); }
  SUBCASE("a subreaper") {
    EventBuilder prctl(EventCode::PRCTL);
    apply(prctl.ret(0).tid(5'000'050, 0).number("option", 36).number("arg2_int", 1));
    CHECK_EQ(end(0), 5'000'050);
  }
  SUBCASE("init") { CHECK_EQ(end(0), 1); }
  CHECK(table.find(5'000'300) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "older captures: the executable is what was asked for") {
  EventBuilder exec(EventCode::EXECVE);
  exec.ret(0).tid(kShell, 0).text("exe", "./x").text("comm", "x");
  SUBCASE("joined to the directory") {
    CHECK_EQ(apply(exec.text("filename", "bin/x"))->image->exe_path, "/root/bin/x");
  }
  SUBCASE("by execveat, whose exit does not tell") {
    table.note_executable(kShell, "/opt/x");
    CHECK_EQ(apply(exec)->image->exe_path, "/opt/x");
  }
  SUBCASE("not after it failed") {
    table.note_executable(kShell, "/opt/x");
    EventBuilder failed(EventCode::EXECVE);
    apply(failed.ret(-2).tid(kShell, 0));
    CHECK_EQ(apply(exec)->image->exe_path, "");
  }
}

TEST_CASE_FIXTURE(Fixture, "capabilities and limits follow their calls") {
  EventBuilder capset(EventCode::CAPSET);
  apply(capset.ret(0)
            .tid(kShell, 0)
            .number("cap_inheritable", 1)
            .number("cap_permitted", 2)
            .number("cap_effective", 4));
  CHECK_EQ(table.find(kShell)->cap_effective, 4);
  EventBuilder unshare(EventCode::UNSHARE);
  apply(unshare.ret(0).tid(kShell, 0).number("flags", 1048576));
  CHECK_EQ(table.find(kShell)->cap_effective, (uint64_t{1} << 41) - 1);
  EventBuilder limit(EventCode::SETRLIMIT);
  apply(limit.ret(0).tid(kShell, 0).number("cur", 64).number("resource", 7));
  CHECK_EQ(table.find(kShell)->fd_limit, 64);
}

}  // namespace
}  // namespace falcod
