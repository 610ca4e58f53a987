// See stdout_sink.h.
#include "runtime/output/stdout_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace falcod {

namespace {

/// O_NONBLOCK belongs to the open file, which the shell and other programs share; so pipes and
/// terminals are opened once more for ourselves. Returns -1 where that is impossible.
int reopen_nonblocking(int fd, mode_t mode) {
  if (!S_ISFIFO(mode) && !S_ISCHR(mode)) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

}  // namespace

StdoutSink::StdoutSink(int fd) : fd_(fd), owned_(false) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return;  // a closed descriptor shows at the first write
  if (const int own = reopen_nonblocking(fd, info.st_mode); own >= 0) {
    fd_ = own;
    owned_ = true;
  }
}

StdoutSink::~StdoutSink() {
  if (owned_) ::close(fd_);
}

WriteResult StdoutSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result = writer_.write(fd_, batch, stop_fd);
  // There is no other standard output to come.
  if (result.status == WriteResult::Status::RETRY) result.status = WriteResult::Status::CLOSED;
  return result;
}

}  // namespace falcod
