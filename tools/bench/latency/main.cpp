// How long after a system call its alert is on falcod's standard output. Opens marked files at
// random times under a falcod that watches the whole machine, and reads what falcod prints. The
// baseline is the way of a line through `cat`: what waking one process and writing one line to a
// pipe costs here.
//
//   bench_latency FALCOD [SAMPLES]
//
// Exit status: 0, or 1 if the slowest alert took longer than kLimitMs. Needs what falcod needs.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr double kLimitMs = 100;  // what operators are promised on an idle machine
constexpr int kDefaultSamples = 500;
constexpr int kLostAfterMs = 10'000;
constexpr int kStartLimitMs = 120'000;  // on a machine that is busy otherwise
/// Longer than falcod waits in one turn, so that samples fall anywhere in it.
constexpr std::chrono::microseconds kLongestPause{120'000};

constexpr std::string_view kRule =
    "- rule: Marked file opened\n"
    "  desc: One of the files that the benchmark opens\n"
    "  condition: evt.type in (open, openat) and fd.name startswith /tmp/falcod-latency-\n"
    "  output: opened %fd.name\n"
    "  priority: INFO\n";

struct Process {
  pid_t pid = -1;
  int in = -1;
  int out = -1;
  int error = -1;
};

/// Starts a program with pipes on its three standard descriptors.
std::optional<Process> start(std::vector<std::string> arguments) {
  std::array<std::array<int, 2>, 3> pipes{};
  for (auto& each : pipes) {
    if (::pipe2(each.data(), O_CLOEXEC) != 0) return std::nullopt;
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return std::nullopt;
  if (pid == 0) {
    ::dup2(pipes[0][0], STDIN_FILENO);
    ::dup2(pipes[1][1], STDOUT_FILENO);
    ::dup2(pipes[2][1], STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(pipes[0][0]);
  ::close(pipes[1][1]);
  ::close(pipes[2][1]);
  return Process{pid, pipes[0][1], pipes[1][0], pipes[2][0]};
}

/// Ends it and waits; returns whether it ended by itself with status 0.
bool stop(const Process& process) {
  ::close(process.in);
  ::kill(process.pid, SIGTERM);
  int status = 0;
  ::waitpid(process.pid, &status, 0);
  ::close(process.out);
  ::close(process.error);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Reads until `text` was seen; false if that does not happen in time. Appends to `seen`.
bool read_until(int fd, std::string_view text, int timeout_ms, std::string& seen) {
  const auto end = Clock::now() + std::chrono::milliseconds{timeout_ms};
  while (seen.find(text) == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) < 0) return false;
    if (wait.revents == 0) continue;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) return false;
    seen.append(buffer.data(), static_cast<size_t>(got));
  }
  return true;
}

/// Does `cause` at random times and measures until its text is readable at `fd`.
template <typename Cause>
std::optional<std::vector<double>> measure(int fd, int samples, Cause cause) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> pause(0, kLongestPause.count());
  std::vector<double> times;
  std::string seen;
  for (int i = 0; i < samples; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds{pause(random)});
    const std::string marker = fmt::format("/tmp/falcod-latency-{}-{}\n", ::getpid(), i);
    const auto before = Clock::now();
    cause(marker);
    if (!read_until(fd, marker, kLostAfterMs, seen)) {
      fmt::print(stderr, "sample {} did not arrive within {} ms\n", i, kLostAfterMs);
      return std::nullopt;
    }
    times.push_back(Milliseconds(Clock::now() - before).count());
    seen.clear();
  }
  std::ranges::sort(times);
  return times;
}

double percentile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

void print_row(std::string_view what, const std::vector<double>& times) {
  fmt::print("{:<24} p50 {:7.3f} ms   p99 {:7.3f} ms   max {:7.3f} ms\n", what,
             percentile(times, 0.5), percentile(times, 0.99), times.back());
}

std::optional<std::vector<double>> measure_cat(int samples) {
  const auto cat = start({"cat"});
  if (!cat) return std::nullopt;
  auto times = measure(cat->out, samples, [&](const std::string& marker) {
    [[maybe_unused]] const ssize_t written = ::write(cat->in, marker.data(), marker.size());
  });
  stop(*cat);
  return times;
}

std::optional<std::vector<double>> measure_falcod(const std::string& falcod, int samples) {
  const std::string rules = fmt::format("/tmp/falcod-latency-rule-{}.yaml", ::getpid());
  std::ofstream(rules) << kRule;
  const auto daemon = start({falcod, "--start=complete", "-r", rules});
  if (!daemon) return std::nullopt;
  std::string said;
  std::optional<std::vector<double>> times;
  if (read_until(daemon->error, " rules, ", kStartLimitMs, said)) {
    times = measure(daemon->out, samples, [](const std::string& marker) {
      // Absent: the attempt is what the rule reports.
      ::open(marker.substr(0, marker.size() - 1).c_str(), O_RDONLY | O_CLOEXEC);
    });
  } else {
    fmt::print(stderr, "falcod does not watch: {}\n", said);
  }
  if (!stop(*daemon)) fmt::print(stderr, "falcod did not end cleanly\n");
  ::unlink(rules.c_str());
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  int samples = kDefaultSamples;
  const std::string_view count = argc > 2 ? argv[2] : "";
  const bool valid =
      count.empty() ||
      (std::from_chars(count.data(), count.data() + count.size(), samples).ec == std::errc{} &&
       samples > 0);
  if (argc < 2 || !valid) {
    fmt::print(stderr, "usage: bench_latency FALCOD [SAMPLES]\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const auto baseline = measure_cat(samples);
  const auto alerts = measure_falcod(argv[1], samples);
  if (!baseline || !alerts) return 1;
  print_row("a line through cat", *baseline);
  print_row("an alert from falcod", *alerts);
  fmt::print("ratio of medians {:.1f}, limit {} ms: {}\n",
             percentile(*alerts, 0.5) / percentile(*baseline, 0.5), kLimitMs,
             alerts->back() <= kLimitMs ? "kept" : "exceeded");
  return alerts->back() <= kLimitMs ? 0 : 1;
}
