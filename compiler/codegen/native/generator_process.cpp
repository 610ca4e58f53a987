// Starting the generator, feeding it and reading from it.
#include "compiler/codegen/native/generator_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace falcoc::native {
namespace {

namespace fs = std::filesystem;

/// Where the linker puts the build identity: the first page holds it.
constexpr size_t kIdentityBytes = 4096;
/// Folders between a test and the top of its build tree.
constexpr int kBuildTreeDepth = 4;
/// More than the code of any rule set; a process that writes more is not the generator.
constexpr size_t kMaxOutputBytes = size_t{512} << 20;

std::unexpected<Diagnostic> failed(std::string what) {
  return std::unexpected(Diagnostic::global(Code::NATIVE_UNAVAILABLE,
                                            "native code cannot be made: " + std::move(what),
                                            "the reference evaluator works without, but slower"));
}

/// Both ends of a pipe, closed when left.
struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close(size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

struct Pipes {
  Pipe input, output, errors;
};

/// Writes to a process that ended early must fail, not kill the writer.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;
  ~WithoutPipeSignal() {
    const timespec none{};
    if (::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&set_, nullptr, &none);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

std::expected<pid_t, Diagnostic> start(const std::string& path, Product product,
                                       std::string_view absent, const Pipes& pipes) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.input.ends[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.output.ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.errors.ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name(product_name(product));
  std::string fields(absent);
  std::string program = path;
  std::array<char*, 4> arguments{program.data(), name.data(), fields.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &actions, &attributes, arguments.data(),
                                  environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return failed(fmt::format("{}: {}", path, std::strerror(error)));
  return pid;
}

/// Reads what is there; closes the end when there is no more.
void take(Pipe& pipe, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(pipe.ends[0], buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) pipe.close(0);
}

void give(Pipe& pipe, std::string_view& rest) {
  const ssize_t count = ::write(pipe.ends[1], rest.data(), rest.size());
  if (count > 0) rest.remove_prefix(static_cast<size_t>(count));
  if (rest.empty() || (count < 0 && errno != EINTR && errno != EAGAIN)) pipe.close(1);
}

/// Until the process has closed both of its outputs.
void exchange(Pipes& pipes, std::string_view bundle, std::string& output, std::string& errors) {
  ::fcntl(pipes.input.ends[1], F_SETFL, O_NONBLOCK);
  while (pipes.output.ends[0] >= 0 || pipes.errors.ends[0] >= 0) {
    std::array<pollfd, 3> ends{pollfd{pipes.input.ends[1], POLLOUT, 0},
                               pollfd{pipes.output.ends[0], POLLIN, 0},
                               pollfd{pipes.errors.ends[0], POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) return;
    if (ends[0].revents != 0) give(pipes.input, bundle);
    if (ends[1].revents != 0) take(pipes.output, output);
    if (ends[2].revents != 0) take(pipes.errors, errors);
    if (output.size() > kMaxOutputBytes) pipes.output.close(0);
  }
}

}  // namespace

std::string_view product_name(Product product) {
  switch (product) {
    case Product::OBJECT:
      return "object";
    case Product::LLVM:
      return "llvm";
    case Product::ASSEMBLY:
      return "asm";
    case Product::FILTERS:
      return "filters";
    case Product::BPF:
      return "bpf";
  }
  return {};
}

std::string find_generator() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path place = fs::path("libexec") / "falcoc" / kGeneratorName;
  std::vector<fs::path> candidates{program.parent_path().parent_path() / place};
  // In a build tree tests lie deeper than programs.
  fs::path folder = program.parent_path();
  for (int up = 0; up < kBuildTreeDepth; ++up) {
    folder = folder.parent_path();
    candidates.push_back(folder / "tools" / place);
  }
  for (const fs::path& path : candidates) {
    if (::access(path.c_str(), X_OK) == 0) return path.string();
  }
  return {};
}

std::string generator_identity(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string page(kIdentityBytes, '\0');
  in.read(page.data(), static_cast<std::streamsize>(page.size()));
  page.resize(static_cast<size_t>(in.gcount()));
  return page;
}

std::expected<std::string, Diagnostic> run_generator(const std::string& path, Product product,
                                                     std::string_view absent,
                                                     std::string_view bundle,
                                                     const std::stop_token& stop) {
  Pipes pipes;
  if (!pipes.input.open() || !pipes.output.open() || !pipes.errors.open()) {
    return failed(fmt::format("pipe: {}", std::strerror(errno)));
  }
  const auto pid = start(path, product, absent, pipes);
  if (!pid) return std::unexpected(pid.error());
  pipes.input.close(0);
  pipes.output.close(1);
  pipes.errors.close(1);
  std::string output;
  std::string errors;
  {
    // gone before the process is waited for, so that its number is nobody else's
    const std::stop_callback end(stop, [&pid] { ::kill(*pid, SIGKILL); });
    const WithoutPipeSignal guard;
    exchange(pipes, bundle, output, errors);
  }
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  while (errors.ends_with('\n')) errors.pop_back();
  if (!errors.empty()) return failed(errors);
  return failed(WIFSIGNALED(status)
                    ? fmt::format("{} was ended by signal {}", kGeneratorName, WTERMSIG(status))
                    : fmt::format("{} failed", kGeneratorName));
}

}  // namespace falcoc::native
