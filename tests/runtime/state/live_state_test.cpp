// The process table on the live stream: after each thing that processes do to themselves it says
// what /proc says. Needs root and BTF.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "tests/runtime/state/live_stage.h"

namespace falcod::testing {
namespace {

/// A shell that marks and stays, as it was started.
[[noreturn]] void execute_shell(const char* name, int number) {
  const std::string command = fmt::format("kill -0 {}; kill -STOP $$; :", marked(number));
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // also after vfork
  execl("/bin/sh", name, "-c", command.c_str(), nullptr);
  _exit(1);
}

}  // namespace

TEST_CASE("credentials follow the kernel") {
  const auto stage = LiveStage::open();
  if (!stage) return;

  SUBCASE("setuid from root drops all capabilities") {
    const ProcessPtr process = stage->play([] { must(setuid(65534) == 0); });
    CHECK_EQ(process->uid, 65534);
    CHECK_EQ(process->cap_effective, 0);
  }
  SUBCASE("the effective user alone drops the effective ones") {
    const ProcessPtr process = stage->play([] { must(setresuid(-1, 65534, -1) == 0); });
    CHECK_EQ(process->cap_effective, 0);
    CHECK_NE(process->cap_permitted, 0);
  }
  SUBCASE("and takes them back") {
    stage->play([] {
      must(setreuid(-1, 65534) == 0);
      must(seteuid(0) == 0);
    });
  }
  SUBCASE("groups") {
    const ProcessPtr process = stage->play([] { must(setresgid(100, 101, 102) == 0); });
    CHECK_EQ(process->gid, 101);
  }
  SUBCASE("capset") {
    const ProcessPtr process = stage->play([] {
      __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
      __user_cap_data_struct data[2] = {{1u << CAP_KILL, 1u << CAP_KILL, 0}, {0, 0, 0}};
      must(syscall(SYS_capset, &header, data) == 0);
    });
    CHECK_EQ(process->cap_effective, 1u << CAP_KILL);
  }
  SUBCASE("a user namespace of its own") {
    const ProcessPtr process = stage->play([] {
      must(setresuid(65534, 65534, 65534) == 0);
      must(unshare(CLONE_NEWUSER) == 0);
    });
    CHECK_EQ(process->uid, 65534);
    CHECK_NE(process->cap_effective, 0);
  }
}

TEST_CASE("sessions, groups and directories follow the kernel") {
  const auto stage = LiveStage::open();
  if (!stage) return;

  SUBCASE("setsid") {
    const ProcessPtr process = stage->play([] { must(setsid() > 0); });
    CHECK_EQ(process->sid, process->pid);
  }
  SUBCASE("setpgid") {
    const ProcessPtr process = stage->play([] { must(setpgid(0, 0) == 0); });
    CHECK_EQ(process->pgid, process->pid);
  }
  SUBCASE("setpgid by the parent") {
    stage->play(
        [] {
          const pid_t child = fork_waiting();
          must(setpgid(child, child) == 0);
        },
        [&](const ProcessPtr& parent) {
          const auto children = proc_children(parent->pid);
          REQUIRE_EQ(children.size(), 1);
          const ProcessPtr child = stage->table.find(children.front());
          REQUIRE(child != nullptr);
          check_against_proc(*child);
          CHECK_EQ(child->pgid, child->pid);
        });
  }
  SUBCASE("chdir") {
    CHECK_EQ(stage->play([] { must(chdir("/usr/../usr/./bin") == 0); })->cwd, "/usr/bin/");
  }
  SUBCASE("fchdir") {
    const ProcessPtr process = stage->play([] {
      must(chdir("/usr") == 0);
      must(fchdir(open("/var", O_RDONLY)) == 0);
    });
    CHECK_EQ(process->cwd, "/var/");
  }
  SUBCASE("chroot: the directory is the one inside") {
    std::string directory = "/tmp/falcoc-state-XXXXXX";
    REQUIRE(mkdtemp(directory.data()) != nullptr);
    REQUIRE(mkdir((directory + "/inside").c_str(), 0755) == 0);
    const ProcessPtr process = stage->play([&] {
      must(chroot(directory.c_str()) == 0);
      must(chdir("/inside") == 0);
    });
    CHECK_EQ(process->cwd, "/inside/");
    std::filesystem::remove_all(directory);
  }
}

TEST_CASE("images and threads follow the kernel") {
  const auto stage = LiveStage::open();
  if (!stage) return;

  SUBCASE("execve by the main thread") {
    const ProcessPtr process = stage->play([&] { execute_shell("by main", stage->number()); });
    CHECK_EQ(process->comm, "sh");
    CHECK_EQ(process->image->exe, "by main");
  }
  SUBCASE("execve by another thread") {
    const ProcessPtr process = stage->play([&] {
      std::thread([] { pause(); }).detach();
      std::thread([&] { execute_shell("by thread", stage->number()); }).join();
    });
    CHECK_EQ(process->image->exe, "by thread");
    CHECK_EQ(process->threads, 1);
  }
  SUBCASE("execve after vfork") {
    const ProcessPtr process = stage->play([&] {
      const int number = stage->number();
      if (vfork() == 0) execute_shell("after vfork", number);
      wait_for_ever();
    });
    CHECK_EQ(process->image->exe, "after vfork");
  }
  SUBCASE("a name that prctl sets is not the program's") {
    const ProcessPtr process = stage->play([] { prctl(PR_SET_NAME, "renamed"); });
    CHECK_NE(process->comm, "renamed");
  }
  SUBCASE("threads come and go") {
    const ProcessPtr process = stage->play([] {
      std::thread([] {}).join();
      // joined is not gone: the kernel counts it for a moment more
      while (read_proc_process(getpid(), 0)->threads != 1) usleep(1000);
      for (int i = 0; i < 2; ++i) std::thread([] { pause(); }).detach();
    });
    CHECK_EQ(process->threads, 3);
  }
  SUBCASE("the main thread ends before the others") {
    const ProcessPtr process = stage->play(
        [&] {
          const pid_t own = getpid();
          std::thread([own, number = stage->number()] {
            const auto main_is_gone = [own] {
              const auto facts = read_proc_process(own, 0);
              return facts && facts->main_thread_gone;
            };
            while (!main_is_gone()) usleep(1000);
            mark(number);
            wait_for_ever();
          }).detach();
          syscall(SYS_exit, 0);
        },
        [](const ProcessPtr&) {});
    CHECK_EQ(process->threads, 1);
    CHECK(process->main_thread_gone);
    CHECK_FALSE(process->exited);
  }
}

TEST_CASE("parents follow the kernel") {
  const auto stage = LiveStage::open();
  if (!stage) return;

  SUBCASE("a child that its parent gives to the grandparent") {
    const ProcessPtr process = stage->play([&] {
      if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
        mark(stage->number());
      }
      wait_for_ever();
    });
    CHECK_EQ(process->ppid, getpid());
    kill(static_cast<pid_t>(process->pid), SIGKILL);
    waitpid(static_cast<pid_t>(process->pid), nullptr, 0);
  }
  SUBCASE("orphans go to a subreaper") {
    const ProcessPtr process = stage->play([&] {
      must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
      const pid_t middle = fork();
      if (middle == 0) {
        const pid_t parent = getpid();
        if (fork() != 0) _exit(0);
        alarm(kLongestTestSeconds);
        while (getppid() == parent) usleep(1000);
        mark(stage->number());
        wait_for_ever();
      }
      waitpid(middle, nullptr, 0);
      wait_for_ever();
    });
    const ProcessPtr parent = stage->table.parent(*process);
    REQUIRE(parent != nullptr);
    CHECK_EQ(parent->pid, stage->last_actor());
    kill(static_cast<pid_t>(process->pid), SIGKILL);
  }
  SUBCASE("the first of a pid namespace") {
    const ProcessPtr process = stage->play([&] {
      must(unshare(CLONE_NEWPID) == 0);
      if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        mark(stage->number());
      }
      wait_for_ever();
    });
    CHECK_EQ(process->vpid, 1);
    CHECK_NE(process->pid, 1);
    CHECK_GE(process->pidns_start_ns, process->start_time_ns);
  }
  SUBCASE("a zombie has ended") {
    stage->play(
        [] {
          const pid_t child = fork();
          if (child == 0) _exit(3);
          siginfo_t info{};
          must(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
        },
        [&](const ProcessPtr& parent) {
          const auto children = proc_children(parent->pid);
          REQUIRE_EQ(children.size(), 1);
          const ProcessPtr zombie = stage->table.find(children.front());
          REQUIRE(zombie != nullptr);
          CHECK(zombie->exited);
        });
  }
}

TEST_CASE("what is lost is made good") {
  const auto stage = LiveStage::open();
  if (!stage) return;
  const auto is = [](const Event& event, std::initializer_list<int> kinds) {
    return std::ranges::find(kinds, event.kind) != kinds.end();
  };
  const auto exec = static_cast<int>(falcoc::EventCode::EXECVE);

  SUBCASE("an execve") {
    stage->drops = [&](const Event& event) { return is(event, {FC_STATE_EXEC, exec}); };
    const ProcessPtr process = stage->play([&] { execute_shell("unseen", stage->number()); });
    CHECK_EQ(process->image->exe, "unseen");
  }
  SUBCASE("a fork") {
    stage->drops = [&](const Event& event) { return is(event, {FC_STATE_FORK}); };
    const ProcessPtr process = stage->play([] {});
    CHECK_EQ(process->ppid, getpid());
  }
  SUBCASE("a fork and an execve") {
    stage->drops = [&](const Event& event) {
      return is(event, {FC_STATE_FORK, FC_STATE_EXEC, exec});
    };
    const ProcessPtr process = stage->play([&] { execute_shell("unseen", stage->number()); });
    CHECK_EQ(process->image->exe, "unseen");
  }
  SUBCASE("an exit, at the next scan") {
    ProcessPtr process;
    stage->play([] {},
                [&](const ProcessPtr& seen) {
                  process = seen;
                  stage->drops = [&](const Event& event) {
                    return is(event, {static_cast<int>(falcoc::EventCode::PROCEXIT)});
                  };
                });
    stage->play([] {});  // so that the end of the one before is among what was read
    CHECK_FALSE(process->exited);
    stage->table.scan_proc();
    CHECK(process->exited);
  }
}

}  // namespace falcod::testing
