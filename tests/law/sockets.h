// Sockets of every kind that rules about descriptors tell apart, at known descriptors.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace falcoc::law {

/// Kinds, in the order of their descriptors from Sockets::open()'s `first` on.
enum class SocketKind : uint8_t {
  TCP_CLIENT,
  TCP_SERVER,
  TCP6_CLIENT,
  TCP6_SERVER,
  TCP_MAPPED,  ///< an IPv6 socket that speaks IPv4
  UDP_CONNECTED,
  // From here on without a peer that the kernel knows.
  LISTENER,
  TCP_NEW,
  UDP_BOUND,
  UNIX,
  NETLINK,
  PACKETLESS,  ///< ICMP, or TCP_NEW again where that is not allowed
  PIPE,
  EVENTFD,
  EPOLL,
};
inline constexpr int kSockets = static_cast<int>(SocketKind::EPOLL) + 1;
inline constexpr int kConnectedSockets = static_cast<int>(SocketKind::UDP_CONNECTED) + 1;

/// Whether connect made it (true) or accept; only of those that are connected.
constexpr bool is_client(int kind) {
  return kind != static_cast<int>(SocketKind::TCP_SERVER) &&
         kind != static_cast<int>(SocketKind::TCP6_SERVER);
}

/// Opens them at `first` and the numbers behind it. Returns the ports that they have, which rules
/// are to ask about. The rest of what it opens stays open.
std::expected<std::vector<uint16_t>, std::string> open_sockets(int first);

}  // namespace falcoc::law
