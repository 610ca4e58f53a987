// setsockopt and getsockopt: the value in the form that the option has.
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <cerrno>

#include "tests/live/calls/encode.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

/// Alternatives of the value: bytes, -errno, 32 and 64 bits, time in ns.
constexpr char kBytes = 0, kError = 1, k32 = 2, k64 = 3, kTime = 4;

std::string value(char kind, const std::string& bytes) { return std::string(1, kind) + bytes; }

}  // namespace

void option_calls(Report& report) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int size = 8192;
  report.ok("setsockopt", SYS_setsockopt, {fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size})
      .ret("res")
      .num("fd", fd)
      .num("level", 1)
      .num("optname", 8)
      .bytes("val", value(k32, raw(size)))
      .num("optlen", 4);
  const timeval time{5, 250'000};
  report.ok("setsockopt", SYS_setsockopt, {fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time})
      .ret("res")
      .num("fd", fd)
      .num("level", 1)
      .num("optname", 20)
      .bytes("val", value(kTime, raw(uint64_t{5'250'000'000})))
      .num("optlen", sizeof time);
  const linger ending{1, 3};
  report.ok("setsockopt", SYS_setsockopt, {fd, SOL_SOCKET, SO_LINGER, &ending, sizeof ending})
      .ret("res")
      .num("fd", fd)
      .num("level", 1)
      .num("optname", 13)
      .bytes("val", value(kBytes, raw(ending)))
      .num("optlen", sizeof ending);
  const int one = 1;
  report.ok("setsockopt", SYS_setsockopt, {fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one})
      .ret("res")
      .num("fd", fd)
      .num("level", 2)
      .num("optname", 0)  // options of other levels have no names
      .bytes("val", value(kBytes, raw(one)))
      .num("optlen", 4);
  report.fails("setsockopt", EBADF, SYS_setsockopt, {-1, SOL_SOCKET, SO_KEEPALIVE, &one, 4})
      .ret("res")
      .num("fd", -1)
      .num("level", 1)
      .num("optname", 9)
      .bytes("val", value(k32, raw(one)))
      .num("optlen", 4);

  int error = 77;
  socklen_t length = sizeof error;
  report.ok("getsockopt", SYS_getsockopt, {fd, SOL_SOCKET, SO_ERROR, &error, &length})
      .ret("res")
      .num("fd", fd)
      .num("level", 1)
      .num("optname", 4)
      .bytes("val", value(kError, raw(int64_t{0})))
      .num("optlen", 4);
  uint64_t cookie = 0;
  length = sizeof cookie;
  {
    Measured got =
        report.ok("getsockopt", SYS_getsockopt, {fd, SOL_SOCKET, SO_COOKIE, &cookie, &length});
    got.ret("res").num("fd", fd).num("level", 1).num("optname", 53);
    got.bytes("val", value(k64, raw(cookie))).num("optlen", 8);
  }
  report.fails("getsockopt", EFAULT, SYS_getsockopt, {fd, SOL_SOCKET, SO_TYPE, &error, nullptr})
      .ret("res")
      .num("fd", fd)
      .num("level", 1)
      .num("optname", 3)
      .bytes("val", value(k32, raw(0)))
      .num("optlen", 0);
  close(fd);
}

}  // namespace calls
