#include "tests/law/sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace falcoc::law {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Address address_of(const char* text, uint16_t port = 0) {
  Address address{};
  if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
  } else {
    inet_pton(AF_INET6, text, &address.v6.sin6_addr);
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
  }
  return address;
}

socklen_t size_of(const Address& address) {
  return address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6;
}

class Opener {
 public:
  explicit Opener(int first) : first_(first) {}

  bool run() {
    const int listener = bound(SOCK_STREAM, "127.0.0.5");
    const int listener6 = bound(SOCK_STREAM, "::1");
    if (listen(listener, 4) != 0 || listen(listener6, 4) != 0) return false;
    if (!put_pair(SocketKind::TCP_CLIENT, listener, "127.0.0.6")) return false;
    if (!put_pair(SocketKind::TCP6_CLIENT, listener6, "::1")) return false;

    const int mapped = socket(AF_INET6, SOCK_STREAM, 0);
    Address to = address_of("::ffff:127.0.0.5", port_of(listener));
    if (connect(mapped, &to.any, size_of(to)) != 0) return false;
    const int datagrams = bound(SOCK_DGRAM, "127.0.0.7");
    to = address_of("127.0.0.8", 9);
    if (connect(datagrams, &to.any, size_of(to)) != 0) return false;
    int ends[2] = {-1, -1};
    int pipe_ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || pipe(pipe_ends) != 0) return false;
    int icmp = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    if (icmp < 0) icmp = socket(AF_INET, SOCK_STREAM, 0);
    return put(SocketKind::TCP_MAPPED, mapped) && put(SocketKind::UDP_CONNECTED, datagrams) &&
           put(SocketKind::LISTENER, listener) &&
           put(SocketKind::TCP_NEW, socket(AF_INET, SOCK_STREAM, 0)) &&
           put(SocketKind::UDP_BOUND, bound(SOCK_DGRAM, "127.0.0.9")) &&
           put(SocketKind::UNIX, ends[0]) &&
           put(SocketKind::NETLINK, socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)) &&
           put(SocketKind::PACKETLESS, icmp) && put(SocketKind::PIPE, pipe_ends[0]) &&
           put(SocketKind::EVENTFD, eventfd(0, 0)) && put(SocketKind::EPOLL, epoll_create1(0));
  }

  std::vector<uint16_t> ports() && { return std::move(ports_); }

 private:
  int bound(int type, const char* address) {
    const Address own = address_of(address);
    const int fd = socket(own.any.sa_family, type, 0);
    if (fd < 0 || bind(fd, &own.any, size_of(own)) != 0) return -1;
    port_of(fd);
    return fd;
  }

  uint16_t port_of(int fd) {
    Address own{};
    socklen_t size = sizeof own;
    if (getsockname(fd, &own.any, &size) != 0) return 0;
    const uint16_t port = ntohs(own.any.sa_family == AF_INET ? own.v4.sin_port : own.v6.sin6_port);
    ports_.push_back(port);
    return port;
  }

  /// A connection from `address` to the listener: `client` and the kind behind it.
  bool put_pair(SocketKind client, int listener, const char* address) {
    const int fd = bound(SOCK_STREAM, address);
    Address to{};
    socklen_t size = sizeof to;
    if (getsockname(listener, &to.any, &size) != 0 || connect(fd, &to.any, size) != 0) return false;
    const int server = accept(listener, nullptr, nullptr);
    return put(client, fd) && put(static_cast<SocketKind>(static_cast<int>(client) + 1), server);
  }

  bool put(SocketKind kind, int fd) const {
    return fd >= 0 && dup2(fd, first_ + static_cast<int>(kind)) >= 0 && close(fd) == 0;
  }

  int first_;
  std::vector<uint16_t> ports_;
};

}  // namespace

std::expected<std::vector<uint16_t>, std::string> open_sockets(int first) {
  Opener opener(first);
  if (!opener.run()) return std::unexpected(fmt::format("sockets: {}", std::strerror(errno)));
  return std::move(opener).ports();
}

}  // namespace falcoc::law
