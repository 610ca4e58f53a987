// Descriptors that are no opened files: copies, pipes, event, signal and timer descriptors, memory
// files, processes.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr int kNewFd = 77;

void copy_cases(Report& report, int fd) {
  close(report.ok("dup", SYS_dup, {fd}).ret("res").num("oldfd", fd).fd());
  report.fails("dup", EBADF, SYS_dup, {-1}).ret("res").num("oldfd", -1);
  report.ok("dup2", SYS_dup2, {fd, kNewFd}).ret("res").num("oldfd", fd).num("newfd", kNewFd);
  report.fails("dup2", EBADF, SYS_dup2, {-1, kNewFd})
      .ret("res")
      .num("oldfd", -1)
      .num("newfd", kNewFd);
  report.ok("dup3", SYS_dup3, {fd, kNewFd, O_CLOEXEC})
      .ret("res")
      .num("oldfd", fd)
      .num("newfd", kNewFd)
      .num("flags", 4096);
  report.fails("dup3", EINVAL, SYS_dup3, {fd, fd, 0})
      .ret("res")
      .num("oldfd", fd)
      .num("newfd", fd)
      .num("flags", 0);
  close(kNewFd);
  close(report.ok("fcntl", SYS_fcntl, {fd, F_DUPFD_CLOEXEC, 60})
            .ret("res")
            .num("fd", fd)
            .num("cmd", 26)
            .num("arg", 60)
            .fd());
  report.fails("fcntl", EBADF, SYS_fcntl, {-1, F_SETFL, O_NONBLOCK})
      .ret("res")
      .num("fd", -1)
      .num("cmd", 5)
      .num("arg", O_NONBLOCK);
  int unread = 0;
  report.ok("ioctl", SYS_ioctl, {fd, FIONREAD, &unread})
      .ret("res")
      .num("fd", fd)
      .num("request", FIONREAD)
      .address("argument", &unread);
  report.fails("ioctl", EBADF, SYS_ioctl, {-1, TIOCGWINSZ, nullptr})
      .ret("res")
      .num("fd", -1)
      .num("request", TIOCGWINSZ)
      .num("argument", 0);
}

int64_t inode_of(int fd) {
  struct stat facts{};
  fstat(fd, &facts);
  return static_cast<int64_t>(facts.st_ino);
}

void pipe_cases(Report& report) {
  int ends[2] = {-1, -1};
  {
    Measured made = report.ok("pipe", SYS_pipe, {ends});
    made.ret("res").num("fd1", ends[0]).num("fd2", ends[1]).num("ino", inode_of(ends[0]));
  }
  close(ends[0]);
  close(ends[1]);
  report.fails("pipe", EFAULT, SYS_pipe, {nullptr})
      .ret("res")
      .num("fd1", -1)
      .num("fd2", -1)
      .num("ino", 0);
  {
    Measured made = report.ok("pipe2", SYS_pipe2, {ends, O_CLOEXEC | O_NONBLOCK});
    made.ret("res").num("fd1", ends[0]).num("fd2", ends[1]).num("ino", inode_of(ends[0]));
    made.num("flags", 4096 | 64);
  }
  close(ends[0]);
  close(ends[1]);
  report.fails("pipe2", EFAULT, SYS_pipe2, {nullptr, O_DIRECT})
      .ret("res")
      .num("fd1", -1)
      .num("fd2", -1)
      .num("ino", 0)
      .num("flags", 512);
}

void event_cases(Report& report) {
  close(report.ok("eventfd", SYS_eventfd, {7}).ret("res").num("initval", 7).num("flags", 0).fd());
  report.ok("eventfd2", SYS_eventfd2, {9, O_CLOEXEC | O_NONBLOCK})
      .ret("res")
      .num("initval", 9)
      .num("flags", 4096 | 64);
  report.fails("eventfd2", EINVAL, SYS_eventfd2, {3, 2})
      .ret("res")
      .num("initval", 3)
      .num("flags", 0);
  uint64_t mask = 1u << (SIGUSR1 - 1);
  report.ok("signalfd", SYS_signalfd, {-1, &mask, sizeof mask})
      .ret("res")
      .num("fd", -1)
      .num("mask", 1u << (SIGUSR1 - 1))
      .num("flags", 0);
  report.fails("signalfd", EINVAL, SYS_signalfd, {-1, &mask, 3})
      .ret("res")
      .num("fd", -1)
      .num("mask", 1u << (SIGUSR1 - 1))
      .num("flags", 0);
  report.ok("signalfd4", SYS_signalfd4, {-1, &mask, sizeof mask, O_CLOEXEC})
      .ret("res")
      .num("flags", 4096)
      .num("fd", -1)
      .num("mask", 1u << (SIGUSR1 - 1));
  report.fails("signalfd4", EINVAL, SYS_signalfd4, {0, &mask, sizeof mask, 0})
      .ret("res")
      .num("flags", 0)
      .num("fd", 0)
      .num("mask", 1u << (SIGUSR1 - 1));
  report.ok("timerfd_create", SYS_timerfd_create, {CLOCK_MONOTONIC, 0})
      .ret("res")
      .num("clockid", CLOCK_MONOTONIC)
      .num("flags", 0);
  report.fails("timerfd_create", EINVAL, SYS_timerfd_create, {99, 3})
      .ret("res")
      .num("clockid", 99)
      .num("flags", 3);
}

void watch_cases(Report& report) {
  close(report.ok("inotify_init", SYS_inotify_init, {}).ret("res").num("flags", 0).fd());
  close(report.ok("inotify_init1", SYS_inotify_init1, {O_CLOEXEC})
            .ret("res")
            .num("flags", 4096)
            .fd());
  report.fails("inotify_init1", EINVAL, SYS_inotify_init1, {1}).ret("res").num("flags", 0);
  close(report.ok("epoll_create", SYS_epoll_create, {5}).ret("res").num("size", 5).fd());
  report.fails("epoll_create", EINVAL, SYS_epoll_create, {-4}).ret("res").num("size", -4);
  close(report.ok("epoll_create1", SYS_epoll_create1, {O_CLOEXEC}).ret("res").num("flags", 1).fd());
  report.fails("epoll_create1", EINVAL, SYS_epoll_create1, {1}).ret("res").num("flags", 0);
  close(report.ok("userfaultfd", SYS_userfaultfd, {O_CLOEXEC | O_NONBLOCK})
            .ret("res")
            .num("flags", 4096 | 64)
            .fd());
  report.fails("userfaultfd", EINVAL, SYS_userfaultfd, {O_APPEND}).ret("res").num("flags", 8);
}

void memory_file_cases(Report& report) {
  close(report.ok("memfd_create", SYS_memfd_create, {"a name", MFD_CLOEXEC | MFD_ALLOW_SEALING})
            .ret("fd")
            .text("name", "a name")
            .num("flags", 3)
            .fd());
  report.fails("memfd_create", EINVAL, SYS_memfd_create, {"another", 0x8000})
      .ret("fd")
      .text("name", "another")
      .num("flags", 0);
}

void process_descriptor_cases(Report& report) {
  const int process = report.ok("pidfd_open", SYS_pidfd_open, {getpid(), 0})
                          .ret("fd")
                          .num("pid", getpid())
                          .num("flags", 0)
                          .fd();
  report.fails("pidfd_open", EINVAL, SYS_pidfd_open, {-7, O_NONBLOCK})
      .ret("fd")
      .num("pid", -7)
      .num("flags", 1);
  close(report.ok("pidfd_getfd", SYS_pidfd_getfd, {process, 0, 0})
            .ret("fd")
            .num("pid_fd", process)
            .num("target_fd", 0)
            .num("flags", 0)
            .fd());
  report.fails("pidfd_getfd", EBADF, SYS_pidfd_getfd, {-1, 3, 0})
      .ret("fd")
      .num("pid_fd", -1)
      .num("target_fd", 3)
      .num("flags", 0);
  close(process);
}

}  // namespace

void descriptor_calls(Report& report) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) return;
  copy_cases(report, ends[0]);
  close(ends[0]);
  close(ends[1]);
  pipe_cases(report);
  event_cases(report);
  report.skip("eventfd", true, "only the lack of descriptors makes it fail");
  report.skip("inotify_init", true, "only the lack of descriptors makes it fail");
  watch_cases(report);
  memory_file_cases(report);
  process_descriptor_cases(report);
}

}  // namespace calls
