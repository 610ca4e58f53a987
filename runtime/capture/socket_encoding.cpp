// SOCKADDR and SOCKTUPLE: SCAP section 3.
#include "runtime/capture/socket_encoding.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace falcod {
namespace {

void append(EncodedSocket& out, const void* data, size_t size) {
  if (size == 0) return;  // an unnamed socket: memcpy takes no null pointer, whatever the size
  std::memcpy(out.bytes.data() + out.size, data, size);
  out.size += size;
}

void append_path(EncodedSocket& out, std::string_view path) {
  constexpr size_t kPathBytes = 108;  // sun_path
  path = path.substr(0, std::min(path.find('\0'), kPathBytes));
  append(out, path.data(), path.size());
  append(out, "", 1);
}

void append_family(EncodedSocket& out, uint16_t family) {
  const auto byte = static_cast<uint8_t>(family);
  append(out, &byte, 1);
}

bool is_ip(uint16_t family) { return family == AF_INET || family == AF_INET6; }

size_t ip_bytes(uint16_t family) { return family == AF_INET ? 4 : 16; }

SocketAddress parse_ip6(std::string_view sockaddr, SocketAddress address) {
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  sockaddr_in6 in6{};
  if (sockaddr.size() < offsetof(sockaddr_in6, sin6_scope_id)) return {};
  std::memcpy(&in6, sockaddr.data(), std::min(sockaddr.size(), sizeof in6));
  address.port = ntohs(in6.sin6_port);
  std::memcpy(address.ip.data(), &in6.sin6_addr, 16);
  if (std::ranges::equal(kMapped, std::span(address.ip).first(12))) {
    address.family = AF_INET;
    std::copy_n(address.ip.begin() + 12, 4, address.ip.begin());
    std::fill(address.ip.begin() + 4, address.ip.end(), uint8_t{0});
  }
  return address;
}

struct End {
  std::array<uint8_t, 16> ip{};
  uint16_t port = 0;

  bool operator==(const End&) const = default;
};

EncodedSocket encode_unix_tuple(const fc_fd& fd, const SocketAddress& passed, TupleOrder order) {
  EncodedSocket out;
  uint64_t first = fd.socket_cookie, second = fd.peer_cookie;
  if (order.unix_peer_first) std::swap(first, second);
  append_family(out, AF_UNIX);
  append(out, &first, sizeof first);
  append(out, &second, sizeof second);
  const std::string_view path(fd.unix_path, sizeof fd.unix_path);
  append_path(out, path.front() != '\0' ? path : passed.path);
  return out;
}

}  // namespace

SocketAddress SocketAddress::parse(std::string_view sockaddr) {
  SocketAddress address;
  if (sockaddr.size() < sizeof address.family) return {};
  std::memcpy(&address.family, sockaddr.data(), sizeof address.family);
  if (address.family == AF_INET6) return parse_ip6(sockaddr, address);
  if (address.family == AF_INET) {
    sockaddr_in in{};
    if (sockaddr.size() < offsetof(sockaddr_in, sin_zero)) return {};
    std::memcpy(&in, sockaddr.data(), offsetof(sockaddr_in, sin_zero));
    address.port = ntohs(in.sin_port);
    std::memcpy(address.ip.data(), &in.sin_addr, 4);
  } else if (address.family == AF_UNIX) {
    std::string_view path = sockaddr.substr(offsetof(sockaddr_un, sun_path));
    if (path.starts_with('\0')) path.remove_prefix(1);
    address.path = path.substr(0, path.find('\0'));
  }
  return address;
}

EncodedSocket encode_address(const SocketAddress& address) {
  EncodedSocket out;
  if (!is_ip(address.family) && address.family != AF_UNIX) return out;
  append_family(out, address.family);
  if (address.family == AF_UNIX) {
    append_path(out, address.path);
  } else {
    append(out, address.ip.data(), ip_bytes(address.family));
    append(out, &address.port, sizeof address.port);
  }
  return out;
}

EncodedSocket encode_tuple(const fc_fd& fd, const SocketAddress& passed, TupleOrder order) {
  if (fd.family == AF_UNIX) return encode_unix_tuple(fd, passed, order);
  if (!is_ip(fd.family)) return {};
  uint16_t family = fd.family;
  End local{.ip = {}, .port = fd.local_port}, remote{.ip = {}, .port = fd.remote_port};
  std::copy_n(fd.local_addr, 16, local.ip.begin());
  std::copy_n(fd.remote_addr, 16, remote.ip.begin());
  const bool connected = remote.port != 0;  // a refused socket keeps the address, not the port
  if (is_ip(passed.family) && !(connected && order.prefer_socket)) {
    // a v4-mapped destination of an IPv6 socket: its own end is IPv4 too, or not yet known
    if (passed.family != family) {
      family = passed.family;
      local.ip = {};
    }
    remote = {passed.ip, passed.port};
  }
  if (local == End{} && remote == End{}) return {};
  if (order.peer_first) std::swap(local, remote);
  EncodedSocket out;
  append_family(out, family);
  for (const End& end : {local, remote}) {
    append(out, end.ip.data(), ip_bytes(family));
    append(out, &end.port, sizeof end.port);
  }
  return out;
}

}  // namespace falcod
