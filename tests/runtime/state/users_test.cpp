// User and group databases.
#include "runtime/state/users.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace falcod {
namespace {

namespace fs = std::filesystem;

/// A root directory with an etc of its own.
class Root {
 public:
  Root() : path_(fs::temp_directory_path() / ("falcod-users-" + std::to_string(getpid()))) {
    fs::create_directories(path_ / "etc");
  }
  ~Root() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  void write(const char* file, std::string_view content) const {
    std::ofstream(path_ / file, std::ios::trunc) << content;
  }

 private:
  fs::path path_;
};

TEST_CASE("names come from the database and the first entry of an id wins") {
  const Root root;
  root.write(
      "etc/passwd",
      "root:x:0:0:root:/root:/bin/bash\n# comment\n+nis::::::\nbroken\n"
      "ann:x:1000:1000::/home/ann:/bin/zsh\nsecond:x:1000:1000::/:/bin/sh\nbad:x:no:1::/:/\n");
  root.write("etc/group", "root:x:0:\nstaff:x:50:ann,bob\n");
  Users users(root.path());
  REQUIRE(users.user(1000) != nullptr);
  CHECK_EQ(users.user(1000)->name, "ann");
  CHECK_EQ(users.user(1000)->home, "/home/ann");
  CHECK_EQ(users.user(1000)->shell, "/bin/zsh");
  CHECK(users.user(4242) == nullptr);
  REQUIRE(users.group(50) != nullptr);
  CHECK_EQ(*users.group(50), "staff");
  CHECK(users.group(51) == nullptr);
}

TEST_CASE("a changed database is read again within two seconds") {
  const Root root;
  root.write("etc/passwd", "old:x:5:5::/:/\n");
  Users users(root.path());
  REQUIRE(users.user(5) != nullptr);
  root.write("etc/passwd", "new:x:5:5::/:/\nanother:x:6:6::/:/\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  REQUIRE(users.user(5) != nullptr);
  CHECK_EQ(users.user(5)->name, "new");
  CHECK(users.user(6) != nullptr);
}

TEST_CASE("a missing database means unknown names") {
  Users users("/nonexistent");
  CHECK(users.user(0) == nullptr);
  CHECK(users.group(0) == nullptr);
}

TEST_CASE("a hostile root cannot make the reader leave it or wait") {
  const Root root;
  SUBCASE("by an absolute link") {
    fs::create_symlink("/etc/passwd", root.path() / "etc/passwd");
    Users users(root.path());
    CHECK(users.user(0) == nullptr);
  }
  SUBCASE("by a link out of the tree") {
    fs::create_symlink("../../../../../../etc/passwd", root.path() / "etc/passwd");
    Users users(root.path());
    CHECK(users.user(0) == nullptr);
  }
  SUBCASE("by a named pipe") {
    REQUIRE_EQ(mkfifo((root.path() / "etc/passwd").c_str(), 0600), 0);
    Users users(root.path());
    CHECK(users.user(0) == nullptr);
  }
}

TEST_CASE("a container has users of its own") {
  Users host;
  Users& container = host.of_container("abc", getpid());
  REQUIRE(container.user(0) != nullptr);
  CHECK_EQ(container.user(0)->name, "root");
  CHECK_EQ(&host.of_container("abc", 1), &container);
  CHECK_NE(&host.of_container("def", 1), &container);
}

TEST_CASE("a container's users are those of its processes' root, as it is now") {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return;
  }
  const Root root;
  root.write("etc/passwd", "inside:x:1234:5::/home/inside:/bin/inside\n");
  root.write("etc/group", "crew:x:5:\n");
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    if (chroot(root.path().c_str()) != 0 || write(ready[1], "r", 1) != 1) _exit(1);
    while (true) pause();
  }
  REQUIRE(pid > 0);
  close(ready[1]);  // so that a child that cannot is the end of the file
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  Users host;
  const auto name = [&] {
    const User* user = host.of_container("abc", pid).user(1234);
    return user == nullptr ? std::string{} : user->name;
  };
  CHECK_EQ(name(), "inside");
  CHECK_EQ(*host.of_container("abc", pid).group(5), "crew");
  CHECK(host.user(1234) == nullptr);
  // One that has ended does not know any more, its parent does.
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  REQUIRE(waitpid(gone, nullptr, 0) == gone);
  CHECK(host.of_container("without parent", gone).user(1234) == nullptr);
  REQUIRE(host.of_container("with parent", gone, pid).user(1234) != nullptr);
  // Whom this one had found is asked from now on.
  CHECK(host.of_container("with parent", gone).user(1234) != nullptr);

  root.write("etc/passwd", "renamed:x:1234:5::/:/bin/sh\n");
  for (int i = 0; i < 60'000 && name() == "inside"; ++i) usleep(1000);
  CHECK_EQ(name(), "renamed");

  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  CHECK_EQ(name(), "renamed");  // of the last that could be asked
  close(ready[0]);
}

}  // namespace
}  // namespace falcod
