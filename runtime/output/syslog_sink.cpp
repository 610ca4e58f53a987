// See syslog_sink.h. Entries are what the C library writes: RFC 3164 as local sockets speak it.
#include "runtime/output/syslog_sink.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "runtime/output/line_writer.h"

namespace falcod {

SyslogSink::SyslogSink(std::string identity, std::string socket_path)
    : identity_(std::move(identity)), path_(std::move(socket_path)) {}

SyslogSink::~SyslogSink() { close(); }

void SyslogSink::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

/// Returns the reason if it cannot be reached.
std::string SyslogSink::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    fd_ = ::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0) break;
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      stream_ = type == SOCK_STREAM;
      return {};
    }
    const int error = errno;
    close();
    errno = error;
    if (error != EPROTOTYPE) break;
  }
  return path_ + ": " + std::strerror(errno);
}

std::string SyslogSink::entry(const Message& message) const {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char time[32];
  std::strftime(time, sizeof time, "%b %e %H:%M:%S", &parts);
  return fmt::format("<{}>{} {}[{}]: {}", LOG_USER | static_cast<int>(message.priority), time,
                     identity_, ::getpid(), message.line);
}

WriteResult SyslogSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  while (result.written < batch.size()) {
    if (fd_ < 0) {
      if (std::string why = connect(); !why.empty()) {
        result.status = WriteResult::Status::RETRY;
        result.reason = std::move(why);
        return result;
      }
    }
    if (!wait_writable(fd_, stop_fd)) {
      result.status = WriteResult::Status::STOPPED;
      return result;
    }
    std::string text = entry(batch[result.written]);
    if (stream_) text += '\0';  // separates entries
    const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(text.size())) {
      ++result.written;
      continue;
    }
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    const bool too_long = sent < 0 && errno == EMSGSIZE;
    result.status = too_long ? WriteResult::Status::REFUSED : WriteResult::Status::RETRY;
    result.reason = sent < 0 ? path_ + ": " + std::strerror(errno) : path_ + ": cut short";
    if (!too_long) close();  // syslog was restarted: connect anew
    return result;
  }
  return result;
}

}  // namespace falcod
