// A thread rewrites an argument while the call that has it is made, again and again:
//   race open DIRECTORY       the path is now that of `secret`, now that of `decoy`
//   race connect PORT PORT    the port is now the first, now the second
//   race exec DIRECTORY       the program is now `secret`, now `decoy`, each a copy of this one
//   race rename DIRECTORY     the first path is rewritten behind its reading: the kernel is kept
//   waiting for the second
// Prints how often the call reached the first of the two, as the kernel says. Exit 77: not possible
// here.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr int kSkipped = 77;
constexpr int kEnough = 50;        // of either outcome
constexpr int kMaxRounds = 20000;  // where the machine lets one thread alone run
constexpr int kExecRounds = 60;
constexpr int kReachedFirst = 11;  // exit status of the program `secret`

/// Memory shared with children, in which a thread swaps two texts until it ends.
class Swapped {
 public:
  Swapped(const void* first, const void* second, size_t size)
      : memory_(static_cast<char*>(
            mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    std::memcpy(memory_, first, size);
    std::memcpy(memory_, first, size);
    swapper_ = std::thread([=, this] {
      while (!done_) {
        std::memcpy(memory_, second, size);
        std::atomic_signal_fence(std::memory_order_seq_cst);  // the calls read in between
        std::memcpy(memory_, first, size);
        std::atomic_signal_fence(std::memory_order_seq_cst);
      }
    });
  }
  ~Swapped() {
    done_ = true;
    swapper_.join();
  }
  char* get() { return memory_; }

 private:
  char* memory_;
  std::atomic<bool> done_ = false;
  std::thread swapper_;
};

/// Whether a race goes on. Gives way now and then: on a busy machine one thread may run alone for
/// long.
bool goes_on(int round, int reached) {
  if (round % kEnough == 0) std::this_thread::yield();
  return round < kMaxRounds && (reached < kEnough || round - reached < kEnough);
}

int race_open(const std::string& directory) {
  // of one length, so that what is read while they are swapped is one of them or neither
  const std::string first = directory + "/secret", second = directory + "/decoys";
  struct stat secret{};
  if (stat(first.c_str(), &secret) != 0) return -1;
  Swapped path(first.c_str(), second.c_str(), first.size() + 1);
  int reached = 0;
  for (int i = 0; goes_on(i, reached); ++i) {
    const int fd = open(path.get(), O_RDONLY);
    struct stat opened{};
    if (fd >= 0 && fstat(fd, &opened) == 0 && opened.st_ino == secret.st_ino) ++reached;
    close(fd);
  }
  return reached;
}

int race_connect(uint16_t port, uint16_t other) {
  sockaddr_in first{}, second{};
  first.sin_family = second.sin_family = AF_INET;
  first.sin_addr.s_addr = second.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  first.sin_port = htons(port);
  second.sin_port = htons(other);
  Swapped address(&first, &second, sizeof first);
  int reached = 0;
  for (int i = 0; goes_on(i, reached); ++i) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (connect(fd, reinterpret_cast<sockaddr*>(address.get()), sizeof first) == 0 &&
        getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_port == first.sin_port) {
      ++reached;
    }
    close(fd);
  }
  return reached;
}

int race_exec(const std::string& directory) {
  const std::string first = directory + "/secret", second = directory + "/decoys";
  Swapped path(first.c_str(), second.c_str(), first.size() + 1);
  int reached = 0;
  for (int i = 0; i < kExecRounds; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      execl(path.get(), "race", "reached", nullptr);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kReachedFirst) ++reached;
  }
  return reached;
}

/// The first path lies on a page that a thread of ours fetches; the kernel has read the second by
/// then, and the thread rewrites it before it answers.
int race_rename(const std::string& directory) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const int faults = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC));
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  if (faults < 0 || ioctl(faults, UFFDIO_API, &api) != 0) std::exit(kSkipped);
  void* const late =
      mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uffdio_register range{};
  range.range = {.start = reinterpret_cast<uint64_t>(late), .len = page};
  range.mode = UFFDIO_REGISTER_MODE_MISSING;
  if (ioctl(faults, UFFDIO_REGISTER, &range) != 0) std::exit(kSkipped);

  char to[256], answer[4096] = {};
  std::snprintf(answer, sizeof answer, "%s/secret", directory.c_str());
  std::snprintf(to, sizeof to, "%s/renamed", directory.c_str());
  std::thread pager([&] {
    uffd_msg message{};
    if (read(faults, &message, sizeof message) != sizeof message) return;
    std::snprintf(to, sizeof to, "%s/harmless", directory.c_str());
    uffdio_copy copy{};
    copy.dst = reinterpret_cast<uint64_t>(late);
    copy.src = reinterpret_cast<uint64_t>(answer);
    copy.len = page;
    ioctl(faults, UFFDIO_COPY, &copy);
  });
  const bool renamed = syscall(SYS_rename, late, to) == 0;
  pager.join();
  // a kernel compiled to read the first path first: its second is what was rewritten
  if (renamed && access((directory + "/renamed").c_str(), F_OK) != 0) std::exit(kSkipped);
  return renamed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "reached") {
    char own[4096] = {};
    if (readlink("/proc/self/exe", own, sizeof own - 1) < 0) return 1;
    return std::string_view(own).ends_with("/secret") ? kReachedFirst : 0;
  }
  int reached = -1;
  if (what == "open" && argc == 3) reached = race_open(argv[2]);
  if (what == "exec" && argc == 3) reached = race_exec(argv[2]);
  if (what == "rename" && argc == 3) reached = race_rename(argv[2]);
  if (what == "connect" && argc == 4) {
    reached = race_connect(static_cast<uint16_t>(std::atoi(argv[2])),
                           static_cast<uint16_t>(std::atoi(argv[3])));
  }
  if (reached < 0) return 2;
  std::printf("reached %d\n", reached);
}
