// Descriptors of events: kinds, names, endpoints, roles.
#include "runtime/state/fd_info.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/support/record_builder.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::EventBuilder;
using testing::ip_address;
using testing::ip_socket;
using testing::ip_tuple;
using testing::RecordBuilder;
using testing::unix_tuple;
using Role = FdInfo::Role;

constexpr uint16_t kind(EventCode code) { return static_cast<uint16_t>(code); }

struct Fixture {
  FdTable table;
  Process process;
  FdInfo fd;

  Fixture() { process.cwd = "/home/user/"; }

  const FdInfo& describe(EventBuilder event) {
    table.describe(event.event(), process, fd);
    return fd;
  }

  /// An event on fd 5 with what the kernel says of it.
  EventBuilder on(EventCode code, const fc_fd& item, int64_t ret = 0, std::string_view path = {}) {
    EventBuilder event(code);
    const bool creates = code == EventCode::ACCEPT4 || code == EventCode::SOCKET;
    const auto param = static_cast<uint8_t>(creates ? 0 : index_of_fd(code));
    RecordBuilder record(kind(code));
    record.ret(ret).structure(FC_ITEM_FD, item, param);
    if (!path.empty()) record.text(FC_ITEM_FD_PATH, path, param);
    event.record(record).ret(ret);
    if (!creates) event.number("fd", 5);
    return event;
  }

  static size_t index_of_fd(EventCode code) {
    const auto params = falcoc::find_event(code)->params;
    for (size_t i = 1; i < params.size(); ++i) {
      if (params[i].name == "fd") return i;
    }
    return 0;
  }
};

EventBuilder openat(std::string_view path, int64_t flags, int64_t result) {
  EventBuilder event(EventCode::OPENAT);
  event.ret(result).number("dirfd", AT_FDCWD).text("name", path).number("flags", flags);
  event.number("dev", 0x100003).number("ino", 99);
  return event;
}

TEST_CASE_FIXTURE(Fixture, "an opened file is named as passed, made absolute") {
  describe(openat("notes/../list", 1, 3));
  CHECK(fd.known);
  CHECK_EQ(fd.number, 3);
  CHECK_EQ(fd.type_char, 'f');
  CHECK_EQ(fd.type, "file");
  CHECK_EQ(fd.name, "/home/user/list");
  CHECK_EQ(fd.name_raw, "notes/../list");
  CHECK_EQ(fd.dev, 0x100003);
  CHECK_EQ(fd.ino, 99);
  CHECK_EQ(describe(openat("/etc", 1024, 3)).type_char, 'd');
  CHECK_EQ(describe(openat("/x", 1 | 32768, 3)).layer, 1);
  CHECK_EQ(describe(openat("/x", 1 | 65536, 3)).layer, 2);
}

TEST_CASE_FIXTURE(Fixture, "a failed open has number -1, but a name and a type") {
  describe(openat("/etc/shadow", 1, -EACCES));
  CHECK(fd.known);
  CHECK_EQ(fd.number, -1);
  CHECK_EQ(fd.type_char, 'f');
  CHECK_EQ(fd.name, "/etc/shadow");
  CHECK_EQ(fd.ino, 0);
}

TEST_CASE_FIXTURE(Fixture, "events without a descriptor have none") {
  EventBuilder event(EventCode::KILL);
  CHECK_FALSE(describe(event.ret(0)).known);
  EventBuilder unlink(EventCode::UNLINK);
  CHECK_FALSE(describe(unlink.ret(0).text("path", "/x")).known);
}

TEST_CASE("a standard descriptor has the name and role that its socket is known by") {
  constexpr uint64_t kCookie = 77;
  FdTable table;
  const Process process;
  FdInfo fd;
  // a low port at the other end: the ports alone would make this side the client
  const fc_fd socket = ip_socket(4, kCookie, IPPROTO_TCP, "10.0.0.2", 60000, "10.0.0.9", 22);
  EventBuilder accept(EventCode::ACCEPT4);
  accept
      .record(
          RecordBuilder(static_cast<uint16_t>(EventCode::ACCEPT4)).structure(FC_ITEM_FD, socket, 0))
      .ret(4)
      .bytes("tuple", ip_tuple("10.0.0.9", 22, "10.0.0.2", 60000));
  table.describe(accept.event(), process, fd);
  REQUIRE(fd.role == Role::SERVER);

  EventBuilder exec(RecordBuilder(static_cast<uint16_t>(EventCode::EXECVE))
                        .structure(FC_ITEM_STANDARD_FD, socket, 0)
                        .structure(FC_ITEM_STANDARD_FD, fc_fd{}, 1));
  REQUIRE(table.describe_item(exec.event(), FC_ITEM_STANDARD_FD, 0, fd));
  CHECK(fd.number == 0);
  CHECK(fd.type == "ipv4");
  CHECK(fd.role == Role::SERVER);
  CHECK(fd.name == "10.0.0.9:22->10.0.0.2:60000");
  CHECK_FALSE(table.describe_item(exec.event(), FC_ITEM_STANDARD_FD, 1, fd));  // closed
  CHECK_FALSE(table.describe_item(exec.event(), FC_ITEM_STANDARD_FD, 2, fd));  // not told
}

TEST_CASE_FIXTURE(Fixture, "the kind of a used descriptor comes from the kernel's file") {
  struct Kind {
    uint32_t mode;
    uint16_t anon_kind;
    char type_char;
    const char* type;
    const char* path;
    const char* name;
  };
  const Kind kinds[] = {
      {S_IFREG | 0644, FC_ANON_NONE, 'f', "file", "/etc/hosts", "/etc/hosts"},
      {S_IFCHR | 0620, FC_ANON_NONE, 'f', "file", "/dev/pts/0", "/dev/pts/0"},
      {S_IFDIR | 0755, FC_ANON_NONE, 'd', "directory", "/etc", "/etc"},
      {S_IFIFO | 0600, FC_ANON_NONE, 'p', "pipe", "", ""},
      {S_IFIFO | 0600, FC_ANON_NONE, 'p', "pipe", "/run/fifo", "/run/fifo"},
      {0600, FC_ANON_EVENTFD, 'e', "event", "", ""},
      {0600, FC_ANON_EVENTPOLL, 'l', "eventpoll", "", ""},
      {0600, FC_ANON_SIGNALFD, 's', "signalfd", "", ""},
      {0600, FC_ANON_TIMERFD, 't', "timerfd", "", ""},
      {0600, FC_ANON_INOTIFY, 'i', "inotify", "", ""},
      {0600, FC_ANON_BPF, 'b', "bpf", "", ""},
      {0600, FC_ANON_USERFAULTFD, 'u', "userfaultfd", "", ""},
      {0600, FC_ANON_IO_URING, 'r', "io_uring", "", ""},
      {0600, FC_ANON_PIDFD, 'P', "pidfd", "", ""},
      {S_IFREG | 0777, FC_ANON_MEMFD, 'm', "memfd", "memfd:payload", "payload"},
      {0600, FC_ANON_OTHER, 'X', "", "", ""},
  };
  for (const Kind& each : kinds) {
    CAPTURE(each.type);
    fc_fd item{};
    item.mode = each.mode;
    item.anon_kind = each.anon_kind;
    item.ino = 7;
    describe(on(EventCode::READ, item, 10, each.path));
    CHECK_EQ(fd.number, 5);
    CHECK_EQ(fd.type_char, each.type_char);
    CHECK_EQ(fd.type, each.type);
    CHECK_EQ(fd.name, each.name);
    CHECK_EQ(fd.ino, 7);
  }
}

TEST_CASE_FIXTURE(Fixture, "a number that is not open is known by its number alone") {
  describe(on(EventCode::READ, fc_fd{}, -EBADF));
  CHECK(fd.known);
  CHECK_EQ(fd.number, 5);
  CHECK_EQ(fd.type_char, 'o');
  CHECK_FALSE(fd.has_name);
}

TEST_CASE_FIXTURE(Fixture, "dup is about the new descriptor, if there is one") {
  EventBuilder event(EventCode::DUP2);
  event.number("oldfd", 5).number("newfd", 1);
  CHECK_EQ(describe(event.ret(1)).number, 1);
  CHECK_EQ(describe(event.ret(-EBADF)).number, 5);
}

TEST_CASE_FIXTURE(Fixture, "connect makes a client, and later events remember it") {
  auto connect =
      on(EventCode::CONNECT, ip_socket(5, 0xabc, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443));
  connect.bytes("tuple", ip_tuple("10.0.0.2", 40000, "10.0.0.9", 443));
  describe(connect);
  CHECK_EQ(fd.type_char, '4');
  CHECK_EQ(fd.name, "10.0.0.2:40000->10.0.0.9:443");
  CHECK_EQ(fd.role, Role::CLIENT);
  CHECK(fd.connected);
  CHECK(fd.name_changed);
  CHECK_EQ(fd.server()->port, 443);

  describe(on(EventCode::WRITE,
              ip_socket(5, 0xabc, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443), 10));
  CHECK_EQ(fd.role, Role::CLIENT);
  CHECK_FALSE(fd.name_changed);
}

TEST_CASE_FIXTURE(Fixture,
                  "a connection under way is not connected yet, a refused one has no name") {
  auto item = ip_socket(5, 1, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443);
  item.tcp_state = 2;  // SYN_SENT
  describe(on(EventCode::CONNECT, item, -EINPROGRESS));
  CHECK_FALSE(fd.connected);
  CHECK_EQ(fd.role, Role::CLIENT);
  CHECK_EQ(fd.name, "10.0.0.2:40000->10.0.0.9:443");

  auto refused =
      on(EventCode::CONNECT, ip_socket(5, 2, IPPROTO_TCP, "", 0, "10.0.0.9", 0), -ECONNREFUSED);
  refused.bytes("tuple", ip_tuple("10.0.0.2", 40000, "10.0.0.9", 443));
  describe(refused);
  CHECK_EQ(fd.name, "");
}

TEST_CASE_FIXTURE(Fixture, "accept makes a server: the client stands first in the name") {
  auto accept = on(EventCode::ACCEPT4,
                   ip_socket(7, 0xdef, IPPROTO_TCP, "10.0.0.9", 443, "10.0.0.2", 40000), 7);
  accept.bytes("tuple", ip_tuple("10.0.0.2", 40000, "10.0.0.9", 443));
  describe(accept);
  CHECK_EQ(fd.number, 7);
  CHECK_EQ(fd.name, "10.0.0.2:40000->10.0.0.9:443");
  CHECK_EQ(fd.role, Role::SERVER);
  CHECK(fd.connected);
  CHECK_EQ(fd.client()->port, 40000);
  CHECK_EQ(fd.local.port, 443);
}

TEST_CASE_FIXTURE(Fixture, "an address used again for a new socket does not inherit the role") {
  describe(on(EventCode::CONNECT, ip_socket(5, 9, IPPROTO_TCP, "10.0.0.2", 1, "10.0.0.9", 2)));
  auto item = ip_socket(5, 9, IPPROTO_TCP, "", 0, "", 0);
  describe(on(EventCode::SOCKET, item, 5));
  CHECK_EQ(fd.name, "");
  auto accept =
      on(EventCode::ACCEPT4, ip_socket(5, 9, IPPROTO_TCP, "10.0.0.2", 1, "10.0.0.9", 2), 5);
  CHECK_EQ(describe(accept).role, Role::SERVER);
}

TEST_CASE_FIXTURE(Fixture, "who serves an older connection is told by ports") {
  const auto seen = [&](uint16_t local, uint16_t remote) {
    return describe(
               on(EventCode::WRITE,
                  ip_socket(5, 1000u + local, IPPROTO_TCP, "10.0.0.2", local, "10.0.0.9", remote),
                  1))
        .role;
  };
  CHECK_EQ(seen(22, 50000), Role::SERVER);
  CHECK_EQ(seen(50000, 22), Role::CLIENT);
  CHECK_EQ(seen(50001, 50002), Role::CLIENT);

  SUBCASE("a port seen listening serves whatever its number") {
    auto item = ip_socket(5, 3, IPPROTO_TCP, "0.0.0.0", 50003, "", 0);
    item.tcp_state = 10;
    describe(on(EventCode::LISTEN, item));
    CHECK(fd.listening);
    CHECK_EQ(fd.name, "0.0.0.0:50003");
    CHECK_EQ(seen(50003, 60000), Role::SERVER);
  }
}

TEST_CASE_FIXTURE(Fixture, "the first datagram tells the roles, and each new peer renames") {
  const auto send = [&](std::string_view to, uint16_t port) {
    auto event = on(EventCode::SENDTO, ip_socket(5, 4, IPPROTO_UDP, "0.0.0.0", 33000, "", 0), 3);
    event.bytes("tuple", ip_tuple("0.0.0.0", 33000, to, port));
    describe(event);
  };
  send("8.8.8.8", 53);
  CHECK_EQ(fd.role, Role::CLIENT);
  CHECK_EQ(fd.name, "0.0.0.0:33000->8.8.8.8:53");
  CHECK(fd.name_changed);
  CHECK_FALSE(fd.connected);
  send("8.8.8.8", 53);
  CHECK_FALSE(fd.name_changed);
  send("1.1.1.1", 53);
  CHECK(fd.name_changed);

  auto receive = on(EventCode::RECVFROM, ip_socket(5, 5, IPPROTO_UDP, "10.0.0.9", 53, "", 0), 3);
  receive.bytes("tuple", ip_tuple("10.0.0.2", 33000, "10.0.0.9", 53));
  describe(receive);
  CHECK_EQ(fd.role, Role::SERVER);
  CHECK_EQ(fd.name, "10.0.0.2:33000->10.0.0.9:53");
}

TEST_CASE_FIXTURE(Fixture, "IPv4 spoken on an IPv6 socket is IPv4") {
  auto connect = on(EventCode::CONNECT,
                    ip_socket(5, 6, IPPROTO_TCP, "::ffff:10.0.0.2", 1, "::ffff:10.0.0.9", 2));
  describe(connect);
  CHECK_EQ(fd.type_char, '4');
  CHECK_EQ(fd.name, "10.0.0.2:1->10.0.0.9:2");
  describe(on(EventCode::CONNECT, ip_socket(5, 7, IPPROTO_TCP, "::1", 1, "2001:db8::1", 2)));
  CHECK_EQ(fd.type_char, '6');
  CHECK_EQ(fd.name, "::1:1->2001:db8::1:2");
}

TEST_CASE_FIXTURE(Fixture, "ports do not show where there are none") {
  auto item = ip_socket(5, 8, IPPROTO_ICMP, "10.0.0.2", 12, "10.0.0.9", 0);
  describe(on(EventCode::CONNECT, item));
  CHECK_EQ(fd.name, "10.0.0.2->10.0.0.9");
}

TEST_CASE_FIXTURE(Fixture, "a unix socket shows both ends and the path, and keeps the name") {
  fc_fd item{};
  item.mode = S_IFSOCK;
  item.family = AF_UNIX;
  item.socket_cookie = 0xff00;
  auto connect = on(EventCode::CONNECT, item);
  connect.bytes("tuple", unix_tuple(0xff00, 0xff10, "/dev/log"));
  describe(connect);
  CHECK_EQ(fd.type_char, 'u');
  CHECK_EQ(fd.type, "unix");
  CHECK_EQ(fd.name, "ff00->ff10 /dev/log");
  CHECK_EQ(fd.role, Role::CLIENT);
  CHECK_EQ(describe(on(EventCode::WRITE, item, 3)).name, "ff00->ff10 /dev/log");
}

TEST_CASE_FIXTURE(Fixture, "captures tell of sockets by parameters alone") {
  EventBuilder bind(EventCode::BIND);
  bind.ret(0).number("fd", 4).bytes("addr", ip_address("127.0.0.1", 80));
  describe(bind);
  CHECK_EQ(fd.name, "127.0.0.1:80");
  CHECK(fd.listening);
  EventBuilder connect(EventCode::CONNECT);
  connect.ret(0).number("fd", 4).bytes("tuple", ip_tuple("::1", 5, "::1", 6));
  describe(connect);
  CHECK_EQ(fd.type_char, '6');
  CHECK_EQ(fd.name, "::1:5->::1:6");
  CHECK(fd.connected);
  EventBuilder socket(EventCode::SOCKET);
  socket.ret(4).number("domain", AF_INET).number("type", SOCK_DGRAM).number("proto", 0);
  describe(socket);
  CHECK_EQ(fd.type_char, '4');
  CHECK_EQ(fd.protocol, IPPROTO_UDP);
}

TEST_CASE_FIXTURE(Fixture, "cut addresses are no addresses") {
  EventBuilder connect(EventCode::CONNECT);
  const std::string tuple = ip_tuple("10.0.0.1", 5, "10.0.0.2", 6);
  for (size_t size = 0; size < tuple.size(); ++size) {
    describe(connect.ret(0).number("fd", 4).bytes("tuple", tuple.substr(0, size)));
    CHECK_FALSE(fd.has_name);
  }
}

TEST_CASE_FIXTURE(Fixture, "tens of thousands of sockets are remembered, not more") {
  for (uint64_t i = 1; i <= 200'000; ++i) {
    describe(
        on(EventCode::CONNECT, ip_socket(5, i, IPPROTO_TCP, "10.0.0.2", 50, "10.0.0.9", 60000)));
  }
  // The oldest is forgotten: its role is guessed by ports again.
  describe(
      on(EventCode::WRITE, ip_socket(5, 1, IPPROTO_TCP, "10.0.0.2", 50, "10.0.0.9", 60000), 1));
  CHECK_EQ(fd.role, Role::SERVER);
  describe(on(EventCode::WRITE,
              ip_socket(5, 199'999, IPPROTO_TCP, "10.0.0.2", 50, "10.0.0.9", 60000), 1));
  CHECK_EQ(fd.role, Role::CLIENT);
}

TEST_CASE("descriptors named by other parameters are described for their text") {
  FdInfo fd;
  EventBuilder event(EventCode::OPENAT);
  event.number("dirfd", 7).text("name", "x");
  event.record(RecordBuilder(kind(EventCode::OPENAT)).text(FC_ITEM_DIR_PATH, "/data", 2));
  REQUIRE(describe_fd_param(event.event(), 1, fd));
  CHECK_EQ(fd.type_char, 'd');
  CHECK_EQ(fd.name, "/data");
}

}  // namespace
}  // namespace falcod
