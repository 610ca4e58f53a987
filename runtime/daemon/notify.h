// What systemd wants to hear of a service of Type=notify: datagrams to the socket that it names
// (sd_notify's protocol). Does nothing elsewhere.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace falcod {

class Notifier {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Reads NOTIFY_SOCKET and WATCHDOG_USEC, and takes them out of the environment, so that children
  /// do not speak for falcod.
  static Notifier from_environment();

  void ready(std::string_view status) const;
  void stopping() const;
  /// Says that falcod lives, twice as often as it has to. To be called by the match loop.
  void alive(Time now);

 private:
  void send(std::string_view text) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
  Time next_{};
};

}  // namespace falcod
