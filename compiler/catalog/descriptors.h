// Which descriptor an event is about, and what kinds of descriptors are called (fd.type,
// fd.typechar). Knows the catalog only.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/catalog/catalog.h"

namespace falcoc {

/// fd.typechar and fd.type; a kind without a name has an empty one, as fd.type is absent then.
struct DescriptorType {
  char letter = 'o';
  std::string_view name;

  bool is_ip() const { return letter == '4' || letter == '6'; }
  bool operator==(const DescriptorType&) const = default;
};

/// By FC_ANON_* of probe/abi.h: files without a path.
DescriptorType anonymous_type(uint16_t kind);
/// By AF_*.
DescriptorType socket_type(uint16_t family);
/// By the mode of an inode that is none of these.
DescriptorType file_type(uint32_t mode);

/// The same by the one byte that the probe makes of all three, FC_FD_TYPE_* of probe/abi.h.
DescriptorType descriptor_type(uint8_t code);
inline constexpr uint8_t kClosedDescriptor = 0;     ///< FC_FD_TYPE_CLOSED
inline constexpr uint8_t kDescriptorOfMode = 16;    ///< FC_FD_TYPE_MODE
inline constexpr uint8_t kDescriptorOfSocket = 32;  ///< FC_FD_TYPE_SOCKET
inline constexpr uint8_t kDescriptorCodes = 96;     ///< FC_FD_TYPE_COUNT

/// States of the kernel's enum in <net/tcp_states.h>.
inline constexpr uint8_t kTcpListen = 10;
inline constexpr uint8_t kTcpStates = 32;  ///< none is as high
/// Data flows or flowed; datagram sockets are ESTABLISHED once connect(2) was called.
constexpr bool is_connected_state(uint8_t state) {
  constexpr uint32_t kConnected = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11;
  return state < kTcpStates && (kConnected >> state & 1) != 0;
}

/// How an event that makes a descriptor presents it: also the type it reports where it failed.
struct DescriptorMaker {
  EventCode event{};
  DescriptorType type;
  int8_t fd_param = 0;      ///< which parameter is the event's descriptor
  int8_t path_param = -1;   ///< path of an open
  int8_t flags_param = -1;  ///< of an open
};

/// Null: the event makes none, or one that is like another (dup and its kin).
const DescriptorMaker* descriptor_maker(EventCode event);

/// Calls that make a socket the client or the server of a connection.
EventSet connecting_events();

/// Index of the parameter that is the event's descriptor, -1 if there is none.
int descriptor_param(const EventInfo& event, bool failed);

}  // namespace falcoc
