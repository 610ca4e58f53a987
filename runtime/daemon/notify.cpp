// See notify.h.
#include "runtime/daemon/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>

namespace falcod {

namespace {

std::optional<uint64_t> number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view all(text);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), number);
  if (error != std::errc{} || end != all.data() + all.size()) return std::nullopt;
  return number;
}

}  // namespace

Notifier Notifier::from_environment() {
  Notifier notifier;
  if (const char* socket = std::getenv("NOTIFY_SOCKET"); socket != nullptr) {
    notifier.socket_ = socket;
  }
  const auto pid = number_in("WATCHDOG_PID");
  const auto period = number_in("WATCHDOG_USEC");
  if (period && *period != 0 && (!pid || *pid == static_cast<uint64_t>(::getpid()))) {
    notifier.watchdog_ = std::chrono::microseconds{*period};
  }
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}) ::unsetenv(name);
  return notifier;
}

void Notifier::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}\nMAINPID={}", status, ::getpid()));
}

void Notifier::stopping() const { send("STOPPING=1"); }

void Notifier::alive(Time now) {
  if (!watchdog_ || now < next_) return;
  next_ = now + *watchdog_ / 2;
  send("WATCHDOG=1");
}

void Notifier::send(std::string_view text) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
           reinterpret_cast<const sockaddr*>(&address), length);
  ::close(fd);
}

}  // namespace falcod
