#include "tools/falcoc/revision.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "compiler/rules/rule_files.h"

namespace falcoc::cli {

namespace {

namespace fs = std::filesystem;
using Output = std::expected<std::string, std::string>;

/// Both ends of a pipe, closed in the end.
struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    if (ends[0] >= 0) ::close(ends[0]);
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
};

std::string read_all(int fd) {
  std::string all;
  std::array<char, 65536> buffer;
  ssize_t size = 0;
  while ((size = ::read(fd, buffer.data(), buffer.size())) > 0 || (size < 0 && errno == EINTR)) {
    if (size > 0) all.append(buffer.data(), static_cast<size_t>(size));
  }
  return all;
}

/// What git prints. Its complaints go where ours go.
Output git(const fs::path& directory, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"git", "-C", directory.empty() ? "." : directory.string()});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Pipe pipe;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe.ends[1], STDOUT_FILENO);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, "git", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::unexpected(fmt::format("git: {}", std::strerror(error)));
  pipe.close_writer();
  std::string output = read_all(pipe.ends[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return std::unexpected("git could not read the rules of the revision");
}

/// Names in a directory of the revision; with `name` that one alone, if it is there.
std::expected<std::vector<std::string>, std::string> names_in(const fs::path& directory,
                                                              const std::string& revision,
                                                              const std::string& name) {
  // Names end with NUL, whatever characters are in them.
  std::vector<std::string> arguments = {"ls-tree", "-z", "--name-only", revision};
  if (!name.empty()) arguments.insert(arguments.end(), {"--", name});
  const Output listed = git(directory, std::move(arguments));
  if (!listed) return std::unexpected(listed.error());
  std::vector<std::string> names;
  for (size_t begin = 0; begin < listed->size();) {
    const size_t end = listed->find('\0', begin);
    names.push_back(listed->substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

}  // namespace

std::expected<std::vector<check::NamedText>, std::string> files_of_revision(
    const std::string& revision, const std::vector<std::string>& paths) {
  if (revision.starts_with('-'))
    return std::unexpected(fmt::format("'{}' is no revision", revision));
  std::vector<check::NamedText> texts;
  for (const std::string& path : paths) {
    if (path == "-") return std::unexpected("standard input has no revisions");
    const bool is_directory = fs::is_directory(path);
    const fs::path directory = is_directory ? fs::path(path) : fs::path(path).parent_path();
    const std::string file = fs::path(path).filename().string();
    auto names = names_in(directory, revision, is_directory ? "" : file);
    if (!names) return std::unexpected(names.error());
    if (is_directory)
      std::erase_if(*names, [](const auto& name) { return !rules::is_rule_file(name); });
    std::ranges::sort(*names);
    for (const std::string& name : *names) {
      Output text = git(directory, {"show", fmt::format("{}:./{}", revision, name)});
      if (!text) return std::unexpected(text.error());
      texts.push_back(
          {fmt::format("{}:{}", revision, (directory / name).string()), std::move(*text)});
    }
  }
  return texts;
}

}  // namespace falcoc::cli
