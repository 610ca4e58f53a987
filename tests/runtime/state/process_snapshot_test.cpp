// The first picture of all processes: the kernel's iterators and /proc show the same. Needs root.
#include "runtime/capture/process_snapshot.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "runtime/capture/decode.h"
#include "runtime/state/process_table.h"

namespace falcod {
namespace {

namespace fs = std::filesystem;

class Filler : public RecordHandler {
 public:
  explicit Filler(ProcessTable& table) : table_(table) {}
  void on_record(std::span<const std::byte> record) override {
    const Event* event = decoder_.decode(record);
    REQUIRE(event != nullptr);
    if (event->kind == FC_STATE_TASK) table_.apply(*event);
    Item item;
    if (event->kind == FC_STATE_LISTENER && event->pid == getpid() &&
        find_item(*event->record, FC_ITEM_FD, kAnyIndex, item)) {
      fc_fd fd{};
      std::memcpy(&fd, item.bytes.data(), sizeof fd);
      listened.push_back(fd.local_port);
    }
  }
  std::vector<uint16_t> listened;

 private:
  Decoder decoder_{0};
  ProcessTable& table_;
};

std::unique_ptr<ProcessSnapshot> open_snapshot() {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return nullptr;
  }
  auto snapshot = ProcessSnapshot::open();
  if (snapshot) return std::move(*snapshot);
  MESSAGE("SKIPPED: ", snapshot.error().message);
  return nullptr;
}

/// A child that prepares itself and then waits for the end of the test.
class Child {
 public:
  explicit Child(const std::function<void()>& prepare) {
    int ready[2];
    REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      prepare();
      if (write(ready[1], "r", 1) != 1) _exit(1);
      while (true) pause();
    }
    close(ready[1]);
    char byte;
    got_ready_ = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }
  bool got_ready() const { return got_ready_; }

 private:
  pid_t pid_;
  bool got_ready_;
};

void check_same(const Process& left, const Process& right) {
  // One that ended, or was ending, between the two pictures.
  const bool ended = left.exited != right.exited ||
                     left.main_thread_gone != right.main_thread_gone || right.fd_limit == 0;
  if (ended) return;
  CAPTURE(left.pid);
  CHECK_EQ(left.vpid, right.vpid);
  CHECK_EQ(left.ppid, right.ppid);
  CHECK_EQ(left.comm, right.comm);
  CHECK_EQ(left.cwd, right.cwd);
  CHECK_EQ(left.sid, right.sid);
  CHECK_EQ(left.pgid, right.pgid);
  CHECK_EQ(left.vsid, right.vsid);
  CHECK_EQ(left.vpgid, right.vpgid);
  CHECK_EQ(left.tty, right.tty);
  CHECK_EQ(left.uid, right.uid);
  CHECK_EQ(left.gid, right.gid);
  CHECK_EQ(left.login_uid, right.login_uid);
  CHECK_EQ(left.cap_permitted, right.cap_permitted);
  CHECK_EQ(left.cap_inheritable, right.cap_inheritable);
  CHECK_EQ(left.cap_effective, right.cap_effective);
  CHECK_EQ(left.fd_limit, right.fd_limit);
  CHECK_EQ(left.threads, right.threads);
  CHECK_EQ(left.main_thread_gone, right.main_thread_gone);
  CHECK_EQ(left.exited, right.exited);
  const uint64_t tick_ns = 1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  CHECK_EQ(left.start_time_ns / tick_ns, right.start_time_ns / tick_ns);
  CHECK_EQ(left.image->exe, right.image->exe);
  CHECK_EQ(left.image->exe_path, right.image->exe_path);
  CHECK_EQ(left.image->args, right.image->args);
  CHECK_EQ(left.image->env, right.image->env);
  CHECK_EQ(left.image->exe_ino, right.image->exe_ino);
  CHECK_EQ(left.image->exe_ctime_ns, right.image->exe_ctime_ns);
  CHECK_EQ(left.image->exe_mtime_ns, right.image->exe_mtime_ns);
  CHECK_EQ(left.image->exe_flags & (FC_EXE_WRITABLE | FC_EXE_FROM_MEMFD),
           right.image->exe_flags & (FC_EXE_WRITABLE | FC_EXE_FROM_MEMFD));
  if (left.exited) return;  // the dead are moved to the root, sooner or later
  CHECK_EQ(left.cgroups->container_id, right.cgroups->container_id);
  // /proc also lists hierarchies without a controller.
  for (const auto& path : left.cgroups->paths) {
    CAPTURE(path.first);
    CHECK(std::ranges::find(right.cgroups->paths, path) != right.cgroups->paths.end());
  }
}

struct Pictures {
  ProcessTable by_iterator{0}, by_proc{0};
  std::vector<uint16_t> listened;

  explicit Pictures(ProcessSnapshot& snapshot) {
    Filler filler(by_iterator);
    by_iterator.begin_scan();
    const auto count = snapshot.read(filler);
    REQUIRE(count.has_value());
    by_iterator.end_scan();
    by_proc.scan_proc();
    listened = std::move(filler.listened);
  }
  void check(pid_t pid) const {
    const ProcessPtr left = by_iterator.find(pid);
    const ProcessPtr right = by_proc.find(pid);
    REQUIRE(left != nullptr);
    REQUIRE(right != nullptr);
    check_same(*left, *right);
  }
};

}  // namespace

TEST_CASE("iterators and /proc show the same processes") {
  const auto snapshot = open_snapshot();
  if (!snapshot) return;
  std::string directory = "/tmp/falcoc-snapshot-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  const auto sleeper = [](std::vector<std::string> arguments, std::vector<std::string> variables) {
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> list;
      for (std::string& text : texts) list.push_back(text.data());
      list.push_back(nullptr);
      return list;
    };
    arguments.insert(arguments.begin(), {"sleeper", "600"});
    execve("/bin/sleep", pointers(arguments).data(), pointers(variables).data());
    _exit(1);
  };
  const Child plain([] {
    if (chdir("/var") != 0) _exit(1);
    setsid();
  });
  const Child threads([] {
    for (int i = 0; i < 3; ++i) std::thread([] { pause(); }).detach();
  });
  const Child user([] {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
  });
  const Child rooted([&] {
    if (chroot(directory.c_str()) != 0 || chdir("/") != 0) _exit(1);
  });
  const Child zombie([] { _exit(0); });
  const Child executed([&] { sleeper({"1", "2"}, {"A=1", "B=two words"}); });
  const Child long_texts([&] {
    sleeper({"0", std::string(20'000, '0')}, {"LONG=" + std::string(20'000, 'x'), "LAST=1"});
  });
  for (const Child* each : {&plain, &threads, &user, &rooted}) REQUIRE(each->got_ready());
  REQUIRE_FALSE(zombie.got_ready());
  for (const Child* each : {&executed, &long_texts}) {
    const auto sleeps = [each] {
      std::error_code none;
      return fs::read_symlink(fmt::format("/proc/{}/exe", each->pid()), none).filename() == "sleep";
    };
    for (int i = 0; i < 10'000 && !sleeps(); ++i) usleep(1000);
    REQUIRE(sleeps());
  }

  const Pictures pictures(*snapshot);
  for (const Child* each : {&plain, &threads, &user, &rooted, &zombie, &executed, &long_texts}) {
    pictures.check(each->pid());
  }
  pictures.check(getpid());
  pictures.check(1);
  CHECK_EQ(pictures.by_iterator.find(threads.pid())->threads, 4);
  CHECK_EQ(pictures.by_iterator.find(executed.pid())->image->args_text, "600 1 2");
  CHECK_EQ(pictures.by_iterator.find(rooted.pid())->cwd, "/");
  CHECK(pictures.by_iterator.find(zombie.pid())->exited);
  const ProcessPtr own = pictures.by_iterator.find(getpid());
  CHECK_EQ(pictures.by_iterator.parent(*pictures.by_iterator.find(user.pid())), own);
  fs::remove_all(directory);
}

TEST_CASE("a scan ends what is not there any more and keeps what is") {
  const auto snapshot = open_snapshot();
  if (!snapshot) return;
  ProcessTable table(0);
  Filler filler(table);
  const auto scan = [&] {
    table.begin_scan();
    REQUIRE(snapshot->read(filler).has_value());
    table.end_scan();
  };
  ProcessPtr gone;
  const Child child([] {});
  {
    const Child other([] {});
    scan();
    gone = table.find(other.pid());
    REQUIRE(gone != nullptr);
  }
  const ProcessPtr kept = table.find(child.pid());
  table.track(child.pid());
  scan();
  CHECK(gone->exited);
  CHECK_EQ(table.find(child.pid()), kept);
  CHECK_FALSE(kept->exited);
  CHECK(kept->tracked);

  SUBCASE("/proc does so too") {
    ProcessPtr ended;
    {
      const Child other([] {});
      table.scan_proc();
      ended = table.find(other.pid());
      REQUIRE(ended != nullptr);
      CHECK_FALSE(ended->exited);
    }
    table.scan_proc();
    CHECK(ended->exited);
    CHECK_EQ(table.find(child.pid()), kept);
  }
}

TEST_CASE("listening sockets are found") {
  const auto snapshot = open_snapshot();
  if (!snapshot) return;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(listen(fd, 1) == 0);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const Pictures pictures(*snapshot);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&address);
  const auto port = static_cast<uint16_t>(bytes[2] << 8 | bytes[3]);
  CHECK(std::ranges::find(pictures.listened, port) != pictures.listened.end());
  close(fd);
}

}  // namespace falcod
