// Sockets among a capture's descriptors, see CapturedFds.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "runtime/state/captured_fds.h"
#include "runtime/state/fd_socket.h"
#include "runtime/state/params.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using scap::FdKind;
using Role = FdInfo::Role;

enum L4 : uint8_t { UNKNOWN, NONE, TCP, UDP, ICMP, RAW };
constexpr uint64_t kCloseOnExec = 4096;  // file_flags in flags.def
constexpr uint8_t kLoopbackNetwork = 127;

bool is_zero(const Endpoint& endpoint) {
  return std::ranges::all_of(endpoint.address, [](char byte) { return byte == 0; });
}

bool same_address(const Endpoint& a, const Endpoint& b) {
  return a.size == b.size && a.address == b.address;
}

bool in_subnet(const Endpoint& endpoint, const Endpoint& address, const Endpoint& netmask) {
  if (endpoint.size != address.size || address.size != netmask.size) return false;
  for (size_t i = 0; i < address.size; ++i) {
    if (((endpoint.address[i] ^ address.address[i]) & netmask.address[i]) != 0) return false;
  }
  return true;
}

bool is_ip(FdKind kind) { return kind >= FdKind::IPV4_SOCKET && kind <= FdKind::IPV6_SERVER; }

FdKind kind_of_family(uint16_t family) {
  switch (family) {
    case AF_INET:
      return FdKind::IPV4_SOCKET;
    case AF_INET6:
      return FdKind::IPV6_SOCKET;
    case AF_UNIX:
      return FdKind::UNIX_SOCKET;
    case AF_NETLINK:
      return FdKind::NETLINK;
    default:
      return FdKind::UNKNOWN;
  }
}

uint8_t l4_of(uint64_t protocol, uint64_t type) {
  constexpr uint64_t kTypeMask = 0xff;
  const uint64_t base = type & kTypeMask;
  switch (protocol) {
    case 0:
      return base == SOCK_STREAM ? TCP : base == SOCK_DGRAM ? UDP : UNKNOWN;
    case IPPROTO_TCP:
      return TCP;
    case IPPROTO_UDP:
      return UDP;
    case IPPROTO_ICMP:
      return base == SOCK_RAW ? RAW : ICMP;
    case IPPROTO_RAW:
      return RAW;
    default:
      return UNKNOWN;
  }
}

std::string unix_name(const SocketTuple& tuple) {
  return fmt::format("{:x}->{:x} {}", tuple.unix_source, tuple.unix_destination, tuple.path);
}

Param tuple_param(const Event& event) {
  for (size_t i = 0; i < event.info->params.size(); ++i) {
    if (event.info->params[i].type == falcoc::ParamType::SOCKTUPLE) return param_at(event, i);
  }
  return {};
}

int64_t fd_number(const Event& event) {
  const int index = find_param(*event.info, "fd");
  return index < 0 ? -1 : signed_of(param_at(event, static_cast<size_t>(index)));
}

}  // namespace

/// Gives an IP socket the name of its endpoints; true if that is another one.
bool CapturedFds::rename_socket(Fd& fd) {
  std::string name;
  const bool ports = fd.l4 == TCP || fd.l4 == UDP;
  if (fd.kind == FdKind::IPV4_SERVER || fd.kind == FdKind::IPV6_SERVER) {
    name = endpoint_text(fd.source);
  } else if (fd.l4 == UNKNOWN) {
    name = "<unknown>";
  } else {
    append_endpoint(name, fd.source, ports);
    name += "->";
    append_endpoint(name, fd.destination, ports);
  }
  if (name == fd.name) return false;
  fd.name = fd.name_raw = std::move(name);
  return true;
}

void CapturedFds::make_socket(const Event& event, int64_t pid) {
  Fd fd;
  fd.kind = kind_of_family(static_cast<uint16_t>(unsigned_of(param_at(event, 1))));
  fd.l4 = l4_of(unsigned_of(param_at(event, 3)), unsigned_of(param_at(event, 2)));
  fd.close_on_exec = (unsigned_of(param_at(event, 4)) & kCloseOnExec) != 0;
  put(pid, event.ret, std::move(fd));
}

void CapturedFds::bind(const Event& event, int64_t pid) {
  const int64_t number = fd_number(event);
  Fd* fd = find(pid, number);
  if (fd == nullptr) return;
  const SocketTuple address = parse_address(param_at(event, 1));
  if (address.family == 0) return;
  std::string name;
  if (address.family == AF_UNIX) {
    name = address.path;
  } else if (address.source.size != 0) {
    Endpoint local = address.source;
    if (local.port > 0) {
      if (local.size == 16 && is_zero(local)) {  // `::` speaks both
        local.size = 4;
      }
      fd->kind = local.size == 4 ? FdKind::IPV4_SERVER : FdKind::IPV6_SERVER;
      fd->role = Role::SERVER;
      fd->source = local;
      fd->destination = Endpoint{};
    }
    name = endpoint_text(address.source);
  } else {
    return;
  }
  if (name == fd->name) return;
  fd->name = fd->name_raw = std::move(name);
  changed_fd_ = number;
}

void CapturedFds::connect(const Event& event, int64_t pid) {
  if (event.ret < 0 && event.ret != -EINPROGRESS) return;
  const int64_t number = fd_number(event);
  Fd* fd = find(pid, number);
  if (fd == nullptr) return;
  const SocketTuple tuple = parse_tuple(param_at(event, 1));
  const SocketTuple asked = parse_address(param_at(event, 3));
  fd->connected = event.ret >= 0;
  if (tuple.family == AF_UNIX) {
    std::string name = unix_name(tuple);
    if (fd->role == Role::UNKNOWN) fd->role = Role::CLIENT;
    if (name == fd->name) return;
    fd->name = fd->name_raw = std::move(name);
    changed_fd_ = number;
    return;
  }
  if (!is_ip(fd->kind)) return;
  if (tuple.family != AF_INET && tuple.family != AF_INET6) {
    // The driver saw nothing of the socket: what was asked for is all that is known.
    if (asked.source.size != 0) fd->destination = asked.source;
    if (fd->role == Role::UNKNOWN) fd->role = Role::CLIENT;
    return;
  }
  const bool changed = fd->source != tuple.source || fd->destination != tuple.destination;
  fd->source = tuple.source;
  fd->destination = tuple.destination;
  if (asked.source.size != 0 && same_address(asked.source, tuple.destination)) {
    fd->destination = asked.source;
  }
  const bool both_v4 = fd->source.size == 4 && fd->destination.size == 4;
  fd->kind = both_v4 ? FdKind::IPV4_SOCKET : FdKind::IPV6_SOCKET;
  if (changed && fd->role == Role::SERVER && fd->l4 == UDP) std::swap(fd->source, fd->destination);
  if (rename_socket(*fd)) changed_fd_ = number;
  if (fd->role == Role::UNKNOWN) fd->role = Role::CLIENT;
}

void CapturedFds::accept(const Event& event, int64_t pid) {
  const SocketTuple tuple = parse_tuple(param_at(event, 1));
  Fd fd;
  fd.role = Role::SERVER;
  fd.connected = true;
  fd.l4 = TCP;
  if (tuple.family == AF_UNIX) {
    fd.kind = FdKind::UNIX_SOCKET;
    fd.name = fd.name_raw = unix_name(tuple);
  } else if (tuple.family == AF_INET || tuple.family == AF_INET6) {
    fd.kind = kind_of_family(tuple.family);
    fd.source = tuple.source;
    fd.destination = tuple.destination;
    rename_socket(fd);
  } else {
    return;
  }
  if (event.info->code == EventCode::ACCEPT4) {
    fd.close_on_exec = (unsigned_of(param_at(event, 5)) & SOCK_CLOEXEC) != 0;
  }
  put(pid, event.ret, std::move(fd));
}

/// A datagram socket bound to no address takes the one that its peer must have used.
void CapturedFds::patch_zero_address(Fd& fd) const {
  const bool source = is_zero(fd.source);
  if (source == is_zero(fd.destination)) return;
  Endpoint& own = source ? fd.source : fd.destination;
  const Endpoint& peer = source ? fd.destination : fd.source;
  const auto take = [&](const Endpoint& address) {
    const uint16_t port = own.port;
    own = address;
    own.port = port;
  };
  for (const Interface& interface : interfaces_) {
    if (same_address(interface.address, peer)) return take(peer);
  }
  for (const Interface& interface : interfaces_) {
    if (in_subnet(peer, interface.address, interface.netmask)) return take(interface.address);
  }
  for (const Interface& interface : interfaces_) {
    const bool loopback = interface.address.size == 4 &&
                          interface.address.address[0] == static_cast<char>(kLoopbackNetwork);
    if (interface.address.size == own.size && !loopback) return take(interface.address);
  }
}

void CapturedFds::transfer(const Event& event, int64_t pid, bool is_send) {
  const int64_t number = fd_number(event);
  const SocketTuple tuple = parse_tuple(tuple_param(event));
  Fd* fd = find(pid, number);
  const bool inet = tuple.family == AF_INET || tuple.family == AF_INET6;
  if (fd == nullptr) {
    if (!is_send || !inet || event.info->code == EventCode::SENDMMSG) return;
    Fd made;
    made.kind = kind_of_family(tuple.family);
    made.l4 = UDP;
    fd = put(pid, number, std::move(made));
    if (fd == nullptr) return;
  }
  if (is_ip(fd->kind)) fd->connected = true;
  if (tuple.family == 0 || (!fd->name.empty() && fd->l4 == TCP)) return;
  if (!is_ip(fd->kind)) {
    if (fd->kind != FdKind::UNIX_SOCKET || tuple.family != AF_UNIX) return;
    std::string name = unix_name(tuple);
    if (name == fd->name) return;
    fd->name = fd->name_raw = std::move(name);
    changed_fd_ = number;
    return;
  }
  if (!inet) return;
  const bool same = fd->source == tuple.source && fd->destination == tuple.destination;
  const bool mirrored = fd->source == tuple.destination && fd->destination == tuple.source;
  if (same || mirrored) return;

  fd->source = tuple.source;
  if (fd->destination.size == 0 || is_zero(fd->destination)) fd->destination = tuple.destination;
  if (fd->kind == FdKind::IPV4_SERVER) fd->kind = FdKind::IPV4_SOCKET;
  if (fd->l4 == UNKNOWN) fd->l4 = UDP;
  patch_zero_address(*fd);
  const bool v6 = fd->kind == FdKind::IPV6_SOCKET || fd->kind == FdKind::IPV6_SERVER;
  if (fd->role == Role::UNKNOWN) {
    fd->role = v6 || is_send ? Role::CLIENT : Role::SERVER;
  }
  if (fd->role == (is_send ? Role::SERVER : Role::CLIENT)) std::swap(fd->source, fd->destination);
  if (fd->kind == FdKind::IPV6_SERVER) {
    std::string name = endpoint_text(fd->source) + "->" + endpoint_text(fd->destination);
    if (name != fd->name) {
      fd->name = fd->name_raw = std::move(name);
      changed_fd_ = number;
    }
  } else if (rename_socket(*fd)) {
    changed_fd_ = number;
  }
}

}  // namespace falcod
