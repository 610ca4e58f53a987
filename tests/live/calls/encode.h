// Falco's encodings of addresses, for expectations.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>

namespace calls {

template <typename Number>
std::string raw(Number value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// PT_SOCKADDR of 127.0.0.1.
inline std::string loopback_address(uint16_t port) {
  return std::string(1, AF_INET) + raw(htonl(INADDR_LOOPBACK)) + raw(port);
}

/// PT_SOCKTUPLE between two ports of 127.0.0.1.
inline std::string loopback_tuple(uint16_t from, uint16_t to) {
  return std::string(1, AF_INET) + raw(htonl(INADDR_LOOPBACK)) + raw(from) +
         raw(htonl(INADDR_LOOPBACK)) + raw(to);
}

/// PT_SOCKADDR of a unix socket.
inline std::string unix_address(const std::string& path) {
  return std::string(1, AF_UNIX) + path + '\0';
}

inline sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Host order; 0 if the socket has none.
inline uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// A socket bound to a free port of the loopback interface.
inline int bound_socket(int type) {
  const int fd = socket(AF_INET, type, 0);
  const sockaddr_in address = loopback(0);
  bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return fd;
}

}  // namespace calls
