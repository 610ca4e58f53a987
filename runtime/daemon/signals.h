// Signals as data: blocked for the whole process and read from a descriptor, so that no code runs
// in a handler.
#pragma once

#include <sys/signalfd.h>

#include <csignal>
#include <expected>
#include <optional>

#include "compiler/source/diagnostic.h"

namespace falcod {

/// Whether somebody could press Ctrl-C.
bool has_controlling_terminal();

class Signals {
 public:
  /// Blocks SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2 and, unless it is ignored (nohup), SIGHUP,
  /// and ignores SIGPIPE and SIGXFSZ (a limit of file sizes is an error of the write), until
  /// destroyed. Make one before any thread.
  static std::expected<Signals, falcoc::Diagnostic> open();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  /// The next signal that arrived, if any; never waits.
  std::optional<signalfd_siginfo> next();
  /// Waits until a signal is there or the time is over.
  void wait(int timeout_ms) const;
  /// In a forked child before exec: as if this object had never been.
  void restore() const;

 private:
  Signals() = default;

  int fd_ = -1;
  sigset_t old_mask_{};
  struct sigaction old_pipe_{};
  struct sigaction old_size_{};
};

}  // namespace falcod
