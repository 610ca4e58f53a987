// See file_sink.h.
#include "runtime/output/file_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace falcod {

namespace {

/// As Falco creates it, less what the umask takes away: readers of alerts are often other users.
constexpr mode_t kMode = 0666;

}  // namespace

FileSink::FileSink(std::string path, bool keep_alive)
    : path_(std::move(path)), keep_alive_(keep_alive) {}

FileSink::~FileSink() { close(); }

/// Not blocking: a named pipe that nobody reads would hold the thread.
void FileSink::open() {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
               kMode);
}

WriteResult FileSink::write(std::span<const Message> batch, int stop_fd) {
  if (fd_ < 0) open();
  if (fd_ < 0) {
    return {0, WriteResult::Status::RETRY, path_ + ": " + std::strerror(errno)};
  }
  WriteResult result = writer_.write(fd_, batch, stop_fd);
  if (result.status == WriteResult::Status::CLOSED) {  // the pipe's next reader
    result.status = WriteResult::Status::RETRY;
    reopen();
  }
  if (!result.reason.empty()) result.reason = path_ + ": " + result.reason;
  if (!keep_alive_) close();
  return result;
}

void FileSink::reopen() {
  close();
  writer_.forget_part();
  if (keep_alive_) open();
}

void FileSink::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace falcod
