// Sockets of every kind that rules about descriptors tell apart, at known descriptors.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
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

/// Names that some of their addresses have, as getaddrinfo(3) reads them without a name server and
/// nobody writes addresses.
struct NamedAddress {
  std::string_view name;
  std::array<uint8_t, 4> address;
};
inline constexpr std::array kNamedAddresses{NamedAddress{"0x7f000005", {127, 0, 0, 5}},
                                            NamedAddress{"0x7f.0x8", {127, 0, 0, 8}}};

/// Opens them at `first` and the numbers behind it. Returns the ports that they have, which rules
/// are to ask about. The rest of what it opens stays open.
std::expected<std::vector<uint16_t>, std::string> open_sockets(int first);

}  // namespace falcoc::law
