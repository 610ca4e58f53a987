// How long after its start falcod has rules in force, and how long until native code and kernel
// filters are in use: with an empty cache and with a full one, in turns in the same run; and the
// memory that falcod then has resident.
//
//   bench_arming FALCOD [FALCOD-ARGUMENT…]
//
// What is watched is a command that reads the clock: it runs once rules are in force. Its start is
// in the figures, and measured bare beside them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 7;
constexpr std::string_view kAsCommand = "--tell-time";

/// What the command says: its clock, and what its parent, falcod, has resident.
struct Told {
  int64_t ns = 0;
  long resident_kib = 0;
};

long resident_kib(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

int tell_time(const char* file) {
  const Told told{Clock::now().time_since_epoch().count(), resident_kib(::getppid())};
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(&told), sizeof told);
  return 0;
}

/// Runs a program to its end, and says when the command within it ran.
bool run(std::vector<std::string> words, const std::string& file, Told& told) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  words.insert(words.end(), {self, std::string(kAsCommand), file});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::filesystem::remove(file);
  const auto begin = Clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(&told), sizeof told)) return false;
  told.ns -= begin.time_since_epoch().count();
  return true;
}

struct Figures {
  std::string name;
  std::vector<double> ms{};
  long kib = 0;

  void take(const Told& told) {
    ms.push_back(static_cast<double>(told.ns) / 1e6);
    kib = std::max(kib, told.resident_kib);
  }
  double best() const { return std::ranges::min(ms); }
  void print(double base) {
    std::ranges::sort(ms);
    fmt::print("{:<44} best {:6.1f} ms, median {:6.1f} ms, {:4.2f} of the first line, {:3} MiB\n",
               name, best(), ms[ms.size() / 2], best() / base, kib / 1024);
  }
};

int measure(const std::vector<std::string>& falcod) {
  char folder[] = "/tmp/falcod-arming.XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 2;
  const std::string file = fmt::format("{}/told", folder);
  const std::string cache = fmt::format("{}/cache", folder);
  const auto with = [&](const char* start) {
    std::vector<std::string> words = falcod;
    words.insert(words.begin() + 1, {"-q", "--code-cache=" + cache, start});
    words.insert(words.end(), {"--"});
    return words;
  };
  Figures complete_cold{"all in use, nothing in the cache"};
  Figures cold{"rules in force, nothing in the cache"};
  Figures complete{"all in use, from the cache"};
  Figures warm{"rules in force, from the cache"};
  Figures bare{"the command alone"};
  bool done = true;
  for (int round = 0; round < kRounds && done; ++round) {
    Told told;
    const auto step = [&](const char* start, Figures& figures, bool empty) {
      if (empty) std::filesystem::remove_all(cache);
      done = done && run(with(start), file, told);
      if (done) figures.take(told);
    };
    step("--start=early", cold, true);
    step("--start=complete", complete_cold, true);
    step("--start=complete", complete, false);
    step("--start=early", warm, false);
    done = done && run({}, file, told);
    if (done) bare.take(told);
  }
  std::filesystem::remove_all(folder);
  if (!done) {
    fmt::print(stderr, "falcod does not run a command\n");
    return 1;
  }
  const double base = complete_cold.best();
  for (Figures* figures : {&complete_cold, &cold, &complete, &warm}) figures->print(base);
  fmt::print("{:<44} best {:6.1f} ms\n", bare.name, bare.best());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto told = std::ranges::find(words, kAsCommand);
  if (told != words.end() && told + 1 != words.end()) return tell_time((told + 1)->c_str());
  if (words.empty()) {
    fmt::print(stderr, "usage: bench_arming FALCOD [FALCOD-ARGUMENT…]\n");
    return 2;
  }
  return measure(words);
}
