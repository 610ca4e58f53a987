// What the kernel refuses to a process after refuse_calls(), and what it does not.
#include "runtime/daemon/call_filter.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

using namespace falcod;

namespace {

/// Runs in a child, which the filter stays with; the child's exit status.
int in_child(int (*check)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

bool filter() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && refuse_calls().has_value();
}

}  // namespace

TEST_CASE("every call of the list is refused") {
  CHECK(in_child([] {
          if (!filter()) return 1;
          for (const int number : refused_calls()) {
            errno = 0;
            // arguments that do nothing where a call were made
            if (::syscall(number, -1L, 0L, 0L, 0L, 0L, 0L) != -1 || errno != EPERM) return 2;
          }
          return 0;
        }) == 0);
}

TEST_CASE("threads that are there already are held too, as are programs that are started") {
  CHECK(in_child([] {
          std::atomic<bool> filtered = false;
          int seen = 0;
          std::thread other([&] {
            while (!filtered) std::this_thread::yield();
            seen = ::syscall(SYS_keyctl, -1L, 0L, 0L, 0L, 0L) == -1 ? errno : 0;
          });
          const bool done = filter();
          filtered = true;
          other.join();
          return done && seen == EPERM ? 0 : 1;
        }) == 0);
  CHECK(in_child([] {
          if (!filter()) return 1;
          ::execl("/bin/sh", "sh", "-c", "grep -q '^Seccomp:.2' /proc/self/status", nullptr);
          return 2;
        }) == 0);
}

TEST_CASE("what falcod does goes on: files, threads, sockets, programs, eBPF") {
  CHECK(in_child([] {
          if (!filter()) return 1;
          const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
          if (fd < 0) return 2;
          std::thread([] {}).join();
          errno = 0;
          ::syscall(SYS_bpf, -1, nullptr, 0);  // unknown command
          if (errno == ENOSYS) return 3;
          ::execl("/bin/true", "true", nullptr);
          return 4;
        }) == 0);
}
