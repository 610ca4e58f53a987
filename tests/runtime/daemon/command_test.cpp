// The watched command: held at the gate, its status as a shell tells it, clear failures.
#include "runtime/daemon/command.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace falcod;

namespace {

int finish(Command& command, Signals& signals) {
  for (int i = 0; i < 200; ++i) {
    if (const auto status = command.status()) return *status;
    signals.wait(50);
    while (signals.next()) {
    }
  }
  FAIL("the command does not end");
  return -1;
}

int run(const std::vector<std::string>& arguments) {
  auto signals = Signals::open();
  REQUIRE(signals);
  auto path = find_command(arguments.front());
  REQUIRE(path);
  auto command = Command::fork(*path, arguments, *signals);
  REQUIRE(command);
  REQUIRE(command->release());
  return finish(*command, *signals);
}

}  // namespace

TEST_CASE("the status is the command's own") {
  CHECK(run({"true"}) == 0);
  CHECK(run({"sh", "-c", "exit 42"}) == 42);
}

TEST_CASE("a command killed by a signal gives 128 + n") {
  CHECK(run({"sh", "-c", "kill -9 $$"}) == 128 + 9);
}

TEST_CASE("the command gets the signal mask and dispositions that falcod was started with") {
  CHECK(run({"sh", "-c", "kill -TERM $$"}) == 128 + 15);
  CHECK(run({"sh", "-c", "kill -PIPE $$"}) == 128 + 13);
}

TEST_CASE("nothing runs before the gate opens") {
  const std::string marker =
      (std::filesystem::temp_directory_path() / ("falcod-gate-" + std::to_string(::getpid())))
          .string();
  auto signals = Signals::open();
  REQUIRE(signals);
  auto command = Command::fork(*find_command("touch"), {"touch", marker}, *signals);
  REQUIRE(command);
  ::usleep(100'000);
  CHECK_FALSE(std::filesystem::exists(marker));
  REQUIRE(command->release());
  CHECK(finish(*command, *signals) == 0);
  CHECK(std::filesystem::exists(marker));
  std::filesystem::remove(marker);
}

TEST_CASE("a command never released never runs, and leaves no child behind") {
  auto signals = Signals::open();
  REQUIRE(signals);
  pid_t pid = -1;
  {
    auto command = Command::fork(*find_command("false"), {"false"}, *signals);
    REQUIRE(command);
    pid = command->pid();
  }
  CHECK(::kill(pid, 0) != 0);
}

TEST_CASE("a command that is not there or no program is told apart, as in a shell") {
  const auto missing = find_command("no-such-command-here");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().status == ExitStatus::COMMAND_NOT_FOUND);
  const auto folder = find_command("/");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().status == ExitStatus::COMMAND_NOT_EXECUTABLE);
}

TEST_CASE("a file the kernel cannot execute is reported on release") {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("falcod-noexec-" + std::to_string(::getpid()));
  std::ofstream(file) << "this is no program\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  auto signals = Signals::open();
  REQUIRE(signals);
  auto command = Command::fork(file.string(), {file.string()}, *signals);
  REQUIRE(command);
  const auto released = command->release();
  REQUIRE_FALSE(released);
  CHECK(released.error().status == ExitStatus::COMMAND_NOT_EXECUTABLE);
  CHECK(released.error().diagnostic.message.find("Exec format error") != std::string::npos);
  std::filesystem::remove(file);
}
