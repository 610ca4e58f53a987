// See pid_file.h.
#include "runtime/daemon/pid_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

std::string first_line(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  const std::string_view all(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  return std::string(all.substr(0, all.find('\n')));
}

}  // namespace

std::expected<PidFile, Diagnostic> PidFile::create(std::string path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) {
    return std::unexpected(Diagnostic::global(
        Code::SYSTEM_CALL_FAILED,
        fmt::format("the pid file {} cannot be created: {}", path, std::strerror(errno)),
        "name a file in a folder that falcod may write to, such as /run/falcod.pid"));
  }
  PidFile file(std::move(path), fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const std::string other = first_line(fd);
    file.path_.clear();  // it is the other's
    return std::unexpected(
        Diagnostic::global(Code::ALREADY_RUNNING,
                           fmt::format("another falcod runs with this pid file: process {}",
                                       other.empty() ? "unknown" : other),
                           "stop it first, or give this one another file with -P"));
  }
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return std::unexpected(Diagnostic::global(
        Code::SYSTEM_CALL_FAILED,
        fmt::format("the pid file {} cannot be written: {}", file.path_, std::strerror(errno))));
  }
  return file;
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::exchange(other.fd_, -1)) {}

PidFile::~PidFile() {
  if (fd_ < 0) return;
  if (!path_.empty()) ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace falcod
