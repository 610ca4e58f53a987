// The command of `falcod -- COMMAND`: forked behind a gate, so that it is watched from its first
// instruction on; same terminal, same user, same environment.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/daemon/exit_status.h"
#include "runtime/daemon/signals.h"

namespace falcod {

/// Why a command did not start, and the status a shell would give for that.
struct CommandError {
  falcoc::Diagnostic diagnostic;
  ExitStatus status;
};

/// The file that `name` means: itself if it has a slash, else the first executable of that name on
/// PATH. Looked up before the fork, so that the search is not part of what is watched.
std::expected<std::string, CommandError> find_command(const std::string& name);

class Command {
 public:
  /// Forks; the child waits until release().
  static std::expected<Command, falcoc::Diagnostic> fork(std::string path,
                                                         std::vector<std::string> arguments,
                                                         const Signals& signals);
  Command(Command&& other) noexcept;
  Command& operator=(Command&&) = delete;
  ~Command();  ///< a child not released ends without having run anything

  pid_t pid() const { return pid_; }
  /// Lets the child execute the command; returns when it did, or why it could not.
  std::expected<void, CommandError> release();
  /// Sends a signal unless the command has ended.
  void signal(int number) const;
  /// Its exit status as a shell tells it, once it has ended; never waits.
  std::optional<int> status();

 private:
  Command() = default;

  pid_t pid_ = -1;
  int gate_ = -1;    ///< written to let the child go
  int report_ = -1;  ///< errno of a failed exec; closed by a successful one
  std::string path_;
  std::optional<int> status_;
};

/// Those of the pids that the kernel knows.
std::vector<int64_t> still_running(std::vector<int64_t> pids);

}  // namespace falcod
