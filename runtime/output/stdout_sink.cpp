// See stdout_sink.h.
#include "runtime/output/stdout_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace falcod {

namespace {

/// A pipe or terminal that polls writable takes this much without blocking (POSIX PIPE_BUF).
constexpr size_t kChunk = 4096;
/// Lines gathered for one round of writes.
constexpr size_t kGather = 64 * 1024;

/// O_NONBLOCK belongs to the open file, which the shell and other programs share; so pipes and
/// terminals are opened once more for ourselves. Returns -1 where that is impossible.
int reopen_nonblocking(int fd, mode_t mode) {
  if (!S_ISFIFO(mode) && !S_ISCHR(mode)) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

enum class Ready { YES, STOPPED };

Ready wait_writable(int fd, int stop_fd) {
  std::array<pollfd, 2> fds{{{fd, POLLOUT, 0}, {stop_fd, POLLIN, 0}}};
  for (;;) {
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
    if (fds[1].revents != 0) return Ready::STOPPED;
    return Ready::YES;  // an error shows when writing
  }
}

}  // namespace

StdoutSink::StdoutSink(int fd) : fd_(fd), owned_(false), socket_(false) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return;  // a closed descriptor shows at the first write
  socket_ = S_ISSOCK(info.st_mode);
  if (const int own = reopen_nonblocking(fd, info.st_mode); own >= 0) {
    fd_ = own;
    owned_ = true;
  }
}

StdoutSink::~StdoutSink() {
  if (owned_) ::close(fd_);
}

WriteResult StdoutSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  while (result.written < batch.size()) {
    buffer_.clear();
    size_t next = result.written;
    for (; next < batch.size() && buffer_.size() < kGather; ++next) {
      buffer_ += batch[next].line;
      buffer_ += '\n';
    }
    size_t sent = 0;
    // The line counted next ends here.
    size_t line_end = batch[result.written].line.size() + 1;
    while (sent < buffer_.size()) {
      if (wait_writable(fd_, stop_fd) == Ready::STOPPED) {
        result.status = WriteResult::Status::STOPPED;
        return result;
      }
      const size_t wanted = std::min(kChunk, buffer_.size() - sent);
      const ssize_t taken =
          socket_ ? ::send(fd_, buffer_.data() + sent, wanted, MSG_DONTWAIT | MSG_NOSIGNAL)
                  : ::write(fd_, buffer_.data() + sent, wanted);
      if (taken < 0) {
        if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) continue;
        result.status = WriteResult::Status::CLOSED;
        result.reason = std::strerror(errno);
        return result;
      }
      sent += static_cast<size_t>(taken);
      while (result.written < next && line_end <= sent) {
        ++result.written;
        if (result.written < next) line_end += batch[result.written].line.size() + 1;
      }
    }
  }
  return result;
}

}  // namespace falcod
