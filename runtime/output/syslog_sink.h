// Alerts to the host's syslog (`syslog_output`), each at its priority's level. Speaks to the socket
// itself: the C library's function waits for a syslog that stands still.
#pragma once

#include <string>

#include "runtime/output/sink.h"

namespace falcod {

class SyslogSink final : public Sink {
 public:
  /// `identity` is what entries begin with, the program's name.
  explicit SyslogSink(std::string identity, std::string socket_path = "/dev/log");
  ~SyslogSink() override;
  SyslogSink(const SyslogSink&) = delete;
  SyslogSink& operator=(const SyslogSink&) = delete;

  std::string_view name() const override { return "syslog"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;

 private:
  std::string connect();
  void close();
  std::string entry(const Message& message) const;

  std::string identity_;
  std::string path_;
  int fd_ = -1;
  bool stream_ = false;
};

}  // namespace falcod
