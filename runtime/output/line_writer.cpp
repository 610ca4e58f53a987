// See line_writer.h.
#include "runtime/output/line_writer.h"

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

enum class Target : uint8_t { STREAM, SOCKET, FILE };

Target target_of(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return Target::STREAM;  // a closed descriptor shows when writing
  if (S_ISSOCK(info.st_mode)) return Target::SOCKET;
  return S_ISREG(info.st_mode) ? Target::FILE : Target::STREAM;
}

ssize_t write_some(int fd, Target target, std::string_view bytes) {
  if (target == Target::FILE) return ::write(fd, bytes.data(), bytes.size());
  const size_t wanted = std::min(kChunk, bytes.size());
  return target == Target::SOCKET ? ::send(fd, bytes.data(), wanted, MSG_DONTWAIT | MSG_NOSIGNAL)
                                  : ::write(fd, bytes.data(), wanted);
}

}  // namespace

bool wait_writable(int fd, int stop_fd) {
  std::array<pollfd, 2> fds{{{fd, POLLOUT, 0}, {stop_fd, POLLIN, 0}}};
  for (;;) {
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
    return fds[1].revents == 0;  // an error shows when writing
  }
}

WriteResult LineWriter::write(int fd, std::span<const Message> batch, int stop_fd) {
  const Target target = target_of(fd);
  WriteResult result;
  while (result.written < batch.size()) {
    buffer_.clear();
    size_t next = result.written;
    for (; next < batch.size() && buffer_.size() < kGather; ++next) {
      buffer_ += batch[next].line;
      buffer_ += '\n';
    }
    size_t sent = std::min(part_, batch[result.written].line.size());
    // The line counted next ends here.
    size_t line_end = batch[result.written].line.size() + 1;
    while (sent < buffer_.size()) {
      if (!wait_writable(fd, stop_fd)) {
        result.status = WriteResult::Status::STOPPED;
        return result;
      }
      const ssize_t taken = write_some(fd, target, std::string_view(buffer_).substr(sent));
      if (taken < 0) {
        if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) continue;
        const bool gone = errno == EPIPE || errno == EBADF || errno == ECONNRESET;
        result.status = gone ? WriteResult::Status::CLOSED : WriteResult::Status::RETRY;
        result.reason = std::strerror(errno);
        return result;
      }
      sent += static_cast<size_t>(taken);
      while (result.written < next && line_end <= sent) {
        ++result.written;
        if (result.written < next) line_end += batch[result.written].line.size() + 1;
      }
      const size_t begin =
          result.written < next ? line_end - batch[result.written].line.size() - 1 : sent;
      part_ = sent - begin;
    }
  }
  return result;
}

}  // namespace falcod
