// The probe on this kernel: what processes do arrives with the kernel's truth. Needs root and BTF;
// where they are missing every case says so and checks nothing.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tests/runtime/capture/scenario.h"

using namespace falcod;
using namespace falcod::test;
namespace fs = std::filesystem;

TEST_CASE("an execution is reported with the new image's facts and its whole command line") {
  const std::string long_argument(9000, 'x');
  const auto events = watch(
      {"execve"}, [&] { execl("/bin/true", "my-true", "one", long_argument.c_str(), nullptr); });
  if (events.empty()) return;
  const Seen* exec = find(events, "execve");
  REQUIRE(exec != nullptr);
  CHECK(exec->ret() == 0);
  CHECK(exec->text("exe") == "my-true");
  CHECK(exec->bytes("args") == std::string("one\0", 4) + long_argument + '\0');
  CHECK(exec->text("comm") == "true");
  CHECK(exec->text("trusted_exepath") == fs::canonical("/bin/true"));
  CHECK(exec->text("filename") == "/bin/true");
  CHECK(exec->number("pid") == exec->record().task.pid);
  CHECK(exec->number("ptid") == getpid());
  struct stat file{};
  REQUIRE(stat("/bin/true", &file) == 0);
  CHECK(exec->number("exe_ino") == static_cast<int64_t>(file.st_ino));
  CHECK(exec->number("exe_ino_mtime") ==
        file.st_mtim.tv_sec * 1'000'000'000 + file.st_mtim.tv_nsec);
  CHECK(exec->number("exe_ino_ctime") ==
        file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec);
  CHECK(exec->number("uid") == static_cast<int64_t>(geteuid()));
  CHECK(exec->number("pgid") == getpgrp());
  CHECK(exec->item(FC_ITEM_CWD) == fs::current_path());
  CHECK(exec->structure<fc_exec>(FC_ITEM_EXEC).sid == static_cast<uint32_t>(getsid(0)));
  CHECK(exec->text("env").find("PATH=") != std::string::npos);
}

TEST_CASE("an execution that no rule wants still reaches the process table") {
  const auto events = watch({"open"}, [] { execl("/bin/true", "true", nullptr); });
  if (events.empty()) return;
  const auto exec = std::ranges::find(events, FC_STATE_EXEC, &Seen::kind);
  REQUIRE(exec != events.end());
  CHECK(exec->item(FC_ITEM_EXE_PATH) == fs::canonical("/bin/true"));
  CHECK(find(events, "execve") == nullptr);
}

TEST_CASE("a failed execution is reported with what was asked for") {
  const auto events = watch({"execve"}, [] {
    // on the stack: the kernel fails before it touches the arguments, and the probe cannot fault
    // them in
    char name[] = "program", argument[] = "argument";
    char* const argv[] = {name, argument, nullptr};
    execv("/nonexistent/program", argv);
  });
  if (events.empty()) return;
  const Seen* exec = find(events, "execve");
  REQUIRE(exec != nullptr);
  CHECK(exec->number("res") == -ENOENT);
  CHECK(exec->text("filename") == "/nonexistent/program");
  CHECK(exec->text("exe") == "program");
  CHECK(exec->text("args") == "argument");
}

TEST_CASE("execveat of a descriptor is execveat") {
  const auto events = watch({"execve", "execveat"}, [] {
    const int fd = open("/bin/true", O_PATH);
    char name[] = "true";
    char* const argv[] = {name, nullptr};
    syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
  });
  if (events.empty()) return;
  const Seen* exec = find(events, "execveat");
  REQUIRE(exec != nullptr);
  CHECK(exec->ret() == 0);
  CHECK(exec->text("trusted_exepath") == fs::canonical("/bin/true"));
}

TEST_CASE("a program in memory is recognised") {
  const auto events = watch({"execve", "execveat", "memfd_create"}, [] {
    const int memory = static_cast<int>(syscall(SYS_memfd_create, "hidden", 0));
    const int program = open("/bin/true", O_RDONLY);
    char buffer[65536];
    for (ssize_t n; (n = read(program, buffer, sizeof buffer)) > 0;) {
      if (write(memory, buffer, static_cast<size_t>(n)) != n) return;
    }
    char name[] = "true";
    char* const argv[] = {name, nullptr};
    fexecve(memory, argv, environ);
  });
  if (events.empty()) return;
  const Seen* exec = find(events, "execveat");
  REQUIRE(exec != nullptr);
  CHECK((exec->number("flags") & FC_EXE_FROM_MEMFD) != 0);
  CHECK(exec->text("trusted_exepath") == "memfd:hidden");
  const Seen* memfd = find(events, "memfd_create");
  REQUIRE(memfd != nullptr);
  CHECK(memfd->text("name") == "hidden");
  CHECK(memfd->fd().anon_kind == FC_ANON_MEMFD);
}

TEST_CASE("who may write the program that runs: owner, any of the groups, capabilities") {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/true";
  fs::permissions(directory.path(), fs::perms{0755});
  fs::copy_file("/bin/true", program);
  constexpr uid_t kSomebody = 4711;
  constexpr gid_t kGroup = 5005;
  struct Case {
    uid_t owner;
    mode_t mode;
    std::vector<gid_t> groups;
    uid_t user;
    bool writable;
  };
  const Case cases[] = {
      {0, 0775, {7, 100, kGroup, 70000}, kSomebody, true},
      {0, 0775, {7, 100, kGroup + 1, 70000}, kSomebody, false},
      {0, 0775, {}, kSomebody, false},
      {0, 0755, {kGroup}, kSomebody, false},
      {0, 0777, {}, kSomebody, true},
      {kSomebody, 0555, {}, kSomebody, true},
      {kSomebody, 0555, {}, 0, true},
  };
  for (const Case& tried : cases) {
    REQUIRE(chown(program.c_str(), tried.owner, kGroup) == 0);
    fs::permissions(program, fs::perms{tried.mode});
    const auto events = watch({"execve"}, [&] {
      if (setgroups(tried.groups.size(), tried.groups.data()) != 0 || setgid(tried.user) != 0 ||
          setuid(tried.user) != 0) {
        return;
      }
      execl(program.c_str(), "true", nullptr);
    });
    if (events.empty()) return;
    const Seen* exec = find(events, "execve");
    REQUIRE(exec != nullptr);
    CAPTURE(tried.owner);
    CAPTURE(tried.mode);
    CAPTURE(tried.groups.size());
    CHECK_EQ((exec->number("flags") & FC_EXE_WRITABLE) != 0, tried.writable);
  }
}

TEST_CASE("every way to open a file carries its name, its path and its inode") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/file";
  const std::string link = directory.path() + "/link";
  const auto events = watch({"open", "openat", "openat2", "creat"}, [&] {
    syscall(SYS_creat, file.c_str(), 0640);
    if (symlink("file", link.c_str()) != 0) return;
    syscall(SYS_open, link.c_str(), O_RDWR);
    syscall(SYS_openat, AT_FDCWD, file.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS;
    syscall(SYS_openat2, AT_FDCWD, file.c_str(), &how, sizeof how);
    syscall(SYS_open, "/nonexistent", O_RDONLY);
  });
  if (events.empty()) return;
  struct stat facts{};
  REQUIRE(stat(file.c_str(), &facts) == 0);
  const auto of = [&](const std::string& name) {
    return [&, name](const Seen& event) { return event.text("name") == name; };
  };
  const Seen* creat = find(events, "creat", of(file));
  const Seen* open = find(events, "open", of(link));
  const Seen* openat = find(events, "openat", of(file));
  const Seen* openat2 = find(events, "openat2", of(file));
  REQUIRE(creat != nullptr);
  REQUIRE(open != nullptr);
  REQUIRE(openat != nullptr);
  REQUIRE(openat2 != nullptr);
  for (const Seen* event : {creat, open, openat, openat2}) {
    CAPTURE(event->name());
    CHECK(event->ret() >= 0);
    CHECK(event->item(FC_ITEM_FD_PATH) == file);
    CHECK(event->number("ino") == static_cast<int64_t>(facts.st_ino));
    CHECK(static_cast<uint32_t>(event->number("dev")) == facts.st_dev);
    CHECK(event->fd().fd == event->ret());
  }
  CHECK(creat->number("mode") == 0640);
  CHECK(creat->fd().created == 1);
  CHECK(open->number("flags") == 3);              // O_RDWR
  CHECK(open->number("mode") == 0);               // nothing is created
  CHECK(openat->number("flags") == (2 | 8 | 4));  // O_WRONLY|O_APPEND|O_CREAT, existed before
  CHECK(openat->number("mode") == 0600);
  CHECK(openat->number("dirfd") == AT_FDCWD);
  CHECK(openat2->number("flags") == (1 | 4096));  // O_RDONLY|O_CLOEXEC
  CHECK(openat2->number("resolve") == 8);         // RESOLVE_NO_SYMLINKS
  const Seen* failed = find(events, "open", of("/nonexistent"));
  REQUIRE(failed != nullptr);
  CHECK(failed->number("fd") == -ENOENT);
  CHECK(failed->number("ino") == 0);
}

TEST_CASE("relative paths come with the directory they are relative to") {
  const TemporaryDirectory directory;
  const auto events = watch({"openat", "unlinkat", "mkdirat"}, [&] {
    if (chdir(directory.path().c_str()) != 0) return;
    syscall(SYS_openat, AT_FDCWD, "here", O_CREAT | O_WRONLY, 0600);
    syscall(SYS_mkdirat, AT_FDCWD, "sub", 0700);
    const int sub = open("sub", O_DIRECTORY | O_RDONLY);
    syscall(SYS_openat, sub, "../there", O_CREAT | O_RDWR, 0600);
    syscall(SYS_unlinkat, sub, "../here", 0);
  });
  if (events.empty()) return;
  const Seen* here =
      find(events, "openat", [](const Seen& event) { return event.text("name") == "here"; });
  REQUIRE(here != nullptr);
  CHECK(here->item(FC_ITEM_CWD) == directory.path());
  CHECK(here->item(FC_ITEM_FD_PATH) == directory.path() + "/here");
  CHECK((here->number("flags") & 16384) != 0);  // O_F_CREATED
  const Seen* there =
      find(events, "openat", [](const Seen& event) { return event.text("name") == "../there"; });
  REQUIRE(there != nullptr);
  CHECK(there->item(FC_ITEM_CWD) == "");
  CHECK(there->item(FC_ITEM_DIR_PATH, 2) == directory.path() + "/sub");
  CHECK(there->item(FC_ITEM_FD_PATH) == directory.path() + "/there");
  const Seen* unlink = find(events, "unlinkat");
  REQUIRE(unlink != nullptr);
  CHECK(unlink->text("name") == "../here");
  CHECK(unlink->item(FC_ITEM_DIR_PATH, 2) == directory.path() + "/sub");
}

TEST_CASE("a process that lives a millisecond is seen from fork to exit") {
  const auto events = watch({"execve"}, [] {
    const pid_t pid = fork();
    if (pid == 0) _exit(7);
    int status = 0;
    waitpid(pid, &status, 0);
  });
  if (events.empty()) return;
  const auto fork = std::ranges::find_if(events, [](const Seen& event) {
    return event.kind() == FC_STATE_FORK &&
           event.record().task.ppid != static_cast<uint32_t>(getpid());
  });
  REQUIRE(fork != events.end());
  const uint32_t child = fork->record().task.pid;
  CHECK(fork->structure<fc_exec>(FC_ITEM_EXEC).pgid == static_cast<uint32_t>(getpgrp()));
  const Seen* exit =
      find(events, "procexit", [&](const Seen& event) { return event.record().task.pid == child; });
  REQUIRE(exit != nullptr);
  CHECK(exit->number("ret") == 7);
  CHECK(exit->number("sig") == 0);
  CHECK(exit->structure<fc_exit>(FC_ITEM_EXIT).group_dead == 1);
}

TEST_CASE("a process killed by a signal says which") {
  const auto events = watch({"kill"}, [] { kill(getpid(), SIGKILL); });
  if (events.empty()) return;
  const Seen* exit = find(events, "procexit");
  REQUIRE(exit != nullptr);
  CHECK(exit->number("sig") == SIGKILL);
  CHECK(exit->number("ret") == 0);
}

TEST_CASE(
    "system calls that nobody wants are not delivered, and the wanted set changes at run time") {
  const auto source = open_source({.wanted = events_named({"getppid"})});
  if (!source) return;
  const auto calls = [] {
    for (int i = 0; i < 100; ++i) syscall(SYS_getppid);
    for (int i = 0; i < 100; ++i) syscall(SYS_getuid);
  };
  const auto count = [](const std::vector<Seen>& events, std::string_view name) {
    return std::ranges::count(events, name, &Seen::name);
  };
  auto events = watch(*source, calls);
  CHECK(count(events, "getppid") == 100);
  CHECK(count(events, "getuid") == 0);
  REQUIRE(source->set_wanted(events_named({"getuid"})));
  events = watch(*source, calls);
  CHECK(count(events, "getppid") == 0);
  CHECK(count(events, "getuid") == 100);
}

#if defined(__x86_64__)
TEST_CASE("a call through the 32-bit entry is the same event") {
  const auto events = watch({"open"}, [] {
    // 32-bit pointers: the path must lie below 4 GiB
    void* const low =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return;
    strcpy(static_cast<char*>(low), "/etc/passwd");
    constexpr int kIa32Open = 5;
    int result = kIa32Open;
    asm volatile("int $0x80"
                 : "+a"(result)
                 : "b"(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(low))), "c"(O_RDONLY),
                   "d"(0)
                 : "memory", "r8", "r9", "r10", "r11");
  });
  if (events.empty()) return;
  const Seen* open = find(events, "open");
  if (open == nullptr) {
    MESSAGE("SKIPPED: this kernel has no 32-bit system calls");
    return;
  }
  CHECK((open->record().flags & FC_EVENT_COMPAT32) != 0);
  CHECK(open->text("name") == "/etc/passwd");
  CHECK(open->number("flags") == 1);
  CHECK(open->item(FC_ITEM_FD_PATH) == "/etc/passwd");
}
#endif

TEST_CASE("what the watching process does itself is not reported, what its children do is") {
  const auto source = open_source({.wanted = events_named({"getppid", "clone", "clone3"})});
  if (!source) return;
  const auto child = watch(*source, [] { syscall(SYS_getppid); });
  CHECK(find(child, "getppid") != nullptr);
  for (int i = 0; i < 100; ++i) syscall(SYS_getppid);
  std::thread([] { syscall(SYS_getppid); }).join();
  struct Own : RecordHandler {
    void on_record(std::span<const std::byte> record) override {
      const auto& event = *reinterpret_cast<const fc_event*>(record.data());
      if (event.task.pid == static_cast<uint32_t>(getpid())) ++count;
      if (event.task.pid == last) has_last = true;
    }
    size_t count = 0;
    uint32_t last = 0;
    bool has_last = false;
  } own;
  const pid_t pid = fork();  // something that is reported, to know that all before it was read
  if (pid == 0) _exit(0);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  own.last = static_cast<uint32_t>(pid);
  // A busy machine has events without a pause: the ring is never seen empty.
  for (int polls = 0; polls < 10'000 && !own.has_last; ++polls) {
    REQUIRE(source->poll(own, 20).has_value());
  }
  CHECK(own.has_last);
  CHECK(own.count == 0);
}
