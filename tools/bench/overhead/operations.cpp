#include "tools/bench/overhead/operations.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

extern char** environ;

namespace falcoc::bench {
namespace {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

/// A result that does not count: the machine refuses the operation.
[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(2);
}

void check(bool ok, const char* what) {
  if (!ok) fail(what);
}

template <typename Body>
nanoseconds timed(uint64_t iterations, Body&& body) {
  const auto begin = Clock::now();
  for (uint64_t i = 0; i < iterations; ++i) body();
  return Clock::now() - begin;
}

nanoseconds unneeded_syscall(uint64_t iterations) {
  return timed(iterations, [] { ::syscall(SYS_getppid); });
}

nanoseconds open_close(uint64_t iterations, const char* path, int flags) {
  return timed(iterations, [&] {
    const int fd = ::open(path, flags | O_CLOEXEC, 0600);
    check(fd >= 0, path);
    ::close(fd);
  });
}

/// A file of our own in the temporary directory, gone with this object.
class ScratchFile {
 public:
  ScratchFile() {
    const int fd = ::mkstemp(path_.data());
    check(fd >= 0, "mkstemp");
    ::close(fd);
  }
  ~ScratchFile() { ::unlink(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const char* path() const { return path_.c_str(); }
  std::string name() const { return path_.substr(path_.rfind('/') + 1); }

 private:
  std::string path_ = "/tmp/overheadXXXXXX";
};

nanoseconds open_absolute(uint64_t iterations) {
  const ScratchFile file;
  return open_close(iterations, file.path(), O_RDONLY);
}

nanoseconds open_below_etc(uint64_t iterations) {
  return open_close(iterations, "/etc/hostname", O_RDONLY);
}

nanoseconds open_relative(uint64_t iterations) {
  const ScratchFile file;
  const int before = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  check(before >= 0 && ::chdir("/tmp") == 0, "chdir");
  const nanoseconds result = open_close(iterations, file.name().c_str(), O_RDONLY);
  check(::fchdir(before) == 0, "fchdir");
  ::close(before);
  return result;
}

nanoseconds open_for_writing(uint64_t iterations) {
  const ScratchFile file;
  return open_close(iterations, file.path(), O_WRONLY | O_CREAT);
}

nanoseconds dup_close(uint64_t iterations) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  check(fd >= 0, "/dev/null");
  const nanoseconds result = timed(iterations, [&] { ::close(::dup(fd)); });
  ::close(fd);
  return result;
}

nanoseconds pipe_write_read(uint64_t iterations) {
  int ends[2];
  check(::pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  char byte = 0;
  const nanoseconds result = timed(iterations, [&] {
    check(::write(ends[1], &byte, 1) == 1 && ::read(ends[0], &byte, 1) == 1, "pipe");
  });
  ::close(ends[0]);
  ::close(ends[1]);
  return result;
}

nanoseconds connect_accept(uint64_t iterations) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  check(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
            ::listen(listener, 16) == 0 &&
            ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0,
        "listen");
  // Both ends close with a reset, so that no port is left waiting.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  const nanoseconds result = timed(iterations, [&] {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
    const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    check(server >= 0, "accept4");
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(client);
    ::close(server);
  });
  ::close(listener);
  return result;
}

nanoseconds fork_wait(uint64_t iterations) {
  return timed(iterations, [] {
    const pid_t child = ::fork();
    check(child >= 0, "fork");
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
  });
}

nanoseconds spawn_wait(uint64_t iterations) {
  char name[] = "true";
  char* arguments[] = {name, nullptr};
  return timed(iterations, [&] {
    pid_t child = 0;
    check(::posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, environ) == 0, "spawn");
    ::waitpid(child, nullptr, 0);
  });
}

constexpr Operation kOperations[] = {
    {"syscall no rule needs", 2'000'000, unneeded_syscall},
    {"open+close, absolute path", 300'000, open_absolute},
    {"open+close, below /etc", 300'000, open_below_etc},
    {"open+close, relative path", 300'000, open_relative},
    {"open+close, for writing", 300'000, open_for_writing},
    {"dup+close", 500'000, dup_close},
    {"pipe write+read", 500'000, pipe_write_read},
    {"connect+accept", 8'000, connect_accept},
    {"fork+wait", 1'000, fork_wait},
    {"spawn /bin/true+wait", 600, spawn_wait},
};

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace falcoc::bench
