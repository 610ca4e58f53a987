// What falcod costs the programs it watches: runs the same operations bare, with the least that
// any eBPF program at system call exits costs (floor.bpf.c), and watched, in turns, in one run, and
// prints the differences. Also what was lost and how much processor time falcod used.
//
//   bench_overhead [--rounds N] [--only TEXT] FALCOD [FALCOD-ARGUMENT…]
//
// falcod must not be quiet (-q): its banner says that it is ready.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tools/bench/overhead/floor.h"
#include "tools/bench/overhead/operations.h"

namespace {

using falcoc::bench::Operation;
using std::chrono::nanoseconds;

constexpr std::string_view kReadyMark = "kinds of events";  // falcod's banner, behind its hooks
constexpr int kReadyTimeoutMs = 60'000;

/// A falcod that watches while this object lives.
class Watcher {
 public:
  explicit Watcher(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) die("pipe2");
    pid_ = ::fork();
    if (pid_ < 0) die("fork");
    if (pid_ == 0) exec(command, ends[1]);
    ::close(ends[1]);
    messages_ = ends[0];
    wait_until_ready();
    cpu_at_start_ = cpu_seconds();
  }

  /// Ends falcod in order and returns what it said at the end; fills `cpu` with the processor time
  /// it used since it was ready.
  std::string stop(double& cpu) {
    cpu = cpu_seconds() - cpu_at_start_;
    ::kill(pid_, SIGINT);
    std::string said;
    char buffer[4096];
    for (ssize_t size; (size = ::read(messages_, buffer, sizeof buffer)) > 0;) {
      said.append(buffer, static_cast<size_t>(size));
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ::close(messages_);
    return said;
  }

 private:
  [[noreturn]] static void die(const char* what) {
    std::perror(what);
    std::exit(2);
  }

  [[noreturn]] static void exec(const std::vector<std::string>& command, int messages) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(messages, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    // what it costs once it has settled
    arguments.insert(arguments.begin() + 1, const_cast<char*>("--start=complete"));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    die(arguments[0]);
  }

  void wait_until_ready() {
    std::string said;
    char buffer[512];
    while (said.find(kReadyMark) == std::string::npos) {
      pollfd waited{.fd = messages_, .events = POLLIN, .revents = 0};
      const ssize_t size =
          ::poll(&waited, 1, kReadyTimeoutMs) > 0 ? ::read(messages_, buffer, sizeof buffer) : -1;
      if (size <= 0) {
        fmt::print(stderr, "bench_overhead: falcod did not start:\n{}", said);
        std::exit(2);
      }
      said.append(buffer, static_cast<size_t>(size));
    }
  }

  /// User and system time of falcod so far.
  double cpu_seconds() const {
    const std::string path = fmt::format("/proc/{}/stat", pid_);
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char text[1024] = {};
    if (fd < 0 || ::read(fd, text, sizeof text - 1) <= 0) die(path.c_str());
    ::close(fd);
    const std::string stat = text;
    unsigned long user = 0, system = 0;
    std::sscanf(stat.c_str() + stat.rfind(')') + 2,
                "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

  pid_t pid_ = -1;
  int messages_ = -1;
  double cpu_at_start_ = 0;
};

struct Result {
  const Operation* operation;
  double bare_ns = 1e18;  // best round, per operation
  double floor_ns = 1e18;
  double watched_ns = 1e18;
};

/// Operations are measured in slices of some milliseconds, of which the best counts: others who
/// want the processor disturb some of them, not all.
constexpr uint64_t kSlices = 50;

void measure(std::vector<Result>& results, double Result::* best) {
  for (Result& result : results) {
    const uint64_t iterations = std::max<uint64_t>(1, result.operation->iterations / kSlices);
    for (uint64_t slice = 0; slice < kSlices; ++slice) {
      const nanoseconds taken = result.operation->run(iterations);
      const double each = static_cast<double>(taken.count()) / static_cast<double>(iterations);
      result.*best = std::min(result.*best, each);
    }
  }
}

void report(const std::vector<Result>& results, bool has_floor) {
  fmt::print("{:<28}{:>10}{:>13}{:>10}{:>16}{:>14}\n", "operation", "bare ns", "watched ns",
             "added ns", "floor added ns", "added/floor");
  for (const Result& result : results) {
    const double added = result.watched_ns - result.bare_ns;
    const double floor = result.floor_ns - result.bare_ns;
    fmt::print("{:<28}{:>10.0f}{:>13.0f}{:>10.0f}", result.operation->name, result.bare_ns,
               result.watched_ns, added);
    // what the machine itself varies by says nothing
    const bool tells = has_floor && floor > result.bare_ns / 50;
    fmt::print("{:>16}{:>14}\n", has_floor ? fmt::format("{:.0f}", floor) : "-",
               tells ? fmt::format("{:.2f}", added / floor) : "-");
  }
  if (!has_floor) fmt::print("no floor: it needs bpf_rdonly_cast (Linux 6.2)\n");
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 5;
  std::string only;
  std::vector<std::string> command;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (command.empty() && word == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (command.empty() && word == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      command.push_back(word);
    }
  }
  if (command.empty()) {
    fmt::print(stderr, "usage: bench_overhead [--rounds N] [--only TEXT] FALCOD [ARGUMENT…]\n");
    return 2;
  }

  std::vector<Result> results;
  for (const Operation& operation : falcoc::bench::operations()) {
    if (operation.name.find(only) != std::string_view::npos) results.push_back({&operation});
  }

  bool has_floor = false;
  double cpu_total = 0;
  std::string last_words;
  for (int round = 0; round < rounds; ++round) {
    measure(results, &Result::bare_ns);
    if (const auto floor = falcoc::bench::Floor::open()) {
      has_floor = true;
      measure(results, &Result::floor_ns);
    }
    Watcher watcher(command);
    measure(results, &Result::watched_ns);
    double cpu = 0;
    last_words = watcher.stop(cpu);
    cpu_total += cpu;
  }
  report(results, has_floor);
  fmt::print(
      "\nfalcod: {:.2f} s of processor time per round; it said at the end of the last one:\n{}",
      cpu_total / rounds, last_words);
}
