// See signals.h.
#include "runtime/daemon/signals.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace falcod {

namespace {

/// Blocked signals arrive even if ignored, but nohup means it.
bool ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

bool has_controlling_terminal() {
  const int fd = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::expected<Signals, falcoc::Diagnostic> Signals::open() {
  Signals signals;
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2})
    ::sigaddset(&watched, signal);
  if (!ignored(SIGHUP)) ::sigaddset(&watched, SIGHUP);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  if (::sigprocmask(SIG_BLOCK, &watched, &signals.old_mask_) != 0 ||
      ::sigaction(SIGPIPE, &ignore, &signals.old_pipe_) != 0 ||
      ::sigaction(SIGXFSZ, &ignore, &signals.old_size_) != 0 ||
      (signals.fd_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)) < 0) {
    return std::unexpected(falcoc::Diagnostic::global(
        falcoc::Code::SYSTEM_CALL_FAILED,
        fmt::format("signals cannot be received: {}", std::strerror(errno))));
  }
  return signals;
}

Signals::Signals(Signals&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      old_mask_(other.old_mask_),
      old_pipe_(other.old_pipe_),
      old_size_(other.old_size_) {}

Signals::~Signals() {
  if (fd_ < 0) return;
  restore();
  ::close(fd_);
}

std::optional<signalfd_siginfo> Signals::next() {
  signalfd_siginfo info{};
  if (::read(fd_, &info, sizeof info) != sizeof info) return std::nullopt;
  return info;
}

void Signals::wait(int timeout_ms) const {
  pollfd fd{fd_, POLLIN, 0};
  ::poll(&fd, 1, timeout_ms);
}

void Signals::restore() const {
  ::sigaction(SIGPIPE, &old_pipe_, nullptr);
  ::sigaction(SIGXFSZ, &old_size_, nullptr);
  ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

}  // namespace falcod
