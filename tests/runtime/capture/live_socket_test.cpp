// Sockets on this kernel: both ends of a connection, and names as programs gave them.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/runtime/capture/scenario.h"

using namespace falcod;
using namespace falcod::test;

namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A listening socket on a free port of the loopback interface.
int listener(uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 5) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return -1;
  }
  port = ntohs(address.sin_port);
  return fd;
}

std::string ip4_tuple(uint32_t from, uint16_t from_port, uint32_t to, uint16_t to_port) {
  std::string tuple(1, AF_INET);
  from = htonl(from);
  to = htonl(to);
  tuple.append(reinterpret_cast<const char*>(&from), 4);
  tuple.append(reinterpret_cast<const char*>(&from_port), 2);
  tuple.append(reinterpret_cast<const char*>(&to), 4);
  tuple.append(reinterpret_cast<const char*>(&to_port), 2);
  return tuple;
}

}  // namespace

TEST_CASE("connect and accept show both ends of a connection") {
  uint16_t port = 0, client_port = 0;
  const int server = listener(port);
  REQUIRE(server >= 0);
  const auto events = watch({"connect", "accept4", "accept", "sendto"}, [&] {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(port);
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    const int accepted = static_cast<int>(syscall(SYS_accept4, server, nullptr, nullptr, 0));
    if (send(client, "hello", 5, 0) != 5 || accepted < 0) return;
  });
  close(server);
  if (events.empty()) return;
  const Seen* connect = find(events, "connect");
  REQUIRE(connect != nullptr);
  client_port = connect->fd().local_port;
  CHECK(client_port != 0);
  CHECK(connect->number("res") == 0);
  CHECK(connect->bytes("tuple") == ip4_tuple(INADDR_LOOPBACK, client_port, INADDR_LOOPBACK, port));
  CHECK(connect->bytes("addr").substr(5) == std::string(reinterpret_cast<char*>(&port), 2));
  CHECK(connect->fd().protocol == IPPROTO_TCP);
  const Seen* accept = find(events, "accept4");
  REQUIRE(accept != nullptr);
  CHECK(accept->fd().fd == accept->ret());
  CHECK(accept->bytes("tuple") == ip4_tuple(INADDR_LOOPBACK, client_port, INADDR_LOOPBACK, port));
  CHECK(accept->number("queuemax") == 5);
  const Seen* send = find(events, "sendto");
  REQUIRE(send != nullptr);
  CHECK(send->bytes("data") == "hello");
  CHECK(send->bytes("tuple") == ip4_tuple(INADDR_LOOPBACK, client_port, INADDR_LOOPBACK, port));
}

TEST_CASE("a refused connection names the address that was tried") {
  const auto events = watch({"connect"}, [] {
    const int client = socket(AF_INET6, SOCK_STREAM, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(1);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
    connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address);
  });
  if (events.empty()) return;
  const Seen* connect = find(events, "connect");
  REQUIRE(connect != nullptr);
  CHECK(connect->number("res") == -ECONNREFUSED);
  CHECK(connect->bytes("tuple").empty());  // of connections only, as in Falco
  const std::string address = connect->bytes("addr");
  REQUIRE(address.size() == 7);  // IPv4: mapped addresses are
  CHECK(address.substr(1) == std::string("\x7f\x00\x00\x01\x01\x00", 6));
}

TEST_CASE("unix sockets show their path and the address of both ends") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/socket";
  const auto events = watch({"bind", "connect"}, [&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    listen(server, 1);
    connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address);
  });
  if (events.empty()) return;
  const Seen* bind = find(events, "bind");
  REQUIRE(bind != nullptr);
  CHECK(bind->bytes("addr") == std::string(1, AF_UNIX) + path + '\0');
  const Seen* connect = find(events, "connect");
  REQUIRE(connect != nullptr);
  CHECK(connect->bytes("tuple").substr(17) == path + '\0');
  CHECK(connect->fd().peer_cookie != 0);
}

TEST_CASE("the name of an abstract unix socket ends where the program said") {
  const auto events = watch({"connect"}, [&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto size = [](size_t name) {
      return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name);
    };
    // what the kernel's memory holds behind a short name: longer ones that are gone
    for (int i = 0; i < 64; ++i) {
      std::memset(address.sun_path + 1, 'x', 12);
      const int earlier = socket(AF_UNIX, SOCK_STREAM, 0);
      bind(earlier, reinterpret_cast<sockaddr*>(&address), size(12));
      close(earlier);
    }
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    std::memcpy(address.sun_path + 1, "short", 5);
    if (bind(server, reinterpret_cast<sockaddr*>(&address), size(5)) != 0) return;
    listen(server, 1);
    connect(client, reinterpret_cast<sockaddr*>(&address), size(5));
  });
  if (events.empty()) return;
  const Seen* connect = find(events, "connect");
  REQUIRE(connect != nullptr);
  CHECK(connect->bytes("tuple").substr(17) == std::string("short") + '\0');
}

TEST_CASE("a descriptor duplicated onto standard input is described as the socket it is") {
  uint16_t port = 0;
  const int server = listener(port);
  REQUIRE(server >= 0);
  const auto events = watch({"dup2"}, [&] {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(port);
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    dup2(client, 0);
  });
  close(server);
  if (events.empty()) return;
  const Seen* dup = find(events, "dup2");
  REQUIRE(dup != nullptr);
  CHECK(dup->ret() == 0);
  CHECK(dup->fd().fd == 0);
  CHECK(dup->fd().family == AF_INET);
  CHECK(dup->fd().remote_port == port);
  CHECK(dup->number("newfd") == 0);
}
TEST_CASE("an event comes with the standard descriptors of its process where asked for") {
  uint16_t port = 0;
  const int server = listener(port);
  REQUIRE(server >= 0);
  const auto source =
      open_source({.wanted = events_named({"execve", "getppid", "getuid", "procexit"}),
                   .details = {.standard_fds = events_named({"execve", "getppid", "procexit"})}});
  if (!source) {
    close(server);
    return;
  }
  const auto events = watch(*source, [&] {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(port);
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    dup2(client, 0);
    dup2(open("/dev/null", O_WRONLY), 1);
    close(2);
    syscall(SYS_getuid);
    syscall(SYS_getppid);
    execl("/bin/true", "true", nullptr);
  });
  close(server);
  const auto standard = [](const Seen& event, int number) {
    Item item;
    fc_fd fd{};
    REQUIRE(find_item(event.record(), FC_ITEM_STANDARD_FD, number, item));
    REQUIRE(item.bytes.size() == sizeof fd);
    std::memcpy(&fd, item.bytes.data(), sizeof fd);
    return fd;
  };
  for (const char* name : {"getppid", "execve", "procexit"}) {
    CAPTURE(name);
    const Seen* event = find(events, name);
    REQUIRE(event != nullptr);
    CHECK(standard(*event, 0).family == AF_INET);
    CHECK(standard(*event, 0).remote_port == port);
    CHECK(standard(*event, 2).fd == 2);
    CHECK(standard(*event, 2).mode == 0);  // closed
    CHECK(S_ISCHR(standard(*event, 1).mode));
    CHECK(event->item(FC_ITEM_STANDARD_FD_PATH, 1) == "/dev/null");
  }
  const Seen* without = find(events, "getuid");
  REQUIRE(without != nullptr);
  Item item;
  CHECK_FALSE(find_item(without->record(), FC_ITEM_STANDARD_FD, kAnyIndex, item));
}
