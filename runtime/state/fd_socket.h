// Sockets among descriptors: endpoints, names and kinds as Falco prints them. Inner header of
// fd_info.
#pragma once

#include "runtime/capture/event.h"
#include "runtime/state/fd_info.h"

namespace falcod {

/// Family, protocol, state and both addresses of a socket's fc_fd.
void apply_socket_item(const fc_fd& fd, FdInfo& out);

/// `client->server`, or the one address of a bound socket, from what is filled in.
void name_socket(FdInfo& out);

/// Identity of the socket behind the event's parameter `index`, 0 if unknown.
uint64_t socket_cookie(const Event& event, int index);

/// A SOCKTUPLE or SOCKADDR parameter. Source and destination as encoded; `path` for unix.
struct SocketTuple {
  uint16_t family = 0;  ///< 0 = empty or invalid
  Endpoint source, destination;
  uint64_t unix_source = 0, unix_destination = 0;
  std::string_view path;
};
SocketTuple parse_tuple(const Param& param);
SocketTuple parse_address(const Param& param);  ///< fills source

}  // namespace falcod
