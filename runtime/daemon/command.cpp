// See command.h.
#include "runtime/daemon/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// Where a shell looks when PATH is not set.
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

CommandError failure(const std::string& name, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return {Diagnostic::global(
              Code::COMMAND_FAILED, fmt::format("{}: {}", name, std::strerror(error)),
              missing ? "check the name and PATH" : "check that it is an executable file"),
          missing ? ExitStatus::COMMAND_NOT_FOUND : ExitStatus::COMMAND_NOT_EXECUTABLE};
}

/// 0, or why this file cannot be executed.
int check_executable(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// Only async-signal-safe calls from here on: other threads of the parent may hold locks.
[[noreturn]] void run_child(int gate, int report, const char* path, char* const* arguments,
                            const Signals& signals) {
  char go = 0;
  ssize_t got = 0;
  while ((got = ::read(gate, &go, 1)) < 0 && errno == EINTR) {
  }
  if (got != 1) ::_exit(code(ExitStatus::RUNTIME));
  signals.restore();
  ::execv(path, arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = ::write(report, &error, sizeof error);
  ::_exit(code(ExitStatus::COMMAND_NOT_EXECUTABLE));
}

}  // namespace

std::expected<std::string, CommandError> find_command(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (const int error = check_executable(name); error != 0) {
      return std::unexpected(failure(name, error));
    }
    return name;
  }
  const char* const variable = std::getenv("PATH");
  std::string_view path = variable != nullptr ? std::string_view{variable} : kDefaultPath;
  int error = ENOENT;
  for (;;) {
    const size_t colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    const std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
    const int found = check_executable(candidate);
    if (found == 0) return candidate;
    if (found == EACCES) error = EACCES;
    if (colon == std::string_view::npos) return std::unexpected(failure(name, error));
    path.remove_prefix(colon + 1);
  }
}

std::expected<Command, Diagnostic> Command::fork(std::string path,
                                                 std::vector<std::string> arguments,
                                                 const Signals& signals) {
  std::array<int, 2> gate{-1, -1};
  std::array<int, 2> report{-1, -1};
  const bool piped = ::pipe2(gate.data(), O_CLOEXEC) == 0 && ::pipe2(report.data(), O_CLOEXEC) == 0;
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const pid_t pid = piped ? ::fork() : -1;
  if (pid == 0) {
    ::close(gate[1]);
    run_child(gate[0], report[1], path.c_str(), argv.data(), signals);
  }
  const int error = errno;
  close_fd(gate[0]);
  close_fd(report[1]);
  if (pid < 0) {
    close_fd(gate[1]);
    close_fd(report[0]);
    return std::unexpected(Diagnostic::global(
        Code::SYSTEM_CALL_FAILED, fmt::format("cannot fork: {}", std::strerror(error))));
  }
  Command command;
  command.pid_ = pid;
  command.gate_ = gate[1];
  command.report_ = report[0];
  command.path_ = std::move(path);
  return command;
}

Command::Command(Command&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      gate_(std::exchange(other.gate_, -1)),
      report_(std::exchange(other.report_, -1)),
      path_(std::move(other.path_)),
      status_(other.status_) {}

Command::~Command() {
  const bool waiting_at_gate = gate_ >= 0;
  close_fd(gate_);
  close_fd(report_);
  if (waiting_at_gate && pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

std::expected<void, CommandError> Command::release() {
  const char go = 1;
  [[maybe_unused]] const ssize_t written = ::write(gate_, &go, 1);
  close_fd(gate_);
  int error = 0;
  ssize_t got = 0;
  while ((got = ::read(report_, &error, sizeof error)) < 0 && errno == EINTR) {
  }
  close_fd(report_);
  if (got != sizeof error) return {};
  return std::unexpected(failure(path_, error));
}

void Command::signal(int number) const {
  if (!status_ && pid_ > 0) ::kill(pid_, number);
}

std::optional<int> Command::status() {
  int raw = 0;
  if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) {
    if (WIFEXITED(raw)) status_ = WEXITSTATUS(raw);
    if (WIFSIGNALED(raw)) status_ = kSignalStatusBase + WTERMSIG(raw);
  }
  return status_;
}

std::vector<int64_t> still_running(std::vector<int64_t> pids) {
  std::erase_if(
      pids, [](int64_t pid) { return ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH; });
  return pids;
}

}  // namespace falcod
