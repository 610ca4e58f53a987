#include "tests/support/loopback_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>

namespace falcod::test {

LoopbackListener listen_on_loopback() {
  constexpr int kBacklog = 64;
  LoopbackListener listener{.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.fd, where, size) != 0 || ::listen(listener.fd, kBacklog) != 0 ||
      ::getsockname(listener.fd, where, &size) != 0) {
    throw std::runtime_error("no port on loopback");
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

}  // namespace falcod::test
