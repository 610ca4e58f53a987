// Reading, writing and moving data.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr size_t kSnapshot = 80;  // bytes of data that an event shows

void write_cases(Report& report, int fd) {
  const std::string long_text(200, 'w');
  report.ok("write", SYS_write, {fd, long_text.data(), long_text.size()})
      .ret("res")
      .bytes("data", long_text.substr(0, kSnapshot))
      .num("fd", fd)
      .num("size", 200);
  report.fails("write", EBADF, SYS_write, {-1, "lost", 4})
      .ret("res")
      .bytes("data", "lost")
      .num("fd", -1)
      .num("size", 4);
  report.ok("pwrite", SYS_pwrite64, {fd, "at nine", 7, 9})
      .ret("res")
      .bytes("data", "at nine")
      .num("fd", fd)
      .num("size", 7)
      .num("pos", 9);
  report.fails("pwrite", EINVAL, SYS_pwrite64, {fd, "x", 1, -1})
      .ret("res")
      .bytes("data", "x")
      .num("fd", fd)
      .num("size", 1)
      .num("pos", -1);
  char one[] = "one", two[] = " and two";
  const iovec parts[] = {{one, 3}, {two, 8}};
  report.ok("writev", SYS_writev, {fd, parts, 2})
      .ret("res")
      .bytes("data", "one and two")
      .num("fd", fd)
      .num("size", 11);
  report.fails("writev", EBADF, SYS_writev, {-1, parts, 2})
      .ret("res")
      .bytes("data", "one and two")
      .num("fd", -1)
      .num("size", 11);
  report.ok("pwritev", SYS_pwritev, {fd, parts, 2, 0, 0})
      .ret("res")
      .bytes("data", "one and two")
      .num("fd", fd)
      .num("size", 11)
      .num("pos", 0);
  report.fails("pwritev", EBADF, SYS_pwritev, {-1, parts, 1, 5, 0})
      .ret("res")
      .bytes("data", "one")
      .num("fd", -1)
      .num("size", 3)
      .num("pos", 5);
}

/// The file begins with "one and two".
void read_cases(Report& report, int fd) {
  char buffer[16]{}, rest[16]{};
  lseek(fd, 0, SEEK_SET);
  report.ok("read", SYS_read, {fd, buffer, 3})
      .ret("res")
      .bytes("data", "one")
      .num("fd", fd)
      .num("size", 3);
  report.fails("read", EBADF, SYS_read, {-1, buffer, 16})
      .ret("res")
      .empty("data")
      .num("fd", -1)
      .num("size", 16);
  report.ok("pread", SYS_pread64, {fd, buffer, 3, 4})
      .ret("res")
      .bytes("data", "and")
      .num("fd", fd)
      .num("size", 3)
      .num("pos", 4);
  report.fails("pread", EINVAL, SYS_pread64, {fd, buffer, 3, -5})
      .ret("res")
      .empty("data")
      .num("fd", fd)
      .num("size", 3)
      .num("pos", -5);
  lseek(fd, 0, SEEK_SET);
  const iovec parts[] = {{buffer, 4}, {rest, 3}};
  report.ok("readv", SYS_readv, {fd, parts, 2})
      .ret("res")
      .num("size", 7)
      .bytes("data", "one and")
      .num("fd", fd);
  report.fails("readv", EBADF, SYS_readv, {-1, parts, 2})
      .ret("res")
      .num("size", 0)
      .empty("data")
      .num("fd", -1);
  report.ok("preadv", SYS_preadv, {fd, parts, 2, 4, 0})
      .ret("res")
      .num("size", 7)
      .bytes("data", "and two")
      .num("fd", fd)
      .num("pos", 4);
  report.fails("preadv", EBADF, SYS_preadv, {-1, parts, 2, 1, 0})
      .ret("res")
      .num("size", 0)
      .empty("data")
      .num("fd", -1)
      .num("pos", 1);
}

void seek_cases(Report& report, int fd) {
  report.ok("lseek", SYS_lseek, {fd, 3, SEEK_SET})
      .ret("res")
      .num("fd", fd)
      .num("offset", 3)
      .num("whence", 0);
  report.fails("lseek", EINVAL, SYS_lseek, {fd, -100, SEEK_CUR})
      .ret("res")
      .num("fd", fd)
      .num("offset", -100)
      .num("whence", 1);
}

void move_cases(Report& report, int fd) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) return;
  const int other = open("copy", O_RDWR | O_CREAT, 0600);
  loff_t offset = 1, target = 2;
  report.ok("sendfile", SYS_sendfile, {ends[1], fd, &offset, 5})
      .ret("res")
      .num("offset", 6)  // as the call left it
      .num("out_fd", ends[1])
      .num("in_fd", fd)
      .num("size", 5);
  report.fails("sendfile", EBADF, SYS_sendfile, {-1, fd, nullptr, 9})
      .ret("res")
      .num("offset", 0)
      .num("out_fd", -1)
      .num("in_fd", fd)
      .num("size", 9);
  report.ok("splice", SYS_splice, {ends[0], nullptr, other, nullptr, 5, 1 | 2})
      .ret("res")
      .num("fd_in", ends[0])
      .num("fd_out", other)
      .num("size", 5)
      .num("flags", 3);
  report.fails("splice", EBADF, SYS_splice, {-1, nullptr, other, nullptr, 7, 4})
      .ret("res")
      .num("fd_in", -1)
      .num("fd_out", other)
      .num("size", 7)
      .num("flags", 4);
  offset = 0;
  report.ok("copy_file_range", SYS_copy_file_range, {fd, &offset, other, &target, 4, 0})
      .ret("res")
      .num("fdin", fd)
      .address("offin", &offset)
      .num("fdout", other)
      .address("offout", &target)
      .num("len", 4);
  report.fails("copy_file_range", EBADF, SYS_copy_file_range, {fd, nullptr, -1, nullptr, 4, 0})
      .ret("res")
      .num("fdin", fd)
      .num("offin", 0)
      .num("fdout", -1)
      .num("offout", 0)
      .num("len", 4);
  close(ends[0]);
  close(ends[1]);
  close(other);
}

void remote_cases(Report& report) {
  char from[] = "of this process", to[32]{};
  const iovec local{to, 15}, remote{from, 15};
  report.ok("process_vm_readv", SYS_process_vm_readv, {getpid(), &local, 1, &remote, 1, 0})
      .ret("res")
      .num("pid", getpid())
      .bytes("data", from);
  report
      .fails("process_vm_readv", EINVAL, SYS_process_vm_readv,
             {getpid(), &local, 1, &remote, 1, 99})
      .ret("res")
      .num("pid", getpid())
      .empty("data");
  const iovec source{from, 7};
  report.ok("process_vm_writev", SYS_process_vm_writev, {getpid(), &source, 1, &local, 1, 0})
      .ret("res")
      .num("pid", getpid())
      .bytes("data", "of this");
  report
      .fails("process_vm_writev", EINVAL, SYS_process_vm_writev,
             {getpid(), &source, 1, &local, 1, 99})
      .ret("res")
      .num("pid", getpid())
      .empty("data");
}

}  // namespace

void data_calls(Report& report) {
  const int fd = open("data", O_RDWR | O_CREAT, 0600);
  write_cases(report, fd);
  read_cases(report, fd);
  seek_cases(report, fd);
  move_cases(report, fd);
  remote_cases(report);
  close(fd);
}

}  // namespace calls
