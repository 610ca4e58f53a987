// Sockets: endpoints, roles and names, see fd_socket.h and FdTable.
#include "runtime/state/fd_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "compiler/catalog/descriptors.h"
#include "runtime/capture/decode.h"
#include "runtime/state/params.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::EventFlag;
using Role = FdInfo::Role;

constexpr size_t kSocketLimit = 65536;            // sockets whose role is remembered
constexpr uint16_t kUsualFirstEphemeral = 32768;  // Linux's default where procfs is not readable

Endpoint make_endpoint(const void* address, size_t size, uint16_t port) {
  static constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  Endpoint endpoint;
  const char* bytes = static_cast<const char*>(address);
  if (size == 16 && std::memcmp(bytes, kMapped.data(), kMapped.size()) == 0) {
    bytes += kMapped.size();
    size = 4;
  }
  std::memcpy(endpoint.address.data(), bytes, size);
  endpoint.size = static_cast<uint8_t>(size);
  endpoint.port = port;
  return endpoint;
}

bool is_zero(const Endpoint& endpoint) {
  return std::ranges::all_of(endpoint.address, [](char byte) { return byte == 0; });
}

bool has_ports(const FdInfo& fd) {
  return fd.socket_type != SOCK_RAW && fd.protocol != IPPROTO_ICMP && fd.protocol != IPPROTO_ICMPV6;
}

bool is_receive(EventCode code) {
  return code == EventCode::RECV || code == EventCode::RECVFROM || code == EventCode::RECVMSG ||
         code == EventCode::RECVMMSG;
}

bool is_send(EventCode code) {
  return code == EventCode::SEND || code == EventCode::SENDTO || code == EventCode::SENDMSG ||
         code == EventCode::SENDMMSG;
}

bool is_accept(EventCode code) { return code == EventCode::ACCEPT || code == EventCode::ACCEPT4; }

bool connect_went_on(const Event& event) { return event.ret == 0 || event.ret == -EINPROGRESS; }

uint16_t read_first_ephemeral_port() {
  std::FILE* file = std::fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
  if (file == nullptr) return kUsualFirstEphemeral;
  unsigned first = 0;
  const bool read = std::fscanf(file, "%u", &first) == 1;
  std::fclose(file);
  return read && first <= 0xffff ? static_cast<uint16_t>(first) : kUsualFirstEphemeral;
}

void set_type(FdInfo& out) {
  const falcoc::DescriptorType type = falcoc::socket_type(out.family);
  out.type_char = type.letter;
  out.type = type.name;
}

Param tuple_param(const Event& event) {
  for (size_t i = 0; i < event.info->params.size(); ++i) {
    if (event.info->params[i].type == falcoc::ParamType::SOCKTUPLE) return param_at(event, i);
  }
  return {};
}

/// Endpoints as this event's tuple has them: accept and receive calls write peer -> local, the
/// others local -> peer (SCAP notes, section 3).
void apply_tuple(const Event& event, const SocketTuple& tuple, FdInfo& out) {
  if (tuple.family == AF_UNIX) {
    out.name.clear();
    fmt::format_to(std::back_inserter(out.name), "{:x}->{:x} {}", tuple.unix_source,
                   tuple.unix_destination, tuple.path);
    return;
  }
  const EventCode code = event.info->code;
  const bool inbound = is_accept(code) || is_receive(code);
  const Endpoint& local = inbound ? tuple.destination : tuple.source;
  const Endpoint& remote = inbound ? tuple.source : tuple.destination;
  // A socket bound to no address in particular has none in the tuple either.
  if (out.local.size == 0 || !is_zero(local)) out.local = local;
  out.remote = remote;
}

}  // namespace

void append_endpoint(std::string& out, const Endpoint& endpoint, bool with_port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(endpoint.size == 16 ? AF_INET6 : AF_INET, endpoint.address.data(), text.data(),
            text.size());
  out += text.data();
  if (with_port) fmt::format_to(std::back_inserter(out), ":{}", endpoint.port);
}

std::string endpoint_text(const Endpoint& endpoint, bool with_port) {
  std::string out;
  append_endpoint(out, endpoint, with_port);
  return out;
}

SocketTuple parse_tuple(const Param& param) {
  SocketTuple tuple;
  if (param.size == 0) return tuple;
  const char* bytes = param.data + 1;
  const auto port_at = [&](size_t offset) {
    uint16_t port = 0;
    std::memcpy(&port, bytes + offset, sizeof port);
    return port;
  };
  const auto family = static_cast<uint8_t>(param.data[0]);
  if (family == AF_INET || family == AF_INET6) {
    const size_t size = family == AF_INET ? 4 : 16;
    if (param.size < 1 + 2 * (size + 2)) return tuple;
    tuple.source = make_endpoint(bytes, size, port_at(size));
    tuple.destination = make_endpoint(bytes + size + 2, size, port_at(2 * size + 2));
    tuple.family = tuple.source.size == 4 && tuple.destination.size == 4 ? AF_INET : AF_INET6;
  } else if (family == AF_UNIX && param.size >= 18) {
    std::memcpy(&tuple.unix_source, bytes, 8);
    std::memcpy(&tuple.unix_destination, bytes + 8, 8);
    tuple.path = text_of({bytes + 16, param.size - 17});
    tuple.family = AF_UNIX;
  } else if (family != AF_UNIX) {
    tuple.family = family;
  }
  return tuple;
}

SocketTuple parse_address(const Param& param) {
  SocketTuple address;
  if (param.size == 0) return address;
  const char* bytes = param.data + 1;
  const auto family = static_cast<uint8_t>(param.data[0]);
  if (family == AF_INET || family == AF_INET6) {
    const size_t size = family == AF_INET ? 4 : 16;
    if (param.size < 1 + size + 2) return address;
    uint16_t port = 0;
    std::memcpy(&port, bytes + size, sizeof port);
    address.source = make_endpoint(bytes, size, port);
    address.family = address.source.size == 4 ? AF_INET : AF_INET6;
  } else if (family == AF_UNIX) {
    address.path = text_of({bytes, param.size - 1});
    address.family = AF_UNIX;
  } else {
    address.family = family;
  }
  return address;
}

void apply_socket_item(const fc_fd& fd, FdInfo& out) {
  out.family = fd.family;
  out.socket_type = fd.socket_type;
  out.protocol = fd.protocol;
  if (fd.role == FC_ROLE_CLIENT) out.role = Role::CLIENT;
  if (fd.role == FC_ROLE_SERVER) out.role = Role::SERVER;
  if (fd.family == AF_INET || fd.family == AF_INET6) {
    const size_t size = fd.family == AF_INET ? 4 : 16;
    out.local = make_endpoint(fd.local_addr, size, fd.local_port);
    out.remote = make_endpoint(fd.remote_addr, size, fd.remote_port);
    // A refused connection leaves the address, but no port.
    if (out.remote.port == 0 && (has_ports(out) || is_zero(out.remote))) out.remote = Endpoint{};
    if (out.local.size == 4 && (out.remote.size == 4 || out.remote.size == 0)) {
      // `::` bound for both families counts as IPv6 until a peer shows which one is spoken.
      if (fd.family == AF_INET || out.remote.size == 4) out.family = AF_INET;
    }
    out.connected = falcoc::is_connected_state(fd.tcp_state);
    out.listening = fd.tcp_state == falcoc::kTcpListen;
    set_type(out);
  } else if (fd.family == AF_UNIX) {
    const std::string_view path(fd.unix_path, strnlen(fd.unix_path, sizeof fd.unix_path));
    if (!path.empty() || fd.peer_cookie != 0) {
      out.name.clear();
      fmt::format_to(std::back_inserter(out.name), "{:x}->{:x} {}", fd.socket_cookie,
                     fd.peer_cookie, path);
    }
  }
}

void name_socket(FdInfo& out) {
  if (!out.is_ip()) return;
  out.name.clear();
  if (out.remote.size != 0) {
    const bool ports = has_ports(out);
    const bool server = out.role == Role::SERVER;
    append_endpoint(out.name, server ? out.remote : out.local, ports);
    out.name += "->";
    append_endpoint(out.name, server ? out.local : out.remote, ports);
  } else if (out.local.size != 0 && out.local.port != 0) {
    append_endpoint(out.name, out.local, true);
  }
}

uint64_t socket_cookie(const Event& event, int index) {
  Item item;
  if (event.record == nullptr || !find_item(*event.record, FC_ITEM_FD, index, item) ||
      item.bytes.size() < offsetof(fc_fd, socket_cookie) + sizeof(uint64_t)) {
    return 0;
  }
  uint64_t cookie = 0;
  std::memcpy(&cookie, item.bytes.data() + offsetof(fc_fd, socket_cookie), sizeof cookie);
  return cookie;
}

FdTable::FdTable() : first_ephemeral_port_(read_first_ephemeral_port()) {}

FdTable::Socket& FdTable::remember(uint64_t cookie) {
  const auto [found, is_new] = sockets_.try_emplace(cookie);
  Socket& socket = found->second;
  if (!is_new) {
    recency_.splice(recency_.begin(), recency_, socket.recency);
    return socket;
  }
  recency_.push_front(cookie);
  socket.recency = recency_.begin();
  if (sockets_.size() > kSocketLimit) {
    sockets_.erase(recency_.back());
    recency_.pop_back();
  }
  return socket;
}

Role FdTable::guess_role(const FdInfo& fd) const {
  if (listened_ports_.contains(fd.local.port)) return Role::SERVER;
  if (fd.local.port < first_ephemeral_port_ && fd.remote.port >= first_ephemeral_port_) {
    return Role::SERVER;
  }
  return Role::CLIENT;
}

void FdTable::recall_socket(uint64_t cookie, FdInfo& out) const {
  if (out.family == 0) return;
  const auto found = sockets_.find(cookie);
  const Socket* const known = found == sockets_.end() ? nullptr : &found->second;
  if (!out.is_ip()) {
    if (known != nullptr && out.name.empty()) out.name = known->name;
    return;
  }
  if (known != nullptr && out.remote.size == 0) out.remote = known->remote;
  if (out.role == Role::UNKNOWN && out.remote.size != 0) {
    out.role = known != nullptr && known->role != Role::UNKNOWN ? known->role : guess_role(out);
  }
  name_socket(out);
}

void FdTable::describe_socket(const Event& event, uint64_t cookie, FdInfo& out) {
  const EventCode code = event.info->code;
  const SocketTuple tuple = parse_tuple(tuple_param(event));
  const bool bind = code == EventCode::BIND && event.ret == 0;
  const SocketTuple bound = bind ? parse_address(param_at(event, 1)) : SocketTuple{};
  if (code == EventCode::SOCKET && out.family == 0) {
    out.family = static_cast<uint16_t>(unsigned_of(param_at(event, 1)));
    out.socket_type = static_cast<uint8_t>(unsigned_of(param_at(event, 2)) & 0xf);
    out.protocol = static_cast<uint8_t>(unsigned_of(param_at(event, 3)));
  }
  if (tuple.family != 0 && (out.family == 0 || (out.is_ip() && tuple.family != AF_UNIX))) {
    out.family = tuple.family;
  }
  if (bound.family != 0 && out.family == 0) out.family = bound.family;
  if (out.family == 0) return;
  set_type(out);
  out.has_name = out.type_char != 'o';
  if (!out.has_name) return;

  const bool usable = code != EventCode::CONNECT || connect_went_on(event);
  if (tuple.family != 0 && usable) apply_tuple(event, tuple, out);
  if (bind && bound.family == AF_UNIX) out.name = bound.path;
  if (bind && bound.source.size != 0 && out.local.size == 0) out.local = bound.source;
  if (is_accept(code) && out.protocol == 0 && out.is_ip()) out.protocol = IPPROTO_TCP;
  if (out.protocol == 0 && out.socket_type == SOCK_STREAM && out.is_ip())
    out.protocol = IPPROTO_TCP;
  if (out.protocol == 0 && out.socket_type == SOCK_DGRAM && out.is_ip()) out.protocol = IPPROTO_UDP;

  Socket unnamed;
  Socket& socket = cookie != 0 ? remember(cookie) : unnamed;
  // Cookies are addresses: a new socket may have that of an old one.
  if (code == EventCode::SOCKET || is_accept(code)) {
    socket.role = Role::UNKNOWN;
    socket.name.clear();
    socket.remote = Endpoint{};
  }
  if (out.role != Role::UNKNOWN) socket.role = out.role;
  if (is_accept(code)) {
    socket.role = Role::SERVER;
    out.connected = true;
  }
  if (code == EventCode::CONNECT && connect_went_on(event)) {
    if (socket.role == Role::UNKNOWN) socket.role = Role::CLIENT;
    if (cookie == 0) out.connected = event.ret == 0;
  }

  if (out.is_ip()) {
    // An unconnected socket keeps the peer of its last datagram, as Falco's table does.
    if (tuple.family != 0 && !out.connected) socket.remote = out.remote;
    if (out.remote.size == 0) out.remote = socket.remote;
    if (out.local.port != 0 && (out.listening || code == EventCode::LISTEN || is_accept(code))) {
      if (listened_ports_.size() < 0x10000) listened_ports_.insert(out.local.port);
    }
    const bool alone = out.remote.size == 0;
    if (alone && out.local.port != 0) {
      out.listening = true;
      out.role = Role::SERVER;
    } else if (!alone) {
      const bool datagram = out.protocol != IPPROTO_TCP;
      if (socket.role == Role::UNKNOWN && datagram && (is_send(code) || is_receive(code))) {
        socket.role = is_send(code) ? Role::CLIENT : Role::SERVER;
      }
      out.role = socket.role != Role::UNKNOWN ? socket.role : guess_role(out);
    }
    name_socket(out);
  } else {
    out.role = socket.role;
    if (tuple.family == 0 && !bind && !socket.name.empty()) out.name = socket.name;
  }
  const bool can_rename =
      code == EventCode::CONNECT || code == EventCode::BIND || is_send(code) || is_receive(code);
  out.name_changed = can_rename && out.name != socket.name;
  out.name_raw = out.name;
  if (cookie != 0) socket.name = out.name;
}

}  // namespace falcod
