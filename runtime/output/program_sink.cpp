// See program_sink.h.
#include "runtime/output/program_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern char** environ;

namespace falcod {

namespace {

/// falcod blocks signals and ignores SIGPIPE; its children are to be as any other.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t usual;  // what falcod ignores and programs rely on
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGPIPE);
    ::sigaddset(&usual, SIGXFSZ);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setpgroup(&attributes_, 0);  // all of a pipeline, to end it whole
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

ProgramSink::ProgramSink(std::string command, bool keep_alive)
    : command_(std::move(command)), keep_alive_(keep_alive) {}

/// A command that stays is told of the end by the end of its input, and not waited for.
ProgramSink::~ProgramSink() { close_input(); }

/// Returns the reason if the command cannot be started.
std::string ProgramSink::start() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::strerror(errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  const SpawnAttributes attributes;
  const std::array<const char*, 4> arguments{"sh", "-c", command_.c_str(), nullptr};
  const int error = ::posix_spawn(&pid_, "/bin/sh", &actions, attributes.get(),
                                  const_cast<char* const*>(arguments.data()), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  fd_ = ends[1];
  if (error == 0) return {};
  close_input();
  pid_ = -1;
  return std::string("/bin/sh: ") + std::strerror(error);
}

void ProgramSink::close_input() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool ProgramSink::wait_for_end(int stop_fd) {
  close_input();
  const pid_t pid = std::exchange(pid_, -1);
  if (pid < 0) return true;
  bool stopped = false;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (handle >= 0) {
    std::array<pollfd, 2> fds{{{handle, POLLIN, 0}, {stop_fd, POLLIN, 0}}};
    while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
    }
    stopped = fds[0].revents == 0 && fds[1].revents != 0;
    ::close(handle);
  }
  if (stopped) ::kill(-pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return !stopped;
}

WriteResult ProgramSink::one_each(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  while (result.written < batch.size()) {
    if (std::string why = start(); !why.empty()) {
      return {result.written, WriteResult::Status::RETRY, std::move(why)};
    }
    writer_.forget_part();
    const WriteResult one = writer_.write(fd_, batch.subspan(result.written, 1), stop_fd);
    const bool ended = wait_for_end(stop_fd);
    if (one.status == WriteResult::Status::STOPPED || !ended) {
      result.written += ended ? one.written : 0;
      result.status = WriteResult::Status::STOPPED;
      return result;
    }
    // A command that does not read its input to the end wants no more of it.
    ++result.written;
  }
  return result;
}

WriteResult ProgramSink::write(std::span<const Message> batch, int stop_fd) {
  if (!keep_alive_) return one_each(batch, stop_fd);
  if (fd_ < 0) {
    if (std::string why = start(); !why.empty()) return {0, WriteResult::Status::RETRY, why};
    writer_.forget_part();
  }
  WriteResult result = writer_.write(fd_, batch, stop_fd);
  if (result.status == WriteResult::Status::CLOSED) {  // it ended: the next one goes on
    wait_for_end(stop_fd);
    result.status = WriteResult::Status::RETRY;
    result.reason = "the program ended";
  }
  return result;
}

void ProgramSink::reopen() {
  if (pid_ < 0) return;
  close_input();
  // It may take its time to end; whoever collects it is falcod's end at the latest.
  int status = 0;
  ::waitpid(pid_, &status, WNOHANG);
  pid_ = -1;
  writer_.forget_part();
}

}  // namespace falcod
