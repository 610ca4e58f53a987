// Sockets: making, connecting, ending them.
#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/live/calls/encode.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

void make_cases(Report& report) {
  close(report.ok("socket", SYS_socket, {AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP})
            .ret("fd")
            .num("domain", 10)
            .num("type", SOCK_DGRAM | SOCK_CLOEXEC)
            .num("proto", IPPROTO_UDP)
            .num("flags", 0)
            .fd());
  report.fails("socket", EINVAL, SYS_socket, {AF_INET, 99, 0})
      .ret("fd")
      .num("domain", 2)
      .num("type", 99)
      .num("proto", 0)
      .num("flags", 0);
  int pair[2] = {-1, -1};
  report.ok("socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, pair})
      .ret("res")
      .num("fd1", pair[0])
      .num("fd2", pair[1])
      .kernel("source")
      .kernel("peer")
      .num("domain", 1)
      .num("type", SOCK_STREAM)
      .num("proto", 0);
  close(pair[0]);
  close(pair[1]);
  report.fails("socketpair", EOPNOTSUPP, SYS_socketpair, {AF_INET, SOCK_STREAM, 0, pair})
      .ret("res")
      .num("fd1", -1)
      .num("fd2", -1)
      .num("source", 0)
      .num("peer", 0)
      .num("domain", 2)
      .num("type", SOCK_STREAM)
      .num("proto", 0);
}

void bind_cases(Report& report) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::string("a-socket").copy(name.sun_path, sizeof name.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  report.ok("bind", SYS_bind, {fd, &name, sizeof name})
      .ret("res")
      .bytes("addr", unix_address("a-socket"))
      .num("fd", fd);
  const sockaddr_in address = loopback(9);
  report.fails("bind", EBADF, SYS_bind, {-1, &address, sizeof address})
      .ret("res")
      .bytes("addr", loopback_address(9))
      .num("fd", -1);
  report.ok("listen", SYS_listen, {fd, 4}).ret("res").num("fd", fd).num("backlog", 4);
  report.fails("listen", EBADF, SYS_listen, {-1, -2}).ret("res").num("fd", -1).num("backlog", -2);
  close(fd);
}

void connect_cases(Report& report) {
  const int server = bound_socket(SOCK_STREAM);
  listen(server, 6);
  const uint16_t port = port_of(server);
  const sockaddr_in address = loopback(port);
  for (const bool with_flags : {false, true}) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    {
      Measured connected = report.ok("connect", SYS_connect, {client, &address, sizeof address});
      connected.ret("res").bytes("tuple", loopback_tuple(port_of(client), port));
      connected.num("fd", client).bytes("addr", loopback_address(port));
    }
    const char* event = with_flags ? "accept4" : "accept";
    Measured accepted =
        with_flags ? report.ok(event, SYS_accept4, {server, nullptr, nullptr, SOCK_CLOEXEC})
                   : report.ok(event, SYS_accept, {server, nullptr, nullptr});
    accepted.ret("fd").bytes("tuple", loopback_tuple(port_of(client), port));
    accepted.num("queuepct", 0).num("queuelen", 0).num("queuemax", 6);
    if (with_flags) accepted.num("flags", SOCK_CLOEXEC);
    close(accepted.fd());
    close(client);
  }
  report.fails("accept", EBADF, SYS_accept, {-1, nullptr, nullptr})
      .ret("fd")
      .empty("tuple")
      .num("queuepct", 0)
      .num("queuelen", 0)
      .num("queuemax", 0);
  report.fails("accept4", EBADF, SYS_accept4, {-1, nullptr, nullptr, SOCK_NONBLOCK})
      .ret("fd")
      .empty("tuple")
      .num("queuepct", 0)
      .num("queuelen", 0)
      .num("queuemax", 0)
      .num("flags", SOCK_NONBLOCK);
  close(server);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  report.fails("connect", ECONNREFUSED, SYS_connect, {client, &address, sizeof address})
      .ret("res")
      .empty("tuple")
      .num("fd", client)
      .bytes("addr", loopback_address(port));
  close(client);
}

void end_cases(Report& report) {
  int pair[2] = {-1, -1};
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  report.ok("shutdown", SYS_shutdown, {pair[0], SHUT_WR})
      .ret("res")
      .num("fd", pair[0])
      .num("how", 1);
  report.fails("shutdown", EBADF, SYS_shutdown, {-1, SHUT_RDWR})
      .ret("res")
      .num("fd", -1)
      .num("how", 2);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  report.ok("getsockname", SYS_getsockname, {pair[0], &address, &size});
  report.fails("getsockname", EBADF, SYS_getsockname, {-1, &address, &size});
  report.ok("getpeername", SYS_getpeername, {pair[0], &address, &size});
  report.fails("getpeername", EBADF, SYS_getpeername, {-1, &address, &size});
  close(pair[0]);
  close(pair[1]);
}

}  // namespace

void socket_calls(Report& report) {
  make_cases(report);
  bind_cases(report);
  connect_cases(report);
  end_cases(report);
}

}  // namespace calls
