// Socket addresses in Falco's encodings SOCKADDR and SOCKTUPLE (family byte first, ports as
// integers), made from what a program passed and from what the kernel's socket holds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "probe/abi.h"

namespace falcod {

/// A struct sockaddr as a program passed it. IPv4 in IPv6 becomes IPv4.
struct SocketAddress {
  uint16_t family = 0;  ///< AF_*, 0 = none
  uint16_t port = 0;    ///< host order
  std::array<uint8_t, 16> ip{};
  std::string_view path;  ///< AF_UNIX; without the NUL of an abstract name

  /// Nothing readable gives family 0.
  static SocketAddress parse(std::string_view sockaddr);
};

/// Longest encoding: unix tuple with a path of 108 bytes.
using SocketBytes = std::array<char, 1 + 2 * 8 + 108 + 1>;

struct EncodedSocket {
  SocketBytes bytes{};
  size_t size = 0;

  operator std::string_view() const { return {bytes.data(), size}; }
};

/// Empty for families that Falco does not encode.
EncodedSocket encode_address(const SocketAddress& address);

struct TupleOrder {
  bool peer_first;       ///< receiving calls and accept: peer -> local; else local -> peer
  bool prefer_socket;    ///< the socket's peer counts more than the address passed
  bool unix_peer_first;  ///< unix: whose socket address comes first
};
EncodedSocket encode_tuple(const fc_fd& fd, const SocketAddress& passed, TupleOrder order);

}  // namespace falcod
